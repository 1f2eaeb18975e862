// A TensorFlow.js graph model, or the part of one between given tensors, as a graph.
import { SabokError, nearestNames, sizeOf, type Shape, type Tensor } from "../core/index.ts";
import { GraphBuilder, shapeOf, type Graph, type Value } from "../graph/index.ts";
import { transpose } from "../ops/index.ts";
import { elementTypes, readElements, type ElementType } from "./elementTypes.ts";
import type { ChannelsLastContext, ChannelsLastTensor } from "./channelsLast.ts";
import { foldKnown, listOf as resultList } from "./foldKnown.ts";
import { TfjsNode, type TfjsAttribute, type TfjsNodeDef } from "./tfjsNode.ts";
import { tfjsRules } from "./tfjsRules.ts";

export interface TfjsImportOptions {
  /**
   * Where the graph begins: the shape of each tensor that is fed, by node name, in TensorFlow's order [N,H,W,C]. Any node may be
   * one, which leaves out what comes before it. Default: the placeholders, with the shapes they state and a batch of 1.
   */
  readonly inputs?: Readonly<Record<string, Shape>>;
  /** The results where it ends: a node's first is called as the node is, others "name:1" and so on. Default: all of the nodes that no node reads. */
  readonly outputs?: readonly string[];
}

/**
 * Reads a graph model of TensorFlow.js (tf.loadGraphModel's model.json) for inference.
 *
 * Maps are [N,C,H,W] at inputs and outputs, as everywhere in sabok. Weights are parameters under the names of their nodes.
 * @param json the text of model.json
 * @param shards the bytes of the weight files, by the paths the manifest names
 * Throws SabokError where the text is no such model, a shard is missing or short, or a needed operator is not imported; all unknown
 * operators are listed at once.
 */
export function fromTfjs(
  json: string,
  shards: ReadonlyMap<string, Uint8Array>,
  { inputs, outputs }: TfjsImportOptions = {},
): { readonly graph: Graph; readonly weights: Map<string, Tensor> } {
  const model = parse(json);
  const constants = readManifest(model["weightsManifest"], shards);
  const nodes = new Map(nodesOf(model).map((node) => [node.name, node]));
  const begins = new Map(
    Object.entries(inputs ?? placeholders(nodes)).map(([name, shape]) => [endOf(name), shape]),
  );
  const ends = outputs ?? unread(nodes);
  for (const name of [...begins.keys(), ...ends])
    if (!nodes.has(nodeOf(name))) {
      const nearest = nearestNames(name, nodes.keys(), 1)[0];
      throw new SabokError(`The model has no node "${name}".${nearest ? ` Did you mean "${nearest}"?` : ""}`);
    }
  const order = sortedTo(ends, nodes, begins);
  expectKnown(order);
  const context: ChannelsLastContext = { g: new GraphBuilder(), weights: new Map(), states: new Map() };
  const tensors = new Map<string, ChannelsLastTensor>();
  for (const [name, shape] of begins) tensors.set(name, inputOf(context, name, shape));
  for (const node of order)
    for (const [i, result] of resultsOf(context, node, tensors, constants).entries()) {
      const name = i === 0 ? node.name : `${node.name}:${i}`;
      if (!begins.has(name)) tensors.set(name, result);
    }
  // An end that is not asked for by name gives all its results.
  const more = (name: string): string[] => [...tensors.keys()].filter((key) => key.startsWith(`${name}:`));
  const names = outputs ?? ends.flatMap((name) => [name, ...more(name)]);
  const values = names.map((name) => [name, valueOf(context, resultAt(tensors, name), name)] as const);
  return { graph: context.g.finish(Object.fromEntries(values)), weights: context.weights };
}

