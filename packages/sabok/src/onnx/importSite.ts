// What a rule of importRules.ts sees of one node: its operands as values or as stored numbers, and its attributes, checked.
import { SabokError, type Tensor } from "../core/index.ts";
import type { GraphBuilder, OpSpec, Tuple, Value } from "../graph/index.ts";
import type { Message } from "./schema.ts";
import { decodeTensor, type StoredTensor } from "./tensorProto.ts";

/** What a tensor of the model is to sabok. */
export type ImportedTensor =
  | ComputedTensor
  | StoredOperand
  | { readonly kind: "missing"; readonly why: string };

interface ComputedTensor {
  readonly kind: "value";
  readonly value: Value;
  /** Whether it was cast to whole numbers, which values are not. */
  readonly whole?: boolean;
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

/** What a rule makes of a node's first output. */
export type ImportResult = Value | ImportedTensor;
export type ImportRule = (site: ImportSite) => ImportResult;

/** The tensors of the model so far, by name. */
export type ImportedTensors = Map<string, ImportedTensor>;

/** What all nodes of one import share. */
export interface ImportContext {
  readonly g: GraphBuilder;
  readonly opset: number;
  readonly tensors: ImportedTensors;
  /** The data of the states made so far, by name. */
  readonly weights: Map<string, Tensor>;
}

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
    if (imported.kind === "stored") return (imported.value ??= this.leaf(imported, role));
    if (imported.whole)
      this.refuse(
        `operand ${position} holds whole numbers computed by Cast, which sabok does not compute with`,
      );
    return imported.value;
  }

  /** An operand that may have been cast to whole numbers, as the value before the cast. */
  uncast(position: number): Value {
    const imported = this.operand(position);
    return imported.kind === "value" ? imported.value : this.value(position);
  }

  /** An operand whose numbers are in the file; undefined where it is left out or computed. */
  stored(position: number): StoredTensor | undefined {
    const imported = this.has(position) ? this.operand(position) : undefined;
    return imported?.kind === "stored" ? imported.tensor : undefined;
  }

  /** The number of a one-element operand that is a constant of the graph and broadcasts without adding axes. */
  scalar(position: number): number | undefined {
    const imported = this.has(position) ? this.operand(position) : undefined;
    if (imported?.kind !== "stored" || imported.tensor.shape.length > 0 || leafKind(imported) !== "constant")
      return undefined;
    return shortest(imported.tensor.data[0]!);
  }

  /** The numbers of an operand that must be in the file; undefined where it is left out. */
  numbers(position: number): number[] | undefined {
    if (!this.has(position)) return undefined;
    const stored = this.stored(position);
    if (!stored)
      this.refuse(
        `operand ${position} is computed while the model runs; sabok needs its numbers in the file`,
      );
    return Array.from(stored.data);
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
    return proto && decodeTensor(proto, `${this.where}: its ${name}`);
  }

  hasAttribute(name: string): boolean {
    return this.attributes.has(name);
  }

  /** A value of sabok's operator, under the node's name. */
  apply<Name extends string, Attrs extends object, N extends number>(
    spec: OpSpec<Name, Attrs, N>,
    inputs: Tuple<Value, N>,
    attrs: Partial<Attrs> = {},
  ): Value {
    return this.g.at(this.name, () => this.g.apply(spec, inputs, attrs));
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
    if (tensor.isInteger)
      this.refuse(`it computes with the whole numbers "${name}"; sabok computes with float32`);
    const kind = leafKind(stored, role);
    if (kind === "constant") return this.g.at(withoutSuffix(name, "constant"), () => this.g.constant(tensor));
    this.context.weights.set(name, { shape: tensor.shape, data: tensor.data });
    return this.g[kind](name, tensor.shape, { kind: "constant", value: 0 });
  }
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
