// Folding batch norm into the convolution next to it, by the library's pass, and what it would do across zero padding.
import { Random, type Tensor } from "../../core/index.ts";
import { interpret } from "../../backends/reference/index.ts";
import type { Value } from "../../graph/index.ts";
import { batchNorm, conv2d, network, type Network, type Weights } from "../../nn/index.ts";
import { foldBatchNorm, toInference } from "../../passes/index.ts";
import { largestDifference, normalTensor } from "../draw.ts";

export interface FoldingErrors {
  /** Conv → BN folded: the largest difference of the outputs. The pass stores weights in float32. */
  readonly intoConvolution: number;
  /** BN → zero-padded conv, folded all the same: the largest difference inside and at the border. */
  readonly interior: number;
  readonly border: number;
  /** Why the pass refuses the latter. */
  readonly refusal: string;
}

const size = 8;

export function foldingErrors(): FoldingErrors {
  const x = normalTensor(new Random(11), [2, 3, size, size], { mean: 1, std: 2 });
  const after = networkOf((x) => batchNorm(conv2d(x, { out: 4, kernel: 3, padding: 1 }), { name: "norm" }));
  const folded = foldBatchNorm(toInference(after.graph), after.weights);
  const reference = interpret(toInference(after.graph), { x }, after.weights).outputs["y"]!;
  const intoConvolution = largestDifference(
    reference.data,
    interpret(folded.graph, { x }, folded.weights).outputs["y"]!.data,
  );

  const before = networkOf((x) =>
    conv2d(batchNorm(x, { name: "norm" }), { out: 4, kernel: 3, padding: 1, name: "conv" }),
  );
  const [refused] = foldBatchNorm(toInference(before.graph), before.weights).refused;
  // Without padding the fold is exact; its weights are what a careless tool would use in the padded convolution too.
  const unpadded = networkOf((x) =>
    conv2d(batchNorm(x, { name: "norm" }), { out: 4, kernel: 3, name: "conv" }),
  );
  const careless = foldBatchNorm(toInference(unpadded.graph), before.weights).weights;
  const padded = networkOf((x) => conv2d(x, { out: 4, kernel: 3, padding: 1, bias: true, name: "conv" }));
  const exact = interpret(toInference(before.graph), { x }, before.weights).outputs["y"]!;
  const wrong = interpret(padded.graph, { x }, careless).outputs["y"]!;
  const inside = (i: number): boolean =>
    [Math.floor(i / size) % size, i % size].every((at) => at > 0 && at < size - 1);
  const errors = Array.from(exact.data, (value, i) => [inside(i), Math.abs(value - wrong.data[i]!)] as const);
  const largest = (wanted: boolean): number =>
    Math.max(...errors.filter(([is]) => is === wanted).map(([, error]) => error));
  return { intoConvolution, interior: largest(true), border: largest(false), refusal: refused!.reason };
}

/** A network with every parameter and running statistic drawn away from where it begins. */
function networkOf(build: (x: Value) => Value): Network {
  const net = network({ x: [3, size, size] }, ({ x }) => ({ y: build(x) }));
  return { graph: net.graph, weights: disturbed(net.weights) };
}

function disturbed(weights: Weights): Map<string, Tensor> {
  const spread = new Map<string, Tensor>();
  for (const [name, { shape, data }] of weights) {
    const random = new Random(data.length + name.length);
    const draw = (): number => (name.endsWith("running_var") ? 0.5 + 2 * random.uniform() : random.normal());
    spread.set(name, {
      shape,
      data: name.startsWith("norm.") || name.endsWith("bias") ? Float64Array.from(data, draw) : data,
    });
  }
  return spread;
}
