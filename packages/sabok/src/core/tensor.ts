// Shapes, element types and tensors: plain data, row-major, no methods.
import { ShapeError, invariant } from "./errors.ts";

export type Shape = readonly number[];

/** Element types of values. The float64 reference holds a float32 value in a Float64Array. */
export type DType = "float32" | "int32";

export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

export type TensorData = Float64Array | Float32Array | Int32Array;

/** A row-major array of numbers with a shape. */
export interface Tensor {
  readonly shape: Shape;
  readonly data: TensorData;
}

/** The number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const dimension of shape) size *= dimension;
  return size;
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = Array.from<number>({ length: shape.length });
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, axis) => dimension === b[axis]);
}

/** "[8,24,56,56]", as errors and tables print a shape. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(",")}]`;
}

/** The type of a float32 value of a shape. */
export function float32(shape: Shape): TensorType {
  return { shape, dtype: "float32" };
}

/** A tensor from data whose length must match the shape; plain arrays become float64. */
export function tensor(shape: Shape, data: TensorData | readonly number[]): Tensor {
  const array = Array.isArray(data) ? Float64Array.from(data) : (data as TensorData);
  if (array.length !== sizeOf(shape))
    throw new ShapeError(
      `tensor: got ${array.length} numbers for shape ${formatShape(shape)}, which holds ${sizeOf(shape)}.`,
    );
  return { shape, data: array };
}

/** A float64 tensor of zeros. */
export function zeros(shape: Shape): Tensor & { readonly data: Float64Array } {
  return { shape, data: new Float64Array(sizeOf(shape)) };
}

/** The axis counted from the front; negative axes count from the back. */
export function normalizeAxis(axis: number, rank: number, where: string): number {
  const normalized = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || normalized < 0 || normalized >= rank)
    throw new ShapeError(
      `${where}: axis ${axis} is outside a value of rank ${rank}; give -${rank} to ${rank - 1}.`,
    );
  return normalized;
}

/** The shape two shapes broadcast to (NumPy's rule). */
export function broadcastShapes(a: Shape, b: Shape, where: string): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const da = a[axis - rank + a.length] ?? 1;
    const db = b[axis - rank + b.length] ?? 1;
    if (da !== db && da !== 1 && db !== 1)
      throw new ShapeError(
        `${where}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast: ` +
          `axis ${axis} from the left is ${da} against ${db}; they must be equal or one of them 1.`,
      );
    return da === 1 ? db : da;
  });
}

/** Calls back with every index of a shape in row-major order. The index array is reused between calls. */
export function forEachIndex(
  shape: Shape,
  visit: (index: readonly number[], position: number) => void,
): void {
  const index = Array.from<number>({ length: shape.length }).fill(0);
  const size = sizeOf(shape);
  for (let position = 0; position < size; position++) {
    visit(index, position);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
}

/** The single number of a one-element tensor. */
export function item(value: Tensor): number {
  invariant(value.data.length === 1, `item of a tensor of shape ${formatShape(value.shape)}`);
  return value.data[0]!;
}
