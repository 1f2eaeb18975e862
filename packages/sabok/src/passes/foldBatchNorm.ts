// Batch norm with running statistics is an affine map a channel; next to a convolution it becomes part of the weights.
import { invariant, type Tensor, type TensorData } from "../core/index.ts";
import { applyActivation, batchNorm, biasAdd, opTable } from "../ops/index.ts";
import {
  GraphBuilder,
  attributesOf,
  isState,
  rebuild,
  rewriteGraph,
  shapeOf,
  usersOf,
  verifyGraph,
  type Graph,
  type Value,
} from "../graph/index.ts";

export interface Folded {
  readonly graph: Graph;
  readonly weights: Map<string, Tensor>;
  /** The batch norms that stay, each with the reason. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * Folds every batch norm of an inference graph that can be folded exactly:
 * W' = γW/√(σ²+ε), b' = (b − μ)γ/√(σ²+ε) + β into the convolution or linear layer before it, or, where none is
 * before it, into an unpadded convolution after it. A batch norm before a zero-padded convolution stays: the zeros
 * of the padding are not the image of a constant, so the border would be wrong.
 */
export function foldBatchNorm(graph: Graph, weights: ReadonlyMap<string, Tensor>): Folded {
  const users = usersOf(graph);
  const folding = new Folding(weights);
  const targets = new Map<Value, Value>();
  const refused: { name: string; reason: string }[] = [];
  for (const norm of graph.values.filter((value) => value.op === "batchNorm")) {
    const plan = findTarget(norm, users);
    if (typeof plan === "string") refused.push({ name: norm.name, reason: plan });
    else targets.set(norm, plan);
  }
  const normBefore = new Map<Value, Value>();
  for (const [norm, target] of targets) if (target.inputs[0] === norm) normBefore.set(target, norm);
  const rewritten = rewriteGraph(graph, opTable, ({ value, inputs }) => {
    const target = targets.get(value);
    // A norm that goes into the convolution after it falls away here; that convolution takes it up when it is reached.
    if (target) return normBefore.has(target) ? inputs[0]! : folding.intoProducer(value, inputs[0]!);
    const norm = normBefore.get(value);
    return norm ? folding.intoConsumer(norm, value, inputs) : null;
  });
  return {
    graph: verifyGraph(rewritten, opTable, "foldBatchNorm"),
    weights: folding.result(rewritten),
    refused,
  };
}

/** The convolution or linear layer that can take the batch norm exactly, or why there is none. */
function findTarget(norm: Value, users: ReadonlyMap<Value, readonly Value[]>): Value | string {
  const [x, ...vectors] = norm.inputs;
  const unknown = vectors.find((vector) => !isState(vector));
  if (unknown)
    return `its ${unknown.op === "batchMean" || unknown.op === "batchVariance" ? "statistics are the batch's (fold the inference graph)" : "parameters are computed, not stored"}`;
  const producer = x!.op === "biasAdd" ? x!.inputs[0]! : x!;
  if (producer.op === "conv2d" || producer.op === "linear") {
    const chain = x === producer ? [x] : [x!, producer];
    if (chain.some((value) => users.get(value)!.length > 1))
      return `"${producer.name}" before it has other readers`;
    return unusableWeight(producer, users) ?? producer;
  }
  const readers = users.get(norm)!;
  const [consumer] = readers;
  if (
    norm.attrs["activation"] !== "none" ||
    readers.length !== 1 ||
    consumer!.op !== "conv2d" ||
    consumer!.inputs[0] !== norm
  )
    return "no convolution or linear layer stands directly before or after it";
  if ((consumer!.attrs["padding"] as readonly number[]).some((p) => p > 0))
    return `it comes before "${consumer!.name}", which pads with zeros: folding would be wrong at the border`;
  return unusableWeight(consumer!, users) ?? consumer!;
}

function unusableWeight(layer: Value, users: ReadonlyMap<Value, readonly Value[]>): string | undefined {
  const weight = layer.inputs[1]!;
  if (!isState(weight)) return `the weight of "${layer.name}" is computed, not stored`;
  return users.get(weight)!.length > 1
    ? `the weight of "${layer.name}" is shared with another layer`
    : undefined;
}

class Folding {
  private readonly g = new GraphBuilder();
  private readonly changed = new Map<string, Tensor>();

  private readonly weights: ReadonlyMap<string, Tensor>;

  constructor(weights: ReadonlyMap<string, Tensor>) {
    this.weights = weights;
  }

