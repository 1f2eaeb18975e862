// The same problem with real numbers for kernels and dilations, where calculus answers: what the whole numbers are near.
// A layer costs a_l·k_l², with a_l = C_{l−1}·C_l·(positions of its output).

/** The optimum over real kernels. */
export interface RelaxedOptimum {
  readonly kernels: readonly number[];
  /** d_l = Π_{i<l} k_i / J_{l−1}: the steps of a mixed radix, which just leave no hole. */
  readonly dilations: readonly number[];
  readonly macs: number;
  /** What every layer costs: the same. */
  readonly macsPerLayer: number;
}

/**
 * min Σ a_l·k_l² subject to Π k_l ≥ R, for without holes R ≤ Π k_l. The Karush-Kuhn-Tucker condition is
 * a_l·k_l² = const, equal MACs in every layer: k_l = R^(1/L)·(Πa)^(1/(2L))/√a_l, at a cost of L·R^(2/L)·(Πa)^(1/L).
 * `jumps` are J_0 … J_{L−1}; default 1.
 */
export function relaxedOptimum(weights: readonly number[], field: number, jumps?: readonly number[]): RelaxedOptimum {
  const depth = weights.length;
  const meanLog = weights.reduce((sum, weight) => sum + Math.log(weight), 0) / depth;
  const macsPerLayer = Math.exp((2 * Math.log(field)) / depth + meanLog);
  const kernels = weights.map((weight) => Math.sqrt(macsPerLayer / weight));
  let product = 1;
  const dilations = kernels.map((kernel, l) => {
    const dilation = product / (jumps?.[l] ?? 1);
    product *= kernel;
    return dilation;
  });
  return { kernels, dilations, macs: depth * macsPerLayer, macsPerLayer };
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
  return { layers: 2 * Math.log(field), kernel: Math.sqrt(Math.E), costPerWeight: 2 * Math.E * Math.log(field), wholeLayers };
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
