// A node of a model that keeps maps as [N,H,W,C], as TensorFlow's formats do, seen by its rule. Here a map is a value [N,C,H,W], and
// what a rule needs in the file's order is transposed where it is needed.
import { SabokError, sizeOf, type Shape, type Tensor } from "../core/index.ts";
import { shapeOf, type GraphBuilder, type OpSpec, type Tuple, type Value } from "../graph/index.ts";
import { reshape, transpose } from "../ops/index.ts";

/** A tensor of the model: numbers that are known at import, or a value. */
export type ChannelsLastTensor =
  | { readonly kind: "known"; readonly name: string; readonly tensor: Tensor }
  | ChannelsLastValue;

/** A value [N,C,H,W], or one in the file's order. */
export type ChannelsLastValue =
  | { readonly kind: "map"; readonly value: Value }
  | { readonly kind: "plain"; readonly value: Value };

/** What all nodes of one import share. */
export interface ChannelsLastContext {
  readonly g: GraphBuilder;
  readonly weights: Map<string, Tensor>;
  readonly states: Map<string, Value>;
}

export const asMap = (value: Value): ChannelsLastValue => ({ kind: "map", value });
export const asPlain = (value: Value): ChannelsLastValue => ({ kind: "plain", value });
export const asKnown = (shape: Shape, numbers: Iterable<number>): ChannelsLastTensor => ({
  kind: "known",
  name: "",
  tensor: { shape, data: Float64Array.from(numbers) },
});

/** Where each axis of [N,C,H,W] stands in [N,H,W,C], and the other way round. */
const toMap = [0, 3, 1, 2] as const;
const fromMap = [0, 2, 3, 1] as const;

/** A list with one entry an axis of [N,H,W,C], in the order [N,C,H,W]. */
export function inMapOrder<T>(list: readonly T[]): T[] {
  return toMap.map((axis) => list[axis]!);
}

/** The axis of [N,C,H,W] that an axis of [N,H,W,C] is. */
export function mapAxis(axis: number): number {
  return fromMap[axis]!;
}

/** The most numbers that a rule makes itself: indices, repetitions. */
const mostMade = 1 << 20;

export class ChannelsLastNode {
  /** `Conv2D "block/conv"`, as messages name the node. */
  readonly where: string;
  readonly operands: readonly (ChannelsLastTensor | undefined)[];
  private readonly context: ChannelsLastContext;
  private readonly name: string;

  /** @param name what the values that the rule makes are named */
  constructor(
    context: ChannelsLastContext,
    op: string,
    name: string,
    operands: readonly (ChannelsLastTensor | undefined)[],
  ) {
    this.context = context;
    this.name = name;
    this.operands = operands;
    this.where = `${op} "${name}"`;
  }

  /** Throws: the node is something that sabok does not import. */
  refuse(why: string): never {
    throw new SabokError(`${this.where}: ${why}`);
  }

  apply<Name extends string, Attrs extends object, N extends number>(
    spec: OpSpec<Name, Attrs, N>,
    inputs: Tuple<Value, N>,
    attrs: Partial<Attrs> = {},
  ): Value {
    return this.context.g.at(this.name, () => this.context.g.apply(spec, inputs, attrs));
  }

  operand(position: number): ChannelsLastTensor {
    return this.operands[position] ?? this.refuse(`operand ${position} is missing`);
  }

  /** Whether an operand is written; some may be left out. */
  has(position: number): boolean {
    return this.operands[position] !== undefined;
  }

  isMap(position: number): boolean {
    return this.operands[position]?.kind === "map";
  }

  /** An operand as a map [N,C,H,W]. */
  map(position: number): Value {
    const operand = this.operand(position);
    if (operand.kind === "map") return operand.value;
    const value = operand.kind === "plain" ? operand.value : this.leaf(operand.name, operand.tensor);
    if (shapeOf(value).length !== 4)
      this.refuse(`operand ${position} has shape [${shapeOf(value)}], expected [N,H,W,C]`);
    return this.reordered(value, toMap);
  }

  /** An operand in the file's order. */
  plain(position: number): Value {
    const operand = this.operand(position);
    if (operand.kind === "known") return this.leaf(operand.name, operand.tensor);
    if (operand.kind === "plain") return operand.value;
    return this.reordered(operand.value, fromMap);
  }

