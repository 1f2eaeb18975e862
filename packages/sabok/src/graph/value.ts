// A value of the graph: one node and its one result. Values are immutable, so graphs share them freely;
// ids only grow, so ordering values by id is a topological order.
import type { Shape, Tensor, TensorType } from "../core/index.ts";

export type AttributeValue = number | string | boolean | readonly number[] | Tensor | Initializer;
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** How the first data of a parameter or buffer is made; the draws depend on the seed and the parameter's name only. */
export type Initializer =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "normal"; readonly std: number }
  | { readonly kind: "uniform"; readonly bound: number };

/** The leaves: values that are fed, trained, kept between runs, or fixed. Every other op is in the op table. */
export type LeafKind = "input" | "parameter" | "buffer" | "constant";

export interface Value {
  readonly id: number;
  /** A leaf kind or the name of an operator in the op table. */
  readonly op: string;
  readonly inputs: readonly Value[];
  readonly attrs: Attributes;
  readonly type: TensorType;
  /** Where it stands in the network, as torchvision names modules: "features.3.conv.0". Leaves: their own full name. */
  readonly name: string;
}

const leafKinds: ReadonlySet<string> = new Set<LeafKind>(["input", "parameter", "buffer", "constant"]);

export function isLeaf(value: Value): boolean {
  return leafKinds.has(value.op);
}

/** Whether a value keeps its data between runs: a parameter or a buffer. */
export function isState(value: Value): boolean {
  return value.op === "parameter" || value.op === "buffer";
}

export function shapeOf(value: Value): Shape {
  return value.type.shape;
}

/** [H, W] of a value [N,C,H,W], or [KH, KW] of a convolution's weight. */
export function mapSizeOf(value: Value): readonly [number, number] {
  const [, , height, width] = shapeOf(value);
  return [height!, width!];
}

let nextId = 0;

/** Makes a value with a fresh id. Only the builder and the rewriter call this. */
export function makeValue(value: Omit<Value, "id">): Value {
  return { id: nextId++, ...value };
}
