// A graph as a JSON document, model.json. With the states' data in a .safetensors file it is the whole model.
//
//   { "format": "sabok graph", "version": 1,
//     "metadata": { "classes": […], … },                        see ModelMetadata
//     "inputs": { name: index }, "outputs": { name: index },     indices into "values"
//     "updates": [{ "state": index, "value": index }],
//     "values": [{ "op": "input", "name": "image", "shape": [1,3,32,32] },
//                { "op": "parameter", "name": "conv.weight", "shape": [8,3,3,3], "attrs": { "init": { "kind": "normal", "std": 0.1 } } },
//                { "op": "conv2d", "name": "conv", "inputs": [0,1], "attrs": { "stride": [2,2], … }, "shape": [1,8,15,15] }, …] }
//
// Each value stands after its operands. A constant's numbers are in the document: { "tensor": { "shape", "dtype", "data" } }.
// Numbers that JSON cannot say are the strings "NaN", "Infinity", "-Infinity" and "-0".
import {
  SabokError,
  formatShape,
  sameShape,
  tensor,
  type Shape,
  type Tensor,
  type TensorData,
} from "../core/index.ts";
import {
  GraphBuilder,
  isLeaf,
  isState,
  makeGraph,
  type AttributeValue,
  type Attributes,
  type Graph,
  type Initializer,
  type Operator,
  type Value,
} from "../graph/index.ts";
import { opTable } from "../ops/index.ts";
import { expectMetadata, type ModelMetadata } from "./metadata.ts";

const format = "sabok graph";
const version = 1;

/** The document of a graph, a value a line. The states' data is not in it. */
export function writeModelJson(graph: Graph, metadata: ModelMetadata = {}): string {
  const values = [...new Set([...Object.values(graph.inputs), ...graph.values])].sort((a, b) => a.id - b.id);
  const index = new Map(values.map((value, i) => [value, i]));
  const ends = (named: Readonly<Record<string, Value>>) =>
    Object.fromEntries(Object.entries(named).map(([name, value]) => [name, index.get(value)]));
  const head = {
    format,
    version,
    metadata,
    inputs: ends(graph.inputs),
    outputs: ends(graph.outputs),
    updates: graph.updates.map(({ state, value }) => ({ state: index.get(state), value: index.get(value) })),
  };
  const lines = values.map((value) => JSON.stringify(entryOf(value, index)));
  return `${JSON.stringify(head).slice(0, -1)},\n"values":[\n${lines.join(",\n")}\n]}\n`;
}

/**
 * The graph of a document. Throws SabokError where the text is not one, is cut short or of another version, names an
 * operator there is not, or has attributes or shapes that contradict the operator's own rule.
 */
export function readModelJson(text: string): { readonly graph: Graph; readonly metadata: ModelMetadata } {
  const document = parseDocument(text);
  const g = new GraphBuilder();
  const values: Value[] = [];
  for (const [i, entry] of listAt(document, "values").entries()) values.push(readValue(g, entry, values, i));
  const at = (index: unknown, where: string): Value => valueAt(values, index, where);
  const ends = (key: "inputs" | "outputs"): Record<string, Value> =>
    Object.fromEntries(
      Object.entries(recordAt(document, key)).map(([name, index]) => [
        name,
        at(index, `"${name}" of ${key}`),
      ]),
    );
  const inputs = ends("inputs");
  for (const [name, input] of Object.entries(inputs))
    if (input.op !== "input" || input.name !== name)
      throw broken(`input "${name}" is ${input.op} "${input.name}"`);
  const unlisted = values.find((value) => value.op === "input" && inputs[value.name] !== value);
  if (unlisted) throw broken(`input "${unlisted.name}" is not among its inputs`);
  const updated = new Set<Value>();
  for (const [i, update] of listAt(document, "updates").entries()) {
    const state = at(isRecord(update) ? update["state"] : undefined, `update ${i}`);
    if (!isState(state) || updated.has(state))
      throw broken(`update ${i} writes ${state.op} "${state.name}", which is no state or written before`);
    updated.add(state);
    g.update(state, at((update as Json)["value"], `update ${i}`));
  }
  const { outputs, updates } = g.finish(ends("outputs"));
  return { graph: makeGraph({ inputs, outputs, updates }), metadata: expectMetadata(document["metadata"]) };
}

interface Entry {
  readonly op: string;
  readonly name: string;
  readonly inputs?: readonly number[];
  readonly attrs?: Readonly<Record<string, unknown>>;
  readonly shape: Shape;
}

function entryOf(value: Value, index: ReadonlyMap<Value, number>): Entry {
  const attrs = Object.entries(value.attrs).map(([key, attr]) => [key, encodeAttribute(attr)] as const);
  return {
    op: value.op,
    name: value.name,
    ...(isLeaf(value) ? {} : { inputs: value.inputs.map((input) => index.get(input)!) }),
    ...(attrs.length === 0 ? {} : { attrs: Object.fromEntries(attrs) }),
    shape: value.type.shape,
  };
}

function encodeNumber(value: number): number | string {
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? value : String(value);
}

function decodeNumber(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return value === "NaN" || value === "Infinity" || value === "-Infinity" || value === "-0"
    ? Number(value)
    : undefined;
}

function encodeAttribute(attr: AttributeValue): unknown {
  if (typeof attr === "number") return encodeNumber(attr);
  if (typeof attr !== "object") return attr;
  if ("kind" in attr) return attr;
  if ("data" in attr)
    return { shape: attr.shape, dtype: dtypeOf(attr.data), data: Array.from(attr.data, encodeNumber) };
  return attr.map(encodeNumber);
}

const arrays = { float64: Float64Array, float32: Float32Array, int32: Int32Array } as const;