  /** An operand's shape in the file's order. */
  shape(position: number): Shape {
    const operand = this.operand(position);
    if (operand.kind === "known") return operand.tensor.shape;
    const shape = shapeOf(operand.value);
    return operand.kind === "map" ? fromMap.map((axis) => shape[axis]!) : shape;
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

  /** The one number of such an operand. */
  number(position: number): number {
    const numbers = this.numbers(position);
    if (numbers.length !== 1)
      this.refuse(`operand ${position} holds ${numbers.length} numbers, expected one`);
    return numbers[0]!;
  }

  /** An operand that broadcasts over a map: [C], [1,1,C] and [H,W,C] as [C,1,1] and [C,H,W]. */
  overMap(position: number): Value {
    const operand = this.operand(position);
    const shape = this.shape(position);
    if (shape.length === 4) return this.map(position);
    if (shape.length > 4) this.refuse(`operand ${position} of shape [${shape}] meets a map`);
    if (sizeOf(shape) === 1) return this.scalar(position);
    const [height, width, channels] = [1, 1, ...shape].slice(-3) as [number, number, number];
    const isColumn = height === 1 && width === 1;
    if (operand.kind === "known" && !isColumn)
      return this.weight(
        position,
        shape.map((_, axis) => (axis + shape.length - 1) % shape.length),
        () => [channels, height, width],
      );
    if (isColumn) return this.apply(reshape, [this.plain(position)], { shape: [channels, 1, 1] });
    const whole = this.apply(reshape, [this.plain(position)], { shape: [height, width, channels] });
    return this.apply(transpose, [whole], { permutation: [2, 0, 1] });
  }

  /** A weight in another order of axes, as a parameter under its own name. */
  weight(position: number, permutation: readonly number[], shape: (from: Shape) => Shape): Value {
    const operand = this.operand(position);
    if (operand.kind !== "known") return this.refuse("its weight is computed while the model runs");
    const { tensor } = operand;
    if (tensor.shape.length !== permutation.length) this.refuse(`its weight has shape [${tensor.shape}]`);
    const { data } = transpose.reference([tensor], { permutation });
    const moved = { shape: shape(tensor.shape), data: Float32Array.from(data) };
    return this.leaf(operand.name, moved, permutation.join());
  }

  /** A result of a rule in the file's order. */
  inFileOrder(result: Value, kind: "map" | "plain"): Value {
    return kind === "map" ? this.reordered(result, fromMap) : result;
  }

  /** Refuses to make more numbers than a damaged file may ask for. */
  expectFeasible(count: number): void {
    if (!(count <= mostMade))
      this.refuse(`it takes ${count} numbers, of which sabok makes at most ${mostMade}`);
  }

  /** Numbers of the rule's own as a leaf. */
  constant(numbers: readonly number[]): Value {
    return this.leaf("", { shape: [numbers.length], data: Float64Array.from(numbers) });
  }

  /** An operand of one number as a value without axes. */
  private scalar(position: number): Value {
    const operand = this.operand(position);
    if (operand.kind === "known") return this.leaf(operand.name, { shape: [], data: operand.tensor.data });
    return this.apply(reshape, [this.plain(position)], { shape: [] });
  }

  /** A value of rank 4 with its axes in another order, which moves nothing where all but one axis behind the first are 1. */
  private reordered(value: Value, permutation: readonly number[]): Value {
    const shape = shapeOf(value);
    const moved = permutation.map((axis) => shape[axis]!);
    if (shape.slice(1).filter((length) => length > 1).length <= 1)
      return this.apply(reshape, [value], { shape: [-1, ...moved.slice(1)] });
    return this.apply(transpose, [value], { permutation });
  }

  /** Numbers of the file as a leaf: a parameter under their name, or, where they are one or have no name, a constant. */
  private leaf(name: string, tensor: Tensor, order = ""): Value {
    const key = `${name} ${tensor.shape.join()} ${order}`;
    const known = name === "" ? undefined : this.context.states.get(key);
    if (known) return known;
    const { g, weights, states } = this.context;
    const isState = name !== "" && sizeOf(tensor.shape) > 1 && !weights.has(name);
    if (isState) weights.set(name, tensor);
    const value = g.at("", () =>
      isState ? g.parameter(name, tensor.shape, { kind: "constant", value: 0 }) : g.constant(tensor),
    );
    states.set(key, value);
    return value;
  }
}
