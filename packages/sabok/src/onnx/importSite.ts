// What an import rule sees of one node: its operands as values or as known numbers, and its attributes, checked.
import { interpret } from "../backends/reference/index.ts";
import { SabokError, float32, sizeOf, type Shape, type Tensor } from "../core/index.ts";
import {
  attributesOf,
  isLeaf,
  makeGraph,
  makeValue,
  shapeOf,
  type GraphBuilder,
  type OpSpec,
  type Tuple,
  type Value,
} from "../graph/index.ts";
import { compare, elementary, opTable } from "../ops/index.ts";
import type { ElementType } from "./elementTypes.ts";
import type { Message } from "./schema.ts";
import { decodeTensor, type ExternalFiles, type StoredTensor } from "./tensorProto.ts";

/** What a tensor of the model is to sabok. */
export type ImportedTensor =
  | ComputedTensor
  | StoredOperand
  | { readonly kind: "missing"; readonly why: string };

/**
 * A value and the element type the model gives it. The graph computes with plain numbers: whole ones and truth values (0, 1) are
 * numbers too, exact to 2^24 in float32 and to 2^53 in the float64 reference.
 */
interface ComputedTensor {
  readonly kind: "value";
  readonly value: Value;
  readonly type: ElementType;
}

/** Numbers in the file. Where an operator computes with them they become a leaf of the graph. */
interface StoredOperand {
  readonly kind: "stored";
  readonly name: string;
  readonly tensor: StoredTensor;
  /** Which leaf, where the file says so. */
  readonly as?: "parameter" | "buffer" | "constant";
  value?: Value;
}

/** What a rule makes of an output; a plain value has the element type of the first operand. */
export type ImportResult = Value | ImportedTensor;
/** What a node gives: its first output, or as many as it knows. */
export type ImportRule = (site: ImportSite) => ImportResult | readonly ImportResult[];

/** The tensors of the model so far, by name. */
export type ImportedTensors = Map<string, ImportedTensor>;

/** What all nodes of one import share. */
export interface ImportContext {
  readonly g: GraphBuilder;
  readonly opset: number;
  readonly tensors: ImportedTensors;
  /** The data of the states made so far, by name. */
  readonly weights: Map<string, Tensor>;
  /** The numbers of inputs that are known at import, by name. */
  readonly known: ReadonlyMap<string, Tensor>;
  readonly evaluated: Map<Value, Tensor>;
  readonly external: ExternalFiles | undefined;
  /** Whether sabok wrote the file. */
  readonly ours: boolean;
}

/** Constants are computed at import up to this many numbers; larger results stay in the graph. */
const largestConstant = 1 << 22;
/** The most numbers that a rule makes itself: a mask, a matrix, indices. */
const mostMade = 1 << 26;

export class ImportSite {
  /** `Conv "features.0/Conv"`, as messages name the node. */
  readonly where: string;
  readonly g: GraphBuilder;
  readonly opset: number;
  readonly node: Message<"NodeProto">;
  /** The name of the values the rule makes. */
  readonly name: string;
  private readonly context: ImportContext;
  private readonly attributes: ReadonlyMap<string, Message<"AttributeProto">>;

  constructor(context: ImportContext, node: Message<"NodeProto">, name: string) {
    this.context = context;
    this.g = context.g;
    this.opset = context.opset;
    this.node = node;
    this.name = name;
    this.where = `${node.opType ?? "a node"} "${node.name || (node.output[0] ?? "")}"`;
    this.attributes = new Map(node.attribute.map((attribute) => [attribute.name ?? "", attribute]));
  }

  /** Throws: the node is something that sabok does not import. */
  refuse(why: string): never {
    throw new SabokError(`${this.where}: ${why}`);
  }

  /** How many operands are written; some of them may be left out (""). */
  get operandCount(): number {
    return this.node.input.length;
  }

  has(position: number): boolean {
    return (this.node.input[position] ?? "") !== "";
  }

  /** An operand as a value. Stored numbers become a state or a constant; `role` decides where the file does not. */
  value(position: number, role?: "buffer"): Value {
    const imported = this.operand(position);
    return imported.kind === "stored" ? (imported.value ??= this.leaf(imported, role)) : imported.value;
  }

  /** The operands from a position on that are written. */
  values(from = 0): Value[] {
    const positions = Array.from({ length: Math.max(this.operandCount - from, 0) }, (_, i) => from + i);
    return positions.filter((position) => this.has(position)).map((position) => this.value(position));
  }

  /** Indices; in a file of ours as the value before they were cast to whole numbers. */
  indices(position: number): Value {
    const value = this.value(position);
    const isCast = value.op === elementary.name && attributesOf(value, elementary).function === "truncate";
    return this.context.ours && isCast ? value.inputs[0]! : value;
  }

