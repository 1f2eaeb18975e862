// A TensorFlow Lite model, or the part of one between given tensors, as a graph.
import { SabokError, nearestNames, type Shape, type Tensor } from "../core/index.ts";
import { GraphBuilder, type Graph, type Value } from "../graph/index.ts";
import { inMapOrder, type ChannelsLastContext, type ChannelsLastTensor } from "./channelsLast.ts";
import { foldKnown, listOf } from "./foldKnown.ts";
import type { ModelMetadata } from "./metadata.ts";
import { readTflite, type TfliteModel, type TfliteOperator } from "./tfliteModel.ts";
import { TfliteNode } from "./tfliteNode.ts";
import { tfliteRules } from "./tfliteRules.ts";

export interface TfliteImportOptions {
  /**
   * Where the graph begins: the shape of each tensor that is fed, by name, in the file's order [N,H,W,C]. Any tensor may be one,
   * which leaves out what comes before it. Default: the model's inputs with the shapes it states.
   */
  readonly inputs?: Readonly<Record<string, Shape>>;
  /** The tensors where it ends. Default: the model's outputs. */
  readonly outputs?: readonly string[];
}

/**
 * Reads a .tflite model for inference: in float32, in float16, with quantised weights, or quantised throughout.
 *
 * Maps are [N,C,H,W] at inputs and outputs, as everywhere in sabok. Weights are parameters under the names of their tensors. Quantised
 * tensors are the real numbers they stand for, scale · (stored − zero), at inputs and outputs too: between layers nothing is rounded.
 * For an input of 8-bit pixels, `metadata` holds the mean and standard deviation that make the real numbers of pixels/255.
 * Throws SabokError where the bytes are no TFLite model or are damaged, or a needed operator is not imported; all unknown operators are
 * listed at once.
 */
export function fromTflite(
  bytes: Uint8Array,
  { inputs, outputs }: TfliteImportOptions = {},
): { readonly graph: Graph; readonly weights: Map<string, Tensor>; readonly metadata: ModelMetadata } {
  const model = readTflite(bytes);
  const indexOf = new Map(model.tensors.map(({ name }, i) => [name, i]));
  const find = (name: string): number => {
    const index = indexOf.get(name);
    if (index !== undefined) return index;
    const nearest = nearestNames(name, indexOf.keys(), 1)[0];
    throw new SabokError(`The model has no tensor "${name}".${nearest ? ` Did you mean "${nearest}"?` : ""}`);
  };
  const begins: (readonly [number, Shape])[] = inputs
    ? Object.entries(inputs).map(([name, shape]) => [find(name), shape])
    : model.inputs.map((index) => [index, model.tensors[index]!.shape]);
  const ends = outputs?.map(find) ?? model.outputs;
  if (ends.length === 0) throw new SabokError("This TFLite model has no outputs.");
  const needed = operatorsTo(ends, model, new Set(begins.map(([index]) => index)));
  expectKnown(needed);
  const context: ChannelsLastContext = { g: new GraphBuilder(), weights: new Map(), states: new Map() };
  const tensors = new Map<number, ChannelsLastTensor>();
  for (const [index, shape] of begins)
    tensors.set(index, inputOf(context, model.tensors[index]!.name, shape));
  for (const operator of needed) importOperator(context, model, operator, tensors);
  const end: TfliteOperator = {
    op: "graph",
    name: "outputs",
    inputs: ends,
    outputs: [],
    options: undefined,
    customOptions: new Uint8Array(0),
  };
  const node = new TfliteNode(
    context,
    end,
    ends.map((index) => tensorAt(model, tensors, index)),
    [],
  );
  const results = ends.map((index, i) => [model.tensors[index]!.name, outputValue(node, i)] as const);
  return {
    graph: context.g.finish(Object.fromEntries(results)),
    weights: context.weights,
    metadata: metadataOf(model),
  };
}

/** The operators that the ends need, in the file's order, in which each comes after what it reads. */
function operatorsTo(
  ends: readonly number[],
  { operators }: TfliteModel,
  begins: ReadonlySet<number>,
): TfliteOperator[] {
  const wanted = new Set(ends);
  const needed: TfliteOperator[] = [];
  for (const operator of operators.toReversed()) {
    if (!operator.outputs.some((index) => wanted.has(index) && !begins.has(index))) continue;
    for (const index of operator.inputs) wanted.add(index);
    needed.push(operator);
  }
  return needed.reverse();
}