/** The results of a node, whose operands stand in `tensors`. */
function resultsOf(
  context: ChannelsLastContext,
  node: TfjsNodeDef,
  tensors: ReadonlyMap<string, ChannelsLastTensor>,
  constants: ReadonlyMap<string, Tensor>,
): readonly ChannelsLastTensor[] {
  if (node.op === "Const") {
    const tensor = constants.get(node.name);
    if (!tensor) throw new SabokError(`The weights have no "${node.name}".`);
    return [{ kind: "known", name: node.name, tensor }];
  }
  const operands = operandsOf(node).map((name) => resultAt(tensors, name));
  const rule = tfjsRules[node.op]!;
  const nameOf = (i: number): string => (i === 0 ? node.name : `${node.name}:${i}`);
  const nodeWith = (
    within: ChannelsLastContext,
    given: readonly (ChannelsLastTensor | undefined)[],
  ): TfjsNode => new TfjsNode(within, node, given);
  return (
    foldKnown(context, operands, nameOf, nodeWith, rule) ?? resultList(rule(nodeWith(context, operands)))
  );
}

function resultAt(tensors: ReadonlyMap<string, ChannelsLastTensor>, name: string): ChannelsLastTensor {
  const found = tensors.get(endOf(name));
  if (found) return found;
  throw new SabokError(`The model reads "${name}", but sabok computes no such result of "${nodeOf(name)}".`);
}

/** A result by its shortest name: the first of a node is called as the node is. */
function endOf(name: string): string {
  return name.replace(/:0$/, "");
}

/** The node that a result ("name:1") is of. */
function nodeOf(name: string): string {
  return name.replace(/:\d+$/, "");
}

type Bag = Readonly<Record<string, unknown>>;