  /** A truth value; in a file of ours as the value before it was cast to one. */
  condition(position: number): Value {
    const value = this.value(position);
    const isCast = value.op === compare.name && attributesOf(value, compare).relation === "notEqual";
    const [x, zero] = value.inputs;
    const isOfZero = zero?.op === "constant" && (zero.attrs["tensor"] as Tensor).data[0] === 0;
    return this.context.ours && isCast && isOfZero ? x! : value;
  }

  /** The element type of an operand. */
  type(position: number): ElementType {
    const imported = this.operand(position);
    return imported.kind === "stored" ? imported.tensor.type : imported.type;
  }

  /** Whether an operand holds whole numbers or truth values. */
  isWhole(position: number): boolean {
    return !this.type(position).includes("float");
  }

  /** A value of a given element type. */
  typed(value: Value, type: ElementType): ImportedTensor {
    return { kind: "value", value, type };
  }

  /** Numbers as a result of the node. */
  numbersOf(shape: Shape, data: Tensor["data"], type: ElementType): ImportedTensor {
    return { kind: "stored", name: this.node.output[0] ?? "", tensor: { shape, data, type }, as: "constant" };
  }

  /** Refuses to make more numbers than a damaged file may ask for. */
  expectFeasible(count: number): void {
    if (!(count <= mostMade))
      this.refuse(`it takes ${count} numbers, of which sabok makes at most ${mostMade}`);
  }

  /** Numbers as a leaf of the graph. */
  constant(shape: Shape, numbers: Iterable<number>): Value {
    const tensor: Tensor = { shape, data: Float64Array.from(numbers) };
    return this.g.at(this.name, () => constantLeaf(this.g, tensor));
  }

  /** The number of a one-element operand that is a constant of the graph and broadcasts without adding axes. */
  scalar(position: number): number | undefined {
    const imported = this.has(position) ? this.operand(position) : undefined;
    if (imported?.kind === "value") {
      const { op, attrs, type } = imported.value;
      const isScalar = op === "constant" && type.shape.length === 0;
      return isScalar ? (attrs["tensor"] as Tensor).data[0]! : undefined;
    }
    if (!imported || imported.tensor.shape.length > 0 || leafKind(imported) !== "constant") return undefined;
    return shortest(imported.tensor.data[0]!);
  }

  /** The numbers of an operand as far as they are known: in the file, computed from what is, or known inputs. */
  tensorAt(position: number): Tensor | undefined {
    if (!this.has(position)) return undefined;
    const imported = this.operand(position);
    return imported.kind === "stored" ? imported.tensor : evaluate(this.context, imported.value);
  }

  /** The numbers of an operand that must be known; undefined where it is left out. */
  numbers(position: number): number[] | undefined {
    if (!this.has(position)) return undefined;
    const known = this.tensorAt(position);
    if (!known) {
      const operand = this.operand(position);
      const inputs = operand.kind === "value" ? unknownInputs(this.context, operand.value) : [];
      this.refuse(
        `operand ${position} ("${this.node.input[position]}") is computed while the model runs, from ${inputs.map((name) => `"${name}"`).join(", ")}; ` +
          `sabok needs its numbers to know the shapes: give them as known: { … }`,
      );
    }
    return Array.from(known.data);
  }

  /** The one number of such an operand. */
  number(position: number): number | undefined {
    const numbers = this.numbers(position);
    if (numbers && numbers.length !== 1)
      this.refuse(`operand ${position} holds ${numbers.length} numbers, expected one`);
    return numbers && shortest(numbers[0]!);
  }

  float(name: string, fallback: number): number {
    const attribute = this.attributes.get(name);
    return attribute ? shortest(attribute.f ?? 0) : fallback;
  }

  int(name: string, fallback: number): number {
    const attribute = this.attributes.get(name);
    return attribute ? (attribute.i ?? 0) : fallback;
  }

  ints(name: string): readonly number[] | undefined {
    return this.attributes.get(name)?.ints;
  }

  floats(name: string): readonly number[] | undefined {
    return this.attributes.get(name)?.floats;
  }

  /** A list that is an attribute in older opsets and an operand in newer ones. */
  intsOr(name: string, position: number): readonly number[] | undefined {
    return this.ints(name) ?? this.numbers(position);
  }

  string(name: string, fallback: string): string {
    const bytes = this.attributes.get(name)?.s;
    return bytes ? new TextDecoder().decode(bytes) : fallback;
  }

  /** A word among those a rule can do; refuses others. */
  choice<Word extends string>(name: string, fallback: Word, ...others: readonly Word[]): Word {
    const word = this.string(name, fallback);
    const found = [fallback, ...others].find((known) => known === word);
    return (
      found ??
      this.refuse(
        `${name} is "${word}"; sabok imports ${[fallback, ...others].map((known) => `"${known}"`).join(", ")}`,
      )
    );
  }

  tensor(name: string): StoredTensor | undefined {
    const proto = this.attributes.get(name)?.t;
    return proto && decodeTensor(proto, `${this.where}: its ${name}`, this.context.external);
  }

  hasAttribute(name: string): boolean {
    return this.attributes.has(name);
  }