  /** `source` is the rewritten conv2d or linear, or the biasAdd over it. */
  intoProducer(norm: Value, source: Value): Value {
    const layer = source.op === "biasAdd" ? source.inputs[0]! : source;
    const oldBias = source.op === "biasAdd" ? source.inputs[1]! : undefined;
    const weight = layer.inputs[1]!;
    const { gain, shift } = this.affine(norm);
    const data = this.data(weight);
    this.changed.set(weight.name, { shape: shapeOf(weight), data: scaleOutputs(data, gain) });
    const before = oldBias ? this.data(oldBias) : new Float32Array(gain.length);
    const bias = this.bias(
      layer,
      oldBias,
      Float32Array.from(before, (b, o) => b * gain[o]! + shift[o]!),
    );
    return this.withActivation(
      norm,
      this.g.at(layer.name, () => this.g.apply(biasAdd, [layer, bias])),
    );
  }

  /** The rewritten operands of the convolution after the norm; its first one already skips the norm. */
  intoConsumer(norm: Value, conv: Value, inputs: readonly Value[]): Value {
    const weight = inputs[1]!;
    const { gain, shift } = this.affine(norm);
    const [outputs, groupChannels, kh, kw] = shapeOf(weight) as [number, number, number, number];
    const perGroup = outputs / (conv.attrs["groups"] as number);
    const data = this.data(weight);
    const scaled = new Float32Array(data.length);
    const bias = new Float64Array(outputs);
    for (let i = 0; i < data.length; i++) {
      const output = Math.floor(i / (groupChannels * kh * kw));
      const channel =
        Math.floor(output / perGroup) * groupChannels + (Math.floor(i / (kh * kw)) % groupChannels);
      scaled[i] = data[i]! * gain[channel]!;
      bias[output]! += data[i]! * shift[channel]!;
    }
    this.changed.set(weight.name, { shape: shapeOf(weight), data: scaled });
    const folded = rebuild(conv, inputs, opTable);
    return this.g.at(conv.name, () =>
      this.g.apply(biasAdd, [folded, this.bias(conv, undefined, Float32Array.from(bias))]),
    );
  }

  result(graph: Graph): Map<string, Tensor> {
    const result = new Map<string, Tensor>();
    for (const value of graph.values.filter(isState)) {
      const tensor = this.changed.get(value.name) ?? this.weights.get(value.name);
      invariant(tensor, `no data for "${value.name}"`);
      result.set(value.name, tensor);
    }
    return result;
  }

  /** x ↦ gain·x + shift, the batch norm of each channel. */
  private affine(norm: Value): { gain: Float64Array; shift: Float64Array } {
    const [scale, offset, mean, variance] = norm.inputs.slice(1).map((state) => this.data(state)) as [
      TensorData,
      TensorData,
      TensorData,
      TensorData,
    ];
    const epsilon = norm.attrs["epsilon"] as number;
    const gain = Float64Array.from(scale, (gamma, c) => gamma / Math.sqrt(variance[c]! + epsilon));
    return { gain, shift: Float64Array.from(offset, (beta, c) => beta - mean[c]! * gain[c]!) };
  }

  private withActivation(norm: Value, folded: Value): Value {
    return norm.attrs["activation"] === "none"
      ? folded
      : this.g.at(norm.name, () => applyActivation(this.g, folded, attributesOf(norm, batchNorm)));
  }

  private bias(layer: Value, old: Value | undefined, data: Float32Array): Value {
    const name = old?.name ?? `${layer.inputs[1]!.name.replace(/\.?weight$/, "")}.bias`;
    this.changed.set(name, { shape: [data.length], data });
    return old ?? this.g.at("", () => this.g.parameter(name, [data.length], { kind: "constant", value: 0 }));
  }

  private data(state: Value): TensorData {
    const tensor = this.changed.get(state.name) ?? this.weights.get(state.name);
    invariant(tensor, `no data for "${state.name}"`);
    return tensor.data;
  }
}

/** A weight with each output's numbers times its gain. Row by row, so that the engine soon compiles the loop. */
function scaleOutputs(data: TensorData, gain: Float64Array): Float32Array {
  const scaled = new Float32Array(data.length);
  const perOutput = data.length / gain.length;
  gain.forEach((factor, output) =>
    scaleRow(data, scaled, output * perOutput, (output + 1) * perOutput, factor),
  );
  return scaled;
}

function scaleRow(from: TensorData, to: Float32Array, begin: number, end: number, factor: number): void {
  for (let i = begin; i < end; i++) to[i] = from[i]! * factor;
}
