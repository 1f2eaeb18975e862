// A node of a TensorFlow.js graph model as its rule sees it. TensorFlow keeps maps as [N,H,W,C]; here a map is a value [N,C,H,W], and
// what a rule needs in TensorFlow's order is transposed where it is needed.
import { SabokError, sizeOf, type Shape, type Tensor } from "../core/index.ts";
import { shapeOf, type GraphBuilder, type OpSpec, type Tuple, type Value } from "../graph/index.ts";
import { reshape, transpose } from "../ops/index.ts";

/** A tensor of the model: numbers that are known at import, or a value. */
export type TfjsTensor =
  | { readonly kind: "known"; readonly name: string; readonly tensor: Tensor }
  | { readonly kind: "map"; readonly value: Value }
  | { readonly kind: "plain"; readonly value: Value };

export interface TfjsAttribute {
  readonly s?: unknown;
  readonly i?: unknown;
  readonly f?: unknown;
  readonly b?: unknown;
  readonly list?: { readonly s?: unknown; readonly i?: unknown };
}

export interface TfjsNodeDef {
  readonly name: string;
  readonly op: string;
  readonly input: readonly string[];
  readonly attr: Readonly<Record<string, TfjsAttribute>>;
}

export interface TfjsContext {
  readonly g: GraphBuilder;
  readonly weights: Map<string, Tensor>;
  readonly states: Map<string, Value>;
}

export class TfjsNode {
  readonly op: string;
  readonly where: string;
  readonly operands: readonly TfjsTensor[];
  private readonly node: TfjsNodeDef;
  private readonly context: TfjsContext;

  constructor(context: TfjsContext, node: TfjsNodeDef, operands: readonly TfjsTensor[]) {
    this.context = context;
    this.node = node;
    this.op = node.op;
    this.operands = operands;
    this.where = `${node.op} "${node.name}"`;
  }

  refuse(why: string): never {
    throw new SabokError(`${this.where}: ${why}`);
  }

  apply<Name extends string, Attrs extends object, N extends number>(
    spec: OpSpec<Name, Attrs, N>,
    inputs: Tuple<Value, N>,
    attrs: Partial<Attrs> = {},
  ): Value {
    return this.context.g.at(this.node.name, () => this.context.g.apply(spec, inputs, attrs));
  }

  operand(position: number): TfjsTensor {
    return this.operands[position] ?? this.refuse(`operand ${position} is missing`);
  }

  /** An operand as a map [N,C,H,W]. */
  map(position: number): Value {
    const operand = this.operand(position);
    if (operand.kind === "map") return operand.value;
    const value = operand.kind === "plain" ? operand.value : this.leaf(operand.name, operand.tensor);
    if (shapeOf(value).length !== 4)
      this.refuse(`operand ${position} has shape [${shapeOf(value)}], expected [N,H,W,C]`);
    return this.apply(transpose, [value], { permutation: [0, 3, 1, 2] });
  }

  /** An operand in TensorFlow's order. */
  plain(position: number): Value {
    const operand = this.operand(position);
    if (operand.kind === "known") return this.leaf(operand.name, operand.tensor);
    if (operand.kind === "plain") return operand.value;
    return this.apply(transpose, [operand.value], { permutation: [0, 2, 3, 1] });
  }

  /** An operand's shape in TensorFlow's order. */
  shape(position: number): Shape {
    const operand = this.operand(position);
    if (operand.kind === "known") return operand.tensor.shape;
    const shape = shapeOf(operand.value);
    return operand.kind === "map" ? [shape[0]!, shape[2]!, shape[3]!, shape[1]!] : shape;
  }

  /** The numbers of an operand that must be known. */
  numbers(position: number): number[] {
    const operand = this.operand(position);
    if (operand.kind !== "known")
      return this.refuse(
        `operand ${position} is computed while the model runs; sabok needs its numbers in the file`,
      );
    return Array.from(operand.tensor.data);
  }

  /** An operand that broadcasts over a map: a vector is one number a channel. */
  overMap(position: number): Value {
    const rank = this.shape(position).length;
    if (rank === 4) return this.map(position);
    const value = this.plain(position);
    if (rank === 1 && shapeOf(value)[0]! > 1) return this.apply(reshape, [value], { shape: [-1, 1, 1] });
    if (rank > 1) this.refuse(`operand ${position} of shape [${shapeOf(value)}] meets a map`);
    return value;
  }

  /** A weight in another order of axes, as a parameter under its own name. */
  weight(position: number, permutation: readonly number[], shape: (from: Shape) => Shape): Value {
    const operand = this.operand(position);
    if (operand.kind !== "known") return this.refuse("its weight is computed while the model runs");
    const { tensor } = operand;
    if (tensor.shape.length !== permutation.length) this.refuse(`its weight has shape [${tensor.shape}]`);
    const { data } = transpose.reference([tensor], { permutation });
    return this.leaf(operand.name, { shape: shape(tensor.shape), data: Float32Array.from(data) });
  }

  float(name: string, fallback: number): number {
    const value = this.node.attr[name]?.f;
    return typeof value === "number" ? value : fallback;
  }

  int(name: string, fallback: number): number {
    const value = this.node.attr[name]?.i;
    return value === undefined ? fallback : Number(value);
  }

  flag(name: string): boolean {
    return this.node.attr[name]?.b === true;
  }

  string(name: string, fallback: string): string {
    return textOf(this.node.attr[name]?.s) || fallback;
  }

  ints(name: string): number[] | undefined {
    const list = this.node.attr[name]?.list?.i;
    return Array.isArray(list) && list.length > 0 ? list.map(Number) : undefined;
  }

  strings(name: string): string[] {
    const list = this.node.attr[name]?.list?.s;
    return Array.isArray(list) ? list.map(textOf) : [];
  }

  /** Numbers of the file as a leaf: a parameter, or, where they are one, a constant. */
  private leaf(name: string, tensor: Tensor): Value {
    const key = `${name} ${tensor.shape.join()}`;
    const known = this.context.states.get(key);
    if (known) return known;
    const { g, weights, states } = this.context;
    const isState = sizeOf(tensor.shape) > 1 && !weights.has(name);
    if (isState) weights.set(name, tensor);
    const value = g.at("", () =>
      isState ? g.parameter(name, tensor.shape, { kind: "constant", value: 0 }) : g.constant(tensor),
    );
    states.set(key, value);
    return value;
  }
}

/** A string attribute, which converters write as base64 or as a list of bytes. */
function textOf(value: unknown): string {
  if (typeof value === "string") return atob(value);
  return Array.isArray(value) ? String.fromCharCode(...value.map(Number)) : "";
}
