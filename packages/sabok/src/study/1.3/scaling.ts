// Networks whose weights are scaled: the random one of the chapter or a trained one, and what they answer.
import { Random, invariant, type Tensor } from "../../core/index.ts";
import { isState, type Graph } from "../../graph/index.ts";
import {
  batchNorm,
  conv2d,
  globalAvgPool,
  linear,
  network,
  type Network,
  type Weights,
} from "../../nn/index.ts";
import { toInference, withBatch } from "../../passes/index.ts";
import { createSession } from "../../runtime/index.ts";

/** Conv → BN → ReLU twice, then a classifier; `bias` gives the convolutions the biases the chapter asks about. */
export function smallNetwork({ bias, seed }: { readonly bias: boolean; readonly seed: number }): Network {
  return network(
    { image: [3, 8, 8] },
    ({ image }) => {
      const layer = (x: typeof image, name: string) =>
        batchNorm(conv2d(x, { out: 8, kernel: 3, padding: 1, bias, name: `${name}.conv` }), {
          activation: "relu",
          name: `${name}.norm`,
          momentum: 1, // one run over a large batch leaves that batch's statistics
        });
      return linear(globalAvgPool(layer(layer(image, "first"), "second")), {
        out: 10,
        bias: false,
        name: "classifier",
      });
    },
    { seed },
  );
}

/** The names of the convolution weights, and of the running statistics of the batch norm right after each. */
export interface ScaledLayer {
  readonly weight: string;
  readonly mean: string;
  readonly variance: string;
}

/** The convolutions of a network that a batch norm follows, in order. */
export function normalizedConvolutions(graph: Graph): ScaledLayer[] {
  const inference = toInference(graph);
  return inference.values.flatMap((norm) => {
    if (norm.op !== "batchNorm") return [];
    const producer = norm.inputs[0]!.op === "biasAdd" ? norm.inputs[0]!.inputs[0]! : norm.inputs[0]!;
    const [, , , mean, variance] = norm.inputs;
    if (producer.op !== "conv2d" || ![producer.inputs[1]!, mean!, variance!].every(isState)) return [];
    return [{ weight: producer.inputs[1]!.name, mean: mean!.name, variance: variance!.name }];
  });
}

/** The weights with some of them multiplied. */
export function scaled(weights: Weights, names: readonly string[], factor: number): Map<string, Tensor> {
  const result = new Map(weights);
  for (const name of names) {
    const state = weights.get(name);
    invariant(state, `no state "${name}"`);
    result.set(name, { shape: state.shape, data: Float64Array.from(state.data, (value) => factor * value) });
  }
  return result;
}

/** Draws the named states anew, normal with the given standard deviation. */
export function redrawn(weights: Weights, names: readonly string[], std: number): Map<string, Tensor> {
  const result = new Map(weights);
  for (const name of names) {
    const { shape, data } = weights.get(name)!;
    const random = new Random(name.length + data.length);
    result.set(name, { shape, data: Float64Array.from(data, () => std * random.normal()) });
  }
  return result;
}

export interface Answers {
  readonly logits: Float32Array;
  readonly classes: readonly number[];
}

/** A function from weights and images to logits at inference, on the engine. */
export async function inferenceOn(
  net: Pick<Network, "graph">,
  count: number,
): Promise<(weights: Weights, images: Float32Array) => Promise<Answers>> {
  const session = await createSession(withBatch(toInference(net.graph), count));
  const [input] = Object.keys(net.graph.inputs);
  return async (weights, images) => {
    session.setStates(weights);
    const logits = Object.values(await session.run({ [input!]: images }))[0]!;
    const width = logits.shape[1]!;
    const classes = Array.from({ length: count }, (_, i) => {
      const row = logits.data.subarray(i * width, (i + 1) * width);
      return row.indexOf(row.reduce((a, b) => Math.max(a, b)));
    });
    return { logits: logits.data, classes };
  };
}

/** The share of inputs that keep their class. */
export function keptShare(before: Answers, after: Answers): number {
  return before.classes.filter((label, i) => label === after.classes[i]).length / before.classes.length;
}
