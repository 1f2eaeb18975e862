// How a signal travels: the variance of each layer's output on the way forward, the gradient's norm on the way back.
// Compiled once, read as often as one likes: while a network trains, say.
import { Random, mix32, sizeOf, type Shape, type Tensor } from "../../core/index.ts";
import {
  GraphBuilder,
  isState,
  makeGraph,
  shapeOf,
  statesOf,
  type Graph,
  type Value,
} from "../../graph/index.ts";
import { gradients } from "../../autodiff/index.ts";
import { crossEntropy, mean, mul, sum } from "../../ops/index.ts";
import { withBatch } from "../../passes/index.ts";
import { createSession } from "../../runtime/index.ts";
import { signalRows } from "./signalRows.ts";

export interface LayerSignal {
  readonly name: string;
  readonly op: string;
  /** Variance of what the layer's convolution or linear map gives, or the sum, before norm and activation, over the batch. */
  readonly before: number;
  /** Of the layer's output: variance, and mean of squares. */
  readonly variance: number;
  readonly meanSquare: number;
  /** ‖∂L/∂y‖ of the layer's output y, root mean square over its numbers times the batch: comparable between layers. */
  readonly gradient: number;
  /** ‖∂L/∂W‖/‖W‖ of its weight; null where it has none. */
  readonly gradientToWeight: number | null;
}

export interface SignalProbeOptions {
  /** Images in the batch. Default 4. */
  readonly batch?: number;
  /** What images and labels that are not given are drawn from. Default 1. */
  readonly seed?: number;
}

export interface SignalProbe {
  /**
   * The moments of every layer with these weights. `images` [batch,C,H,W], normalised; default standard normal numbers.
   * `labels` [batch], the class of each image; default random ones.
   */
  measure(
    weights: ReadonlyMap<string, Tensor>,
    images?: Float32Array,
    labels?: ArrayLike<number>,
  ): Promise<LayerSignal[]>;
  close(): void;
}

/**
 * One training step's forward and backward passes, batch norm by the batch's statistics, cross-entropy (mean square
 * where the output is not [N,K]), with each layer's moments as its results.
 */
export async function signalProbe(
  graph: Graph,
  { batch = 4, seed = 1 }: SignalProbeOptions = {},
): Promise<SignalProbe> {
  const forward = withBatch(graph, batch);
  const layers = signalRows(forward);
  const [output] = Object.values(forward.outputs);
  const [[inputName, input]] = Object.entries(forward.inputs) as [[string, Value]];
  const g = new GraphBuilder();
  const shape = shapeOf(output!);
  const isClassifier = shape.length === 2;
  const loss = isClassifier
    ? g.apply(crossEntropy, [output!, g.input("signal.target", shape)], {})
    : g.apply(mean, [g.apply(mul, [output!, output!])], {});
  const outputs: Record<string, Value> = {};
  const squares = (value: Value): Value => g.apply(sum, [g.apply(mul, [value, value])], {});
  const results = layers.map(({ values }) => values.at(-1)!);
  const parameters = [...statesOf(forward, "parameter").values()].filter(({ type }) => type.shape.length > 1);
  const slopes = gradients(g, loss, [...results, ...parameters]);
  for (const [i, { values }] of layers.entries()) {
    outputs[`before.${i}`] = squares(values[0]!);
    outputs[`before.sum.${i}`] = g.apply(sum, [values[0]!], {});
    outputs[`square.${i}`] = squares(results[i]!);
    outputs[`sum.${i}`] = g.apply(sum, [results[i]!], {});
    outputs[`slope.${i}`] = squares(slopes[i]!);
  }
  for (const [i] of parameters.entries()) outputs[`weight.${i}`] = squares(slopes[results.length + i]!);
  const own = g.finish(outputs);
  const session = await createSession(makeGraph({ inputs: { ...forward.inputs, ...own.inputs }, outputs }));
  const feedsOf = (images?: Float32Array, labels?: ArrayLike<number>): Record<string, Float32Array> => {
    const random = new Random(mix32(seed));
    const feeds: Record<string, Float32Array> = { [inputName]: images ?? normal(random, shapeOf(input)) };
    for (const [name, other] of Object.entries(forward.inputs))
      if (name !== inputName) feeds[name] = normal(random, shapeOf(other));
    if (isClassifier)
      feeds["signal.target"] = oneHot(
        shape,
        labels ?? Array.from({ length: batch }, () => random.integer(shape[1]!)),
      );
    return feeds;
  };
  return {
    close: () => session.close(),
    async measure(weights, images, labels) {
      session.setStates(weights);
      const found = await session.run(feedsOf(images, labels));
      const read = (name: string): number => found[name]!.data[0]!;
      return layers.map(({ name, op, values }, i): LayerSignal => {
        const [first, last] = [sizeOf(shapeOf(values[0]!)), sizeOf(shapeOf(results[i]!))];
        const weight = values
          .flatMap(({ inputs }) => inputs)
          .find((value) => isState(value) && parameters.includes(value));
        const data = weight && weights.get(weight.name)?.data;
        return {
          name,
          op,
          before: variance(read(`before.${i}`), read(`before.sum.${i}`), first),
          variance: variance(read(`square.${i}`), read(`sum.${i}`), last),
          meanSquare: read(`square.${i}`) / last,
          gradient: Math.sqrt(read(`slope.${i}`) / last) * batch,
          gradientToWeight:
            weight && data ? Math.sqrt(read(`weight.${parameters.indexOf(weight)}`)) / norm(data) : null,
        };
      });
    },
  };
}

function variance(squares: number, total: number, count: number): number {
  return squares / count - (total / count) ** 2;
}

function norm(data: ArrayLike<number>): number {
  let squares = 0;
  for (let i = 0; i < data.length; i++) squares += data[i]! ** 2;
  return Math.sqrt(squares);
}

function normal(random: Random, shape: Shape): Float32Array {
  return Float32Array.from({ length: sizeOf(shape) }, () => random.normal());
}

function oneHot([batch, classes]: Shape, labels: ArrayLike<number>): Float32Array {
  const rows = new Float32Array(batch! * classes!);
  for (let image = 0; image < batch!; image++) rows[image * classes! + labels[image]!] = 1;
  return rows;
}
