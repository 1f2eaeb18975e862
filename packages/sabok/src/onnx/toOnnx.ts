// A graph as an ONNX model.
import { SabokError, formatShape, sameShape, type Shape, type Tensor } from "../core/index.ts";
import { isLeaf, isState, shapeOf, usersOf, type Graph, type Value } from "../graph/index.ts";
import { batchTwin, pairTwins } from "./batchTwin.ts";
import { exportRuleOf, takesBias } from "./exportRules.ts";
import type { ExportSite } from "./exportSite.ts";
import { lowerForOnnx } from "./lowerForOnnx.ts";
import { metadataToProperties, type ModelMetadata } from "./metadata.ts";
import { OnnxWriter } from "./onnxWriter.ts";
import { encodeMessage } from "./protobuf.ts";
import type { MessageInit } from "./schema.ts";
import { dataTypes } from "./tensorProto.ts";

export interface OnnxOptions {
  /** 18 (default) to 22. */
  readonly opset?: number;
  /**
   * "dynamic" (default): the inputs' common first dimension, and all that follows it, is the symbol "batch".
   * "fixed": every dimension is the graph's.
   */
  readonly batch?: "dynamic" | "fixed";
  readonly metadata?: ModelMetadata;
}

/** The first IR version that may hold an opset. */
const irVersions: Readonly<Record<number, number>> = { 18: 8, 19: 9, 20: 9, 21: 10, 22: 10 };

/**
 * The bytes of an ONNX model that computes the graph's outputs with the given states.
 *
 * Inputs, outputs and states keep their names; nodes are named "<name of the value>/<ONNX operator>". Weights are float32.
 * @param weights the data of every parameter and buffer, by name
 * Throws SabokError that lists what ONNX cannot say (updates, gradients, dropout), a missing weight, or a graph that works
 * for its own batch only.
 */
export function toOnnx(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  options: OnnxOptions = {},
): Uint8Array {
  const { opset = 18, batch = "dynamic", metadata = {} } = options;
  const irVersion = irVersions[opset];
  if (irVersion === undefined)
    throw new SabokError(
      `opset is ${opset}; sabok writes ONNX opsets ${Object.keys(irVersions).join(", ")}.`,
    );
  expectExportable(graph);
  const whole = lowerForOnnx(graph);
  const twins = batch === "fixed" ? undefined : pairTwins(whole, lowerForOnnx(batchTwin(graph)));
  const properties = Object.entries(metadataToProperties(metadata));
  return encodeMessage("ModelProto", {
    irVersion,
    opsetImport: [{ domain: "", version: opset }],
    producerName: "sabok",
    ...(metadata.description === undefined ? {} : { docString: metadata.description }),
    graph: writeGraph(whole, weights, opset, twins),
    metadataProps: properties.map(([key, value]) => ({ key, value })),
  });
}

function expectExportable(graph: Graph): void {
  if (graph.updates.length > 0) {
    const names = graph.updates.map(({ state }) => state.name);
    throw new SabokError(
      `This is a training graph: a run updates ${names.length} states (${shortList(names)}), which an ONNX graph cannot do. ` +
        `Export its inference graph (toInference).`,
    );
  }
  const refused = new Map<string, { why: string; names: string[] }>();
  for (const value of graph.values) {
    const rule = isLeaf(value) ? undefined : exportRuleOf(value.op);
    if (typeof rule !== "object") continue;
    const entry = refused.get(value.op) ?? { why: rule.refused, names: [] };
    entry.names.push(value.name);
    refused.set(value.op, entry);
  }
  if (refused.size === 0) return;
  const lines = [...refused].map(([op, { why, names }]) => `${op} (${shortList(names)}): ${why}`);
  throw new SabokError(
    `ONNX cannot say ${refused.size === 1 ? "this operator" : `these ${refused.size} operators`}:\n  ${lines.join("\n  ")}`,
  );
}