function dtypeOf(data: TensorData): keyof typeof arrays {
  if (data instanceof Float64Array) return "float64";
  return data instanceof Float32Array ? "float32" : "int32";
}

function broken(what: string, cause?: unknown): SabokError {
  return new SabokError(`This is not a whole model document of sabok: ${what}.`, { cause });
}

type Json = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseDocument(text: string): Json {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw broken(`it is not JSON, or cut short (${(error as Error).message})`, error);
  }
  if (!isRecord(document) || document["format"] !== format) throw broken(`it has no "format": "${format}"`);
  if (document["version"] !== version)
    throw new SabokError(
      `This model document has version ${JSON.stringify(document["version"])}; this sabok reads version ${version}. Write it again, or use the sabok that wrote it.`,
    );
  return document;
}

function listAt(document: Json, key: string): readonly unknown[] {
  const list = document[key];
  if (!Array.isArray(list)) throw broken(`"${key}" is not a list`);
  return list;
}

function recordAt(document: Json, key: string): Json {
  const record = document[key];
  if (!isRecord(record)) throw broken(`"${key}" is not an object`);
  return record;
}

function valueAt(values: readonly Value[], index: unknown, where: string): Value {
  const value = typeof index === "number" ? values[index] : undefined;
  if (!value)
    throw broken(
      `${where} refers to value ${JSON.stringify(index)}, but ${values.length} values stand before it`,
    );
  return value;
}

function readValue(g: GraphBuilder, entry: unknown, values: readonly Value[], i: number): Value {
  if (!isRecord(entry)) throw broken(`value ${i} is not an object`);
  const { op, name, shape, inputs = [], attrs = {} } = entry;
  const where = `value ${i}, ${String(op)} "${String(name)}",`;
  if (typeof op !== "string" || typeof name !== "string") throw broken(`value ${i} has no op or no name`);
  if (!isNumbers(shape)) throw broken(`${where} has shape ${JSON.stringify(shape)}`);
  if (!Array.isArray(inputs) || !isRecord(attrs))
    throw broken(`${where} has no list of inputs or no object of attributes`);
  const operands = inputs.map((index) => valueAt(values, index, where));
  const value =
    readLeaf(g, op, name, shape, attrs, where) ?? readOperator(g, op, name, operands, attrs, where);
  if (!sameShape(value.type.shape, shape))
    throw broken(
      `${where} is said to have shape ${formatShape(shape)}, but its rule gives ${formatShape(value.type.shape)}`,
    );
  return value;
}

function readLeaf(
  g: GraphBuilder,
  op: string,
  name: string,
  shape: Shape,
  attrs: Json,
  where: string,
): Value | null {
  if (op === "input") return g.input(name, shape);
  if (op === "parameter") return g.parameter(name, shape, readInitializer(attrs["init"], where));
  if (op === "buffer") return g.buffer(name, shape, readInitializer(attrs["init"], where));
  if (op === "constant") return g.at(name, () => g.constant(readTensor(attrs["tensor"], where)));
  return null;
}

function readOperator(
  g: GraphBuilder,
  op: string,
  name: string,
  operands: readonly Value[],
  attrs: Json,
  where: string,
): Value {
  const spec = Object.hasOwn(opTable, op) ? opTable[op] : undefined;
  if (!spec) throw broken(`${where} is of an operator that this sabok does not have`);
  const defaults = spec.defaults as Attributes;
  const unknown = Object.keys(attrs).find((key) => !Object.hasOwn(defaults, key));
  if (unknown !== undefined)
    throw broken(`${where} has an attribute "${unknown}", which its operator has not`);
  const decoded = Object.entries(attrs).map(
    ([key, attr]) => [key, decodeAttribute(spec, key, attr, where)] as const,
  );
  return g.at(name, () => g.apply(spec, operands, Object.fromEntries(decoded)));
}

/** An attribute, which must be of the same sort as the operator's default. */
function decodeAttribute(spec: Operator, key: string, attr: unknown, where: string): AttributeValue {
  const like = (spec.defaults as Attributes)[key]!;
  const bad = (): SabokError => broken(`${where} has ${key} ${JSON.stringify(attr)}`);
  if (typeof like === "number") {
    const number = decodeNumber(attr);
    if (number === undefined) throw bad();
    return number;
  }
  if (Array.isArray(like)) {
    const numbers = Array.isArray(attr) ? attr.map(decodeNumber) : [undefined];
    if (!isNumbers(numbers)) throw bad();
    return numbers;
  }
  if (typeof attr !== typeof like || typeof attr === "object") throw bad();
  if (typeof attr === "string" && !spec.words?.[key]?.includes(attr)) throw bad();
  return attr as string | boolean;
}

function readInitializer(init: unknown, where: string): Initializer {
  if (isRecord(init)) {
    const { kind, value, std, bound } = init;
    if (kind === "constant" && typeof value === "number") return { kind, value };
    if (kind === "normal" && typeof std === "number") return { kind, std };
    if (kind === "uniform" && typeof bound === "number") return { kind, bound };
  }
  throw broken(`${where} has init ${JSON.stringify(init)}, expected one of kind constant, normal or uniform`);
}

function readTensor(json: unknown, where: string): Tensor {
  if (isRecord(json)) {
    const { shape, dtype, data } = json;
    const numbers = Array.isArray(data) ? data.map(decodeNumber) : undefined;
    if (isNumbers(shape) && isNumbers(numbers) && typeof dtype === "string" && Object.hasOwn(arrays, dtype))
      return tensor(shape, arrays[dtype as keyof typeof arrays].from(numbers));
  }
  throw broken(`${where} has no tensor of shape, dtype and data`);
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "number");
}