  /** A value of sabok's operator, under the node's name; computed here where all its operands are constants. */
  apply<Name extends string, Attrs extends object, N extends number>(
    spec: OpSpec<Name, Attrs, N>,
    inputs: Tuple<Value, N>,
    attrs: Partial<Attrs> = {},
  ): Value {
    return this.g.at(this.name, () => {
      const value = this.g.apply(spec, inputs, attrs);
      const operands: readonly Value[] = inputs;
      const isKnown =
        operands.every(({ op }) => op === "constant") && sizeOf(shapeOf(value)) <= largestConstant;
      if (!isKnown) return value;
      const tensors = operands.map((operand) => operand.attrs["tensor"] as Tensor);
      return constantLeaf(this.g, opTable[spec.name]!.reference(tensors, value.attrs));
    });
  }

  /** The same over an operand that may have any whole number of operands. */
  chain(spec: OpSpec<string, object, 2>, values: readonly Value[]): Value {
    const [first, ...rest] = values;
    if (!first) return this.refuse("it has no operands");
    return rest.reduce((total, value) => this.apply(spec, [total, value]), first);
  }

  /** An operand as it was made, to be passed on. */
  operand(position: number): ComputedTensor | StoredOperand {
    const name = this.node.input[position] ?? "";
    if (name === "") this.refuse(`operand ${position} is left out`);
    const imported = this.context.tensors.get(name);
    if (!imported)
      this.refuse(`it reads "${name}", which neither an input, a weight nor a node before it gives`);
    if (imported.kind === "missing") this.refuse(imported.why);
    return imported;
  }

  private leaf(stored: StoredOperand, role?: "buffer"): Value {
    const { name, tensor } = stored;
    const kind = tensor.type.includes("float") ? leafKind(stored, role) : "constant";
    if (/64/.test(tensor.type) && !tensor.type.includes("float") && !tensor.data.every(Number.isSafeInteger))
      this.refuse(`it computes with "${name}", whose whole numbers reach beyond 2^53 and would be rounded`);
    if (kind === "constant" || sizeOf(tensor.shape) === 0)
      return this.g.at(withoutSuffix(name, "constant"), () => constantLeaf(this.g, tensor));
    this.context.weights.set(name, { shape: tensor.shape, data: tensor.data });
    return this.g[kind](name, tensor.shape, { kind: "constant", value: 0 });
  }
}

/** A constant; the builder makes none without elements, which shape arithmetic needs on its way. */
function constantLeaf(g: GraphBuilder, { shape, data }: Tensor): Value {
  const tensor: Tensor = { shape, data };
  if (sizeOf(shape) > 0) return g.constant(tensor);
  return makeValue({ op: "constant", inputs: [], attrs: { tensor }, type: float32(shape), name: "" });
}

/** The numbers of a value whose leaves are all known; undefined where one is not. */
export function evaluate(context: ImportContext, value: Value): Tensor | undefined {
  if (value.op === "constant") return value.attrs["tensor"] as Tensor;
  const done = context.evaluated.get(value);
  if (done) return done;
  const graph = makeGraph({ inputs: {}, outputs: { value } });
  const feeds: Record<string, Tensor> = {};
  for (const leaf of graph.values.filter(isLeaf)) {
    if (leaf.op !== "input") continue;
    const known = context.known.get(leaf.name);
    if (!known) return undefined;
    feeds[leaf.name] = known;
  }
  const result = interpret(graph, feeds, context.weights).outputs["value"]!;
  context.evaluated.set(value, result);
  return result;
}

/** The inputs that stand between a value and its numbers. */
function unknownInputs({ known }: ImportContext, value: Value): string[] {
  const leaves = makeGraph({ inputs: {}, outputs: { value } }).values.filter(({ op }) => op === "input");
  return leaves.map(({ name }) => name).filter((name) => !known.has(name));
}

/** Where the file does not say, a tensor with axes is what was trained. */
function leafKind({ as, tensor }: StoredOperand, role?: "buffer"): "parameter" | "buffer" | "constant" {
  return as ?? role ?? (tensor.shape.length > 0 ? "parameter" : "constant");
}

/** The shortest decimal that is the same float32: 0.01 for 0.009999999776482582. */
export function shortest(value: number): number {
  if (!Number.isFinite(value)) return value;
  const single = Math.fround(value);
  for (let digits = 1; digits < 10; digits++) {
    const rounded = Number(single.toPrecision(digits));
    if (Math.fround(rounded) === single) return rounded;
  }
  return value;
}

/** The scope in a name that OnnxWriter made: "features.0" of "features.0/Conv_1". */
export function withoutSuffix(name: string, kind: string): string {
  const base = name.replace(/_\d+$/, "");
  for (const candidate of [name, base]) {
    if (candidate === kind) return "";
    if (candidate.endsWith(`/${kind}`)) return candidate.slice(0, -kind.length - 1);
  }
  return name;
}
