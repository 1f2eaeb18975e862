// What an operator is. One file under ops/ holds one of these and says everything there is to say about it.
import type { Shape, Tensor, TensorType } from "../core/index.ts";
import type { Attributes, Value } from "./value.ts";
import type { GraphBuilder } from "./builder.ts";

/** N operands of type T; a variadic operator has N = number. */
export type Tuple<T, N extends number> = number extends N ? readonly T[] : FixedTuple<T, N, []>;
type FixedTuple<T, N extends number, R extends readonly T[]> = R["length"] extends N
  ? R
  : FixedTuple<T, N, readonly [T, ...R]>;

/** One use of an operator in a graph, as its gradient rule sees it. */
export interface Site<Attrs extends object, N extends number> {
  readonly inputs: Tuple<Value, N>;
  readonly attrs: Attrs;
  readonly output: Value;
}

/** [top, left, bottom, right], ONNX's order. */
export type Padding = readonly [number, number, number, number];
/** [vertical, horizontal]. */
export type Pair = readonly [number, number];

/** Which input pixels one output pixel reads: what the receptive field and the cost tables need to know. */
export interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly padding: Padding;
  /** A transposed window: the output pixels one input pixel writes. */
  readonly transposed?: boolean;
}

/** Operands for a test: a shape is filled with seeded normal numbers, a tensor is taken as it is. */
export interface Sample<Attrs extends object, N extends number> {
  readonly inputs: Tuple<Shape | Tensor, N>;
  readonly attrs?: Partial<Attrs>;
}

/** Operands that the shape rule must refuse, and what its message must say. */
export interface Reject<Attrs extends object, N extends number> extends Sample<Attrs, N> {
  readonly error: RegExp;
}

export interface OpSpec<Name extends string, Attrs extends object, N extends number> {
  readonly name: Name;
  /** One sentence, with the formula. */
  readonly doc: string;
  /** Each operand's name and logical shape: "x [N,C,H,W]". A variadic operator has one entry that begins with "...". */
  readonly inputs: Tuple<string, N>;
  readonly defaults: Attrs;
  /** What each attribute that is a word may be. */
  readonly words?: Readonly<Record<string, readonly string[]>>;
  /** The result's type. Throws ShapeError; `where` (op and place) begins its message. */
  infer(types: Tuple<TensorType, N>, attrs: Attrs, where: string): TensorType;
  /** Plain float64 loops over row-major tensors: the oracle every backend is tested against. */
  reference(inputs: Tuple<Tensor, N>, attrs: Attrs): Tensor;
  /**
   * The same function built from other operators, for operators that fuse several. Where `grad` is "expand",
   * autodiff differentiates this instead.
   */
  expand?(g: GraphBuilder, site: Omit<Site<Attrs, N>, "output">): Value;
  /**
   * The vector-Jacobian product: given dy, the gradient to each operand, null where there is none. "none": the
   * operator is not differentiable (an optimiser's update); "expand": by its expansion.
   */
  readonly grad:
    | "none"
    | "expand"
    | ((g: GraphBuilder, dy: Value, site: Site<Attrs, N>) => Tuple<Value | null, N>);
  /** Multiply-accumulates, as the MobileNet papers count: conv and linear only; 0 for everything else. */
  macs(types: Tuple<TensorType, N>, attrs: Attrs): number;
  /** The spatial window, "global" where an output sees the whole map, absent where it sees its own pixel only. */
  window?(types: Tuple<TensorType, N>, attrs: Attrs): Window | "global";
  /** At least 20, awkward shapes included: they drive the op's tests on every backend. */
  samples(): Iterable<Sample<Attrs, N>>;
  readonly rejects: readonly Reject<Attrs, N>[];
}

/** Any operator, as code that treats all alike sees it. */
export interface Operator {
  readonly name: string;
  readonly doc: string;
  readonly inputs: readonly string[];
  readonly defaults: object;
  readonly words?: Readonly<Record<string, readonly string[]>>;
  infer(types: readonly TensorType[], attrs: object, where: string): TensorType;
  reference(inputs: readonly Tensor[], attrs: object): Tensor;
  expand?(g: GraphBuilder, site: { readonly inputs: readonly Value[]; readonly attrs: object }): Value;
  readonly grad: "none" | "expand" | GradientRule;
  macs(types: readonly TensorType[], attrs: object): number;
  window?(types: readonly TensorType[], attrs: object): Window | "global";
  samples(): Iterable<Sample<object, number>>;
  readonly rejects: readonly Reject<object, number>[];
}

type GradientRule = {
  // A method, so that each operator's narrower parameter types are accepted.
  rule(
    g: GraphBuilder,
    dy: Value,
    site: { inputs: readonly Value[]; attrs: object; output: Value },
  ): readonly (Value | null)[];
}["rule"];

export type OperatorTable = Readonly<Record<string, Operator>>;

/** The attributes of a value, typed as its operator declares them. */
export function attributesOf<Attrs extends object>(
  value: { readonly attrs: Attributes },
  _spec: { readonly defaults: Attrs },
): Attrs {
  return value.attrs as Attrs;
}
