// Random branches W2·relu(W1·x) of an inverted residual, many at once as groups of one convolution, and the library's gradients
// through them.
import { tensor, zeros, type Random, type Tensor, rankOf } from "../../core/index.ts";
import type { Value } from "../../graph/index.ts";
import { add, conv2d, evaluate, relu } from "../../nn/index.ts";
import { gradientsOf } from "../gradientsOf.ts";
import { normalTensor } from "../draw.ts";

export interface Branches {
  /** Channels of the ends. */
  readonly n: number;
  /** Expansion factor. */
  readonly t: number;
  /** "kept": variances 2/n and 1/(tn), which keep the size of a signal; "fixed": 1/n for both. */
  readonly init: "kept" | "fixed";
}

/** At most so many weights are drawn at once. */
const mostWeights = 1.5e6;

/** ‖Jᵀg‖²/‖g‖² of independent random branches, at a random input and for a random g. */
export async function branchGains(random: Random, branches: Branches, trials: number): Promise<number[]> {
  const { n } = branches;
  const found: number[] = [];
  const atOnce = Math.max(1, Math.floor(mostWeights / (2 * branches.t * n * n)));
  while (found.length < trials) {
    const count = Math.min(atOnce, trials - found.length);
    const weights = drawWeights(random, branches, count);
    const [x, g] = [0, 1].map(() => normalTensor(random, [1, count * n, 1, 1])) as [Tensor, Tensor];
    const dx = await evaluate(
      (x, w1, w2, g) => gradientsOf(branch(x, w1, w2, count), [x], g)[0]!,
      [x, ...weights, g],
    );
    found.push(...gainsOf(dx, g, count, n));
  }
  return found;
}

/** ‖∂y/∂xᵀ g‖²/‖g‖² of whole chains of branches, with or without a skip around each. */
export async function chainGains(
  random: Random,
  branches: Branches,
  { depth, nets, skip }: { readonly depth: number; readonly nets: number; readonly skip: boolean },
): Promise<number[]> {
  const { n, t } = branches;
  const found: number[] = [];
  const atOnce = Math.max(1, Math.floor((2 * mostWeights) / (2 * t * n * n * depth)));
  while (found.length < nets) {
    const count = Math.min(atOnce, nets - found.length);
    const weights = Array.from({ length: depth }, () => drawWeights(random, branches, count)).flat();
    const [x, g] = [0, 1].map(() => normalTensor(random, [1, count * n, 1, 1])) as [Tensor, Tensor];
    const dx = await evaluate(
      (x, g, ...rest) => {
        let y: Value = x;
        for (let l = 0; l < depth; l++) {
          const z = branch(y, rest[2 * l]!, rest[2 * l + 1]!, count);
          y = skip ? add(y, z) : z;
        }
        return gradientsOf(y, [x], g)[0]!;
      },
      [x, g, ...weights],
    );
    found.push(...gainsOf(dx, g, count, n));
  }
  return found;
}

/** The mean of rank(J)/n over random branches: J by n cotangents at once, its rank by singular values. */
export async function meanRank(random: Random, branches: Branches, trials: number): Promise<number> {
  const { n } = branches;
  const weights = drawWeights(random, branches, trials);
  const one = normalTensor(random, [1, trials * n]);
  const x = tensor(
    [n, trials * n, 1, 1],
    Float64Array.from({ length: n * trials * n }, (_, at) => one.data[at % (trials * n)]!),
  );
  const g = tensor(
    [n, trials * n, 1, 1],
    Float64Array.from({ length: n * trials * n }, (_, at) =>
      at % n === Math.floor(at / (trials * n)) ? 1 : 0,
    ),
  );
  const rows = await evaluate(
    (x, w1, w2, g) => gradientsOf(branch(x, w1, w2, trials), [x], g)[0]!,
    [x, ...weights, g],
  );
  let sum = 0;
  for (let trial = 0; trial < trials; trial++) {
    const jacobian = zeros([n, n]);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) jacobian.data[i * n + j] = rows.data[(i * trials + trial) * n + j]!;
    sum += rankOf(jacobian) / n;
  }
  return sum / trials;
}

function branch(x: Value, w1: Value, w2: Value, groups: number): Value {
  return conv2d(relu(conv2d(x, w1, { groups })), w2, { groups });
}

function drawWeights(random: Random, { n, t, init }: Branches, count: number): readonly [Tensor, Tensor] {
  const [first, second] = init === "kept" ? [2 / n, 1 / (t * n)] : [1 / n, 1 / n];
  return [
    normalTensor(random, [count * t * n, n, 1, 1], { std: Math.sqrt(first) }),
    normalTensor(random, [count * n, t * n, 1, 1], { std: Math.sqrt(second) }),
  ];
}

function gainsOf(dx: Tensor, g: Tensor, count: number, n: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    let [above, below] = [0, 0];
    for (let j = i * n; j < (i + 1) * n; j++) {
      above += dx.data[j]! ** 2;
      below += g.data[j]! ** 2;
    }
    return above / below;
  });
}