function expectKnown(operators: readonly TfliteOperator[]): void {
  const unknown = new Map<string, string[]>();
  for (const { op, name } of operators)
    if (!tfliteRules.has(op)) unknown.set(op, [...(unknown.get(op) ?? []), name]);
  if (unknown.size === 0) return;
  const lines = [...unknown].map(([op, names]) => {
    const more = names.length > 3 ? ` and ${names.length - 3} more` : "";
    return `${op} ("${names.slice(0, 3).join('", "')}"${more})`;
  });
  throw new SabokError(
    `The model has ${unknown.size === 1 ? "an operator" : `${unknown.size} operators`} that sabok does not import:\n  ${lines.join("\n  ")}\n` +
      `Give inputs and outputs that leave them out.`,
  );
}

function inputOf({ g }: ChannelsLastContext, name: string, shape: Shape): ChannelsLastTensor {
  if (shape.some((length) => !(length >= 1)))
    throw new SabokError(
      `The input "${name}" has shape [${shape}]; give it as inputs: { "${name}": [N, H, W, C] }.`,
    );
  if (shape.length !== 4) return { kind: "plain", value: g.input(name, shape) };
  return { kind: "map", value: g.input(name, inMapOrder(shape)) };
}

function importOperator(
  context: ChannelsLastContext,
  model: TfliteModel,
  operator: TfliteOperator,
  tensors: Map<number, ChannelsLastTensor>,
): void {
  const rule = tfliteRules.get(operator.op)!;
  const where = `${operator.op} "${operator.name}"`;
  const operands = operator.inputs.map((index) => {
    if (index === -1) return undefined;
    const operand = tensorAt(model, tensors, index);
    if (operand) return operand;
    throw new SabokError(
      `${where}: it reads "${model.tensors[index]!.name}", which neither an input, the file nor an operator before it gives.`,
    );
  });
  const results = operator.outputs.map((index) => model.tensors[index]!);
  const nodeOf = (
    context: ChannelsLastContext,
    operands: readonly (ChannelsLastTensor | undefined)[],
  ): TfliteNode => new TfliteNode(context, operator, operands, results);
  const list =
    foldKnown(context, operands, (i) => results[i]?.name ?? "", nodeOf, rule) ??
    listOf(rule(nodeOf(context, operands)));
  for (const [i, index] of operator.outputs.entries()) {
    const result = list[i];
    if (!result) throw new SabokError(`${where}: sabok does not compute its result ${i}.`);
    if (tensors.has(index))
      throw new SabokError(`The model makes "${model.tensors[index]!.name}" twice; it is damaged.`);
    tensors.set(index, result);
  }
}

/** A tensor made so far, or one that the file holds, read once. */
function tensorAt(
  model: TfliteModel,
  tensors: Map<number, ChannelsLastTensor>,
  index: number,
): ChannelsLastTensor | undefined {
  const made = tensors.get(index);
  if (made) return made;
  const tensor = model.numbersOf(index);
  if (!tensor) return undefined;
  const known: ChannelsLastTensor = { kind: "known", name: model.tensors[index]!.name, tensor };
  tensors.set(index, known);
  return known;
}

/** An output: a map where the file has [N,H,W,C]. */
function outputValue(node: TfliteNode, position: number): Value {
  return node.shape(position).length === 4 ? node.map(position) : node.plain(position);
}

/** What makes the real numbers of an input of 8-bit pixels: scale · (pixel − zero) = (pixel/255 − mean)/std. */
function metadataOf({ description, inputs, tensors }: TfliteModel): ModelMetadata {
  const said = description === "" ? {} : { description };
  const image = inputs.length === 1 ? tensors[inputs[0]!] : undefined;
  const channels = image?.shape.length === 4 ? image.shape[3]! : 0;
  const [scale] = image?.quantization?.scale ?? [];
  const zero = image?.quantization?.zero[0] ?? 0;
  // A signed byte is the pixel less 128.
  const first = { uint8: 0, int8: -128 }[image?.type as string];
  if (scale === undefined || !(scale > 0) || first === undefined || (channels !== 1 && channels !== 3))
    return said;
  const each = (value: number): number[] => Array.from({ length: channels }, () => value);
  return { ...said, mean: each((zero - first) / 255), std: each(1 / (255 * scale)) };
}
