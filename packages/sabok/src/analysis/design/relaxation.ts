// The same problem with real numbers for kernels and dilations, where calculus answers: what the whole numbers are near.
// A layer costs a_l·k_l², with a_l = C_{l−1}·C_l·(positions of its output).

/** The optimum over real kernels of at least 1. */
export interface RelaxedOptimum {
  readonly kernels: readonly number[];
  /** d_l = (product of the kernels with smaller steps) / J_{l−1}: the steps of a mixed radix, which just leave no hole. */
  readonly dilations: readonly number[];
  readonly layerMacs: readonly number[];
  readonly macs: number;
  /** What every layer costs whose kernel is above 1: the same. */
  readonly macsPerLayer: number;
}

export interface RelaxedLayers {
  /** J_0 … J_{L−1}; default 1. */
  readonly jumps?: readonly number[];
  /** The layers from the smallest step to the largest; default: as they stand. */
  readonly order?: readonly number[];
}

/**
 * min Σ a_l·k_l² subject to Π k_l ≥ R and k_l ≥ 1, for without holes R ≤ Π k_l. The Karush-Kuhn-Tucker condition is
 * a_l·k_l² = const, equal MACs in every layer: k_l = R^(1/L)·(Πa)^(1/(2L))/√a_l, at a cost of L·R^(2/L)·(Πa)^(1/L). Where
 * that gives a kernel below 1, a layer too dear for it, the kernel is 1 and the others share R.
 */
export function relaxedOptimum(
  weights: readonly number[],
  field: number,
  { jumps, order }: RelaxedLayers = {},
): RelaxedOptimum {
  const equalMacs = (layers: readonly number[]): number =>
    Math.exp(
      (2 * Math.log(field) + layers.reduce((sum, l) => sum + Math.log(weights[l]!), 0)) / layers.length,
    );
  let shared = [...weights.keys()];
  let macsPerLayer = equalMacs(shared);
  for (;;) {
    const price = macsPerLayer;
    const affordable = shared.filter((l) => weights[l]! <= price);
    if (affordable.length === shared.length || affordable.length === 0) break;
    shared = affordable;
    macsPerLayer = equalMacs(shared);
  }
  const kernels = weights.map((weight, l) => (shared.includes(l) ? Math.sqrt(macsPerLayer / weight) : 1));
  const layerMacs = weights.map((weight, l) => weight * kernels[l]! ** 2);
  const dilations = kernels.map(() => 1);
  let product = 1;
  for (const l of order ?? weights.keys()) {
    dilations[l] = product / (jumps?.[l] ?? 1);
    product *= kernels[l]!;
  }
  return { kernels, dilations, layerMacs, macs: layerMacs.reduce((a, b) => a + b, 0), macsPerLayer };
}

/** The best number of equal layers, where each costs a·k²: F(L) = a·L·R^(2/L) is least at L = 2·ln R, where k = √e. */
export interface DepthLaw {
  readonly layers: number;
  readonly kernel: number;
  /** F/a. */
  readonly costPerWeight: number;
  /** With whole kernels of the given size k: ⌈log_k R⌉, the fewest layers without holes. */
  readonly wholeLayers: number;
}

/** `smallestKernel` is the smallest above 1. */
export function depthLaw(field: number, smallestKernel: number): DepthLaw {
  let wholeLayers = 0;
  for (let reach = 1; reach < field; reach *= smallestKernel) wholeLayers++;
  return {
    layers: 2 * Math.log(field),
    kernel: Math.sqrt(Math.E),
    costPerWeight: 2 * Math.E * Math.log(field),
    wholeLayers,
  };
}

/**
 * The stationary point of Lagrange's function when nothing forbids holes: every dilation at its bound D, no optimum
 * inside. With equal weights and no stride all kernels are 1 + u/L, u = (R − 1)/D, and F/a = L·(1 + u/L)², least at L = u.
 */
export interface UnboundedDilation {
  readonly kernel: number;
  readonly costPerWeight: number;
  readonly bestDepth: number;
}

export function unboundedDilation(field: number, maxDilation: number, depth: number): UnboundedDilation {
  const bestDepth = (field - 1) / maxDilation;
  const kernel = 1 + bestDepth / depth;
  return { kernel, costPerWeight: depth * kernel ** 2, bestDepth };
}