function isBag(value: unknown): value is Bag {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly Bag[] {
  return Array.isArray(value) ? value.filter(isBag) : [];
}

function parse(json: string): Bag {
  let document: unknown;
  try {
    document = JSON.parse(json);
  } catch (error) {
    throw new SabokError(`This is not a model.json of TensorFlow.js: ${(error as Error).message}.`, {
      cause: error,
    });
  }
  if (isBag(document) && isBag(document["modelTopology"])) return document;
  throw new SabokError("This is not a model.json of TensorFlow.js: it has no modelTopology.");
}

function nodesOf(model: Bag): TfjsNodeDef[] {
  const list = listOf((model["modelTopology"] as Bag)["node"]);
  if (list.length === 0)
    throw new SabokError(
      "The model.json has no graph of nodes; sabok reads graph models, not layers models.",
    );
  return list.map(({ name, op, input, attr }) => ({
    name: String(name),
    op: String(op),
    input: Array.isArray(input) ? input.map(String) : [],
    attr: isBag(attr) ? (attr as Readonly<Record<string, TfjsAttribute>>) : {},
  }));
}

/** The results a node reads, without control edges ("^name"). */
function operandsOf({ input }: TfjsNodeDef): string[] {
  return input.filter((name) => !name.startsWith("^")).map(endOf);
}

function placeholders(nodes: ReadonlyMap<string, TfjsNodeDef>): Record<string, Shape> {
  const found = [...nodes.values()].filter(({ op }) => op === "Placeholder");
  return Object.fromEntries(
    found.map(({ name, attr }) => {
      const stated = attr["shape"] as { readonly shape?: { readonly dim?: unknown } } | undefined;
      const shape = listOf(stated?.shape?.dim).map(({ size }, axis) =>
        axis === 0 && Number(size) < 1 ? 1 : Number(size),
      );
      if (shape.some((dimension) => !(dimension >= 1)))
        throw new SabokError(
          `The input "${name}" has shape [${shape}]; give it as inputs: { "${name}": [N, H, W, C] }.`,
        );
      return [name, shape];
    }),
  );
}

function unread(nodes: ReadonlyMap<string, TfjsNodeDef>): string[] {
  const read = new Set([...nodes.values()].flatMap(operandsOf).map(nodeOf));
  return [...nodes.keys()].filter((name) => !read.has(name));
}

/** The nodes that the ends need, each after its operands, nothing before the begins. */
function sortedTo(
  ends: readonly string[],
  nodes: ReadonlyMap<string, TfjsNodeDef>,
  begins: ReadonlyMap<string, Shape>,
): ReadonlySet<TfjsNodeDef> {
  const order = new Set<TfjsNodeDef>();
  const state = new Map<string, "open" | "done">();
  const stack = ends.map(endOf).reverse();
  for (let name = stack.at(-1); name !== undefined; name = stack.at(-1)) {
    const node = nodes.get(nodeOf(name));
    if (!node) throw new SabokError(`A node reads "${name}", which the model has not.`);
    const operands = begins.has(name) ? [] : operandsOf(node);
    const missing = operands.filter((operand) => state.get(operand) !== "done");
    if (state.get(name) === "done") stack.pop();
    else if (missing.length === 0) {
      state.set(name, "done");
      if (!begins.has(name)) order.add(node);
      stack.pop();
    } else {
      if (state.get(name) === "open")
        throw new SabokError(
          `The node "${name}" stands in a cycle; give inputs and outputs that leave loops out.`,
        );
      state.set(name, "open");
      stack.push(...missing);
    }
  }
  return order;
}

function expectKnown(order: Iterable<TfjsNodeDef>): void {
  const unknown = new Map<string, string[]>();
  for (const { op, name } of order)
    if (op !== "Const" && !Object.hasOwn(tfjsRules, op)) unknown.set(op, [...(unknown.get(op) ?? []), name]);
  if (unknown.size === 0) return;
  const lines = [...unknown].map(([op, names]) => `${op} ("${names.slice(0, 3).join('", "')}")`);
  throw new SabokError(
    `The model has operators that sabok does not import:\n  ${lines.join("\n  ")}\nGive inputs and outputs that leave them out.`,
  );
}

function inputOf({ g }: ChannelsLastContext, name: string, shape: Shape): ChannelsLastTensor {
  if (shape.length !== 4) return { kind: "plain", value: g.input(name, shape) };
  const [batch, height, width, channels] = shape as [number, number, number, number];
  return { kind: "map", value: g.input(name, [batch, channels, height, width]) };
}

function valueOf({ g }: ChannelsLastContext, tensor: ChannelsLastTensor, name: string): Value {
  if (tensor.kind === "known") return g.constant(tensor.tensor);
  if (tensor.kind === "map" || shapeOf(tensor.value).length !== 4) return tensor.value;
  return g.at(name, () => g.apply(transpose, [tensor.value], { permutation: [0, 3, 1, 2] }));
}

/** Every weight of the manifest; quantised ones as the numbers they stand for. */
function readManifest(manifest: unknown, shards: ReadonlyMap<string, Uint8Array>): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const { paths, weights } of listOf(manifest)) {
    const bytes = joined(Array.isArray(paths) ? paths.map(String) : [], shards);
    let offset = 0;
    for (const { name, shape, dtype, quantization } of listOf(weights)) {
      const dims = Array.isArray(shape) ? shape.map(Number) : [];
      if (dims.some((length) => !Number.isSafeInteger(length) || length < 0))
        throw new SabokError(`The weight "${String(name)}" has shape [${dims}]; it is damaged.`);
      const quantized = isBag(quantization) ? quantization : undefined;
      const type = String(quantized?.["dtype"] ?? dtype) as ElementType;
      if (!Object.hasOwn(elementTypes, type)) {
        throw new SabokError(`The weight "${String(name)}" has type ${type}.`);
      }
      const length = sizeOf(dims) * elementTypes[type].bytes;
      if (!Number.isSafeInteger(length) || length < 0 || offset + length > bytes.length)
        throw new SabokError(
          `The weight "${String(name)}" of shape [${dims}] ends at byte ${offset + length}, but its files have ${bytes.length}.`,
        );
      const data = readElements(type, bytes.subarray(offset, offset + length));
      const [scale, least] = [Number(quantized?.["scale"] ?? 1), Number(quantized?.["min"] ?? 0)];
      tensors.set(String(name), {
        shape: dims,
        data: quantized && type !== "float16" ? Float32Array.from(data, (q) => q * scale + least) : data,
      });
      offset += length;
    }
  }
  return tensors;
}

function joined(paths: readonly string[], shards: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const parts = paths.map((path) => {
    const bytes = shards.get(path);
    if (!bytes) throw new SabokError(`The weight file "${path}" is missing.`);
    return bytes;
  });
  const whole = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