/** The first few names, quoted. */
function shortList(names: readonly string[], most = 3): string {
  const shown = names
    .slice(0, most)
    .map((name) => `"${name}"`)
    .join(", ");
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

function writeGraph(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  opset: number,
  twins: ReadonlyMap<Value, Value> | undefined,
): MessageInit<"GraphProto"> {
  const writer = new OnnxWriter();
  const states = graph.values.filter(isState);
  for (const name of Object.keys(graph.inputs)) writer.reserve(name, "input");
  for (const name of Object.keys(graph.outputs)) writer.reserve(name, "output");
  for (const state of states) writer.reserve(state.name, state.op);
  expectWeights(states, weights);
  for (const state of states) writer.state(state.name, state.op, weights.get(state.name)!);
  const shapeFor = (value: Value): Shape =>
    shapeOf(value).map((dimension, axis) => (followsBatch(value, axis, twins) ? -1 : dimension));
  writeNodes(graph, writer, opset, shapeFor);
  return {
    name: "sabok",
    node: writer.nodes,
    initializer: writer.initializers,
    input: Object.entries(graph.inputs).map(([name, input]) => valueInfo(name, input, twins)),
    output: Object.entries(graph.outputs).map(([name, output]) => valueInfo(name, output, twins)),
  };
}

function expectWeights(states: readonly Value[], weights: ReadonlyMap<string, Tensor>): void {
  const missing = states.filter((state) => !weights.has(state.name)).map((state) => state.name);
  if (missing.length > 0)
    throw new SabokError(
      `The weights lack ${missing.length} of ${states.length} states: ${shortList(missing)}.`,
    );
  for (const state of states) {
    const { shape } = weights.get(state.name)!;
    if (!sameShape(shape, shapeOf(state)))
      throw new SabokError(
        `The weight "${state.name}" has shape ${formatShape(shape)}, expected ${formatShape(shapeOf(state))}.`,
      );
  }
}

function writeNodes(
  graph: Graph,
  writer: OnnxWriter,
  opset: number,
  shapeFor: (value: Value) => Shape,
): void {
  const outputNames = new Map<Value, string[]>();
  for (const [name, value] of Object.entries(graph.outputs))
    outputNames.set(value, [...(outputNames.get(value) ?? []), name]);
  const taken = biasesTaken(graph);
  const tensors = new Map<Value, string>();
  for (const value of graph.values) {
    if (value.op === "constant")
      tensors.set(value, writer.constant(value.name, value.attrs["tensor"] as Tensor));
    else if (isLeaf(value)) tensors.set(value, value.name);
    if (isLeaf(value) || taken.operands.has(value)) continue;
    const biased = taken.sums.get(value);
    const at = biased ?? value;
    const site: ExportSite = {
      value: at,
      opset,
      shape: shapeFor(at),
      shapes: at.inputs.map(shapeFor),
      inputs: at.inputs.map((input) => tensors.get(input)!),
      bias: biased ? [tensors.get(value.inputs[1]!)!] : [],
      node: (opType, inputs, attrs = {}, output = 0) =>
        writer.node(at.name, opType, inputs, attrs, undefined, output),
      result(opType, inputs, attrs = {}) {
        tensors.set(value, writer.node(at.name, opType, inputs, attrs, outputNames.get(value)?.[0]));
      },
      scalar: (number) => writer.scalar(number),
      list: (numbers) => writer.list(numbers),
      floats: (numbers) =>
        writer.constant(at.name, { shape: [numbers.length], data: Float32Array.from(numbers) }),
    };
    const rule = exportRuleOf(at.op);
    if (typeof rule !== "function")
      throw new Error(`sabok internal error: lowering left ${at.op} "${at.name}"`);
    rule(site);
  }
  // An output that is a leaf, or another output too, is a copy under its own name.
  for (const [value, names] of outputNames)
    for (const name of names)
      if (tensors.get(value) !== name) writer.node(value.name, "Identity", [tensors.get(value)!], {}, name);
}

/** Which biasAdds are said by the operator before them: `sums` maps each to that value, `operands` holds those values. */
function biasesTaken(graph: Graph): { sums: Map<Value, Value>; operands: Set<Value> } {
  const users = usersOf(graph);
  const outputs = new Set(Object.values(graph.outputs));
  const sums = new Map<Value, Value>();
  for (const value of graph.values) {
    const [x] = value.inputs;
    if (value.op === "biasAdd" && x && takesBias.has(x.op) && users.get(x)!.length === 1 && !outputs.has(x))
      sums.set(value, x);
  }
  return { sums, operands: new Set(sums.values()) };
}

function followsBatch(value: Value, axis: number, twins: ReadonlyMap<Value, Value> | undefined): boolean {
  const twin = twins?.get(value);
  return twin !== undefined && shapeOf(twin)[axis] !== shapeOf(value)[axis];
}

function valueInfo(
  name: string,
  value: Value,
  twins: ReadonlyMap<Value, Value> | undefined,
): MessageInit<"ValueInfoProto"> {
  const dim = shapeOf(value).map((dimValue, axis): MessageInit<"DimensionProto"> => {
    if (!followsBatch(value, axis, twins)) return { dimValue };
    return { dimParam: axis === 0 ? "batch" : `${name}_${axis}` };
  });
  return { name, type: { tensorType: { elemType: dataTypes.float, shape: { dim } } } };
}
