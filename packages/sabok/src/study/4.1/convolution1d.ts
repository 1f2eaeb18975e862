// A convolution of one row, as the chapters 4.1 to 4.4 look at it: its geometry, which weight meets which input in which
// output, and its matrix. All of it is read off the library's own operators, run on basis vectors.
import { tensor, type Tensor } from "../../core/index.ts";
import { interpret } from "../../backends/reference/index.ts";
import { GraphBuilder, type Value } from "../../graph/index.ts";
import { conv2d, matmul, reshape, windowOutput, type Conv2dAttrs } from "../../ops/index.ts";

export interface Geometry {
  /** Length of x. */
  readonly n: number;
  /** Length of w. */
  readonly k: number;
  readonly padding: number;
  readonly stride: number;
  readonly dilation: number;
}

/** What is meant by convolution: with w as it stands (deep learning) or turned round (mathematics). */
export type Reading = "correlation" | "convolution";

/** One product of the sum: output y takes weight w times input x, all counted from 0. */
export interface Product {
  readonly y: number;
  readonly w: number;
  readonly x: number;
}

/** How many positions of the padded input the kernel spans: dilation·(k − 1) + 1. */
export const spanOf = ({ k, dilation }: Geometry): number => dilation * (k - 1) + 1;

/** The output's length; below 1 the kernel does not fit. */
export const outputLength = ({ n, k, padding, stride, dilation }: Geometry): number =>
  Math.max(0, windowOutput(n, k, stride, dilation, padding, padding));

export function attributesOf({ padding, stride, dilation }: Geometry): Conv2dAttrs {
  return { stride: [1, stride], dilation: [1, dilation], padding: [0, padding, 0, padding], groups: 1 };
}

export function identity(size: number): Tensor {
  return tensor(
    [size, size],
    Float64Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 : 0)),
  );
}

/** Runs a graph that `build` makes from constants, once, in float64. */
export function run<Name extends string>(build: (g: GraphBuilder) => Record<Name, Value>): Record<Name, Tensor> {
  const g = new GraphBuilder();
  return interpret(g.finish(build(g)), {}).outputs;
}

/** Kernels w [B,k] as conv2d takes them, [B,1,1,k], turned round for a true convolution. */
export function kernels(g: GraphBuilder, w: Value, reading: Reading): Value {
  const [count, k] = w.type.shape as [number, number];
  const turned = reading === "convolution" ? g.apply(matmul, [w, g.constant(exchange(k))]) : w;
  return g.apply(reshape, [turned], { shape: [count, 1, 1, k] });
}

/** Every product of the convolution: conv2d of every basis vector of x with every basis kernel is 1 exactly there. */
export function productsOf(geometry: Geometry, reading: Reading): Product[] {
  const out = outputLength(geometry);
  if (out === 0) return [];
  const { n, k } = geometry;
  const { y } = run((g) => ({
    y: g.apply(
      conv2d,
      [g.constant(rowsOf(identity(n))), kernels(g, g.constant(identity(k)), reading)],
      attributesOf(geometry),
    ),
  }));
  const products: Product[] = [];
  y.data.forEach((value, at) => {
    if (value !== 0) products.push({ x: Math.floor(at / (k * out)), w: Math.floor(at / out) % k, y: at % out });
  });
  return products.sort((a, b) => a.y - b.y || a.x - b.x);
}

/** The matrix of a linear map of rows [B,1,1,n] to rows [B,1,1,m]: its columns are the images of the basis vectors. */
export function matrixOf(n: number, map: (g: GraphBuilder, x: Value) => Value): number[][] {
  const { y } = run((g) => ({ y: map(g, g.constant(rowsOf(identity(n)))) }));
  const m = y.shape.at(-1)!;
  return Array.from({ length: m }, (_, i) => Array.from({ length: n }, (_, j) => y.data[j * m + i]!));
}

/** The convolution's matrix A with y = Ax. An empty output gives no rows. */
export function convolutionMatrix(geometry: Geometry, w: readonly number[], reading: Reading): number[][] {
  if (outputLength(geometry) === 0) return [];
  return matrixOf(geometry.n, (g, x) =>
    g.apply(conv2d, [x, kernels(g, g.constant(tensor([1, geometry.k], w)), reading)], attributesOf(geometry)),
  );
}

/** The convolution itself, y of x. */
export function convolve(geometry: Geometry, x: readonly number[], w: readonly number[], reading: Reading): number[] {
  if (outputLength(geometry) === 0) return [];
  const { y } = run((g) => ({
    y: g.apply(
      conv2d,
      [rowValue(g, x), kernels(g, g.constant(tensor([1, geometry.k], w)), reading)],
      attributesOf(geometry),
    ),
  }));
  return Array.from(y.data);
}

/** A vector as a map of one row, [1,1,1,n]. */
export function rowValue(g: GraphBuilder, x: readonly number[]): Value {
  return g.constant(tensor([1, 1, 1, x.length], x));
}

/** A matrix times a vector. */
export function times(matrix: readonly (readonly number[])[], vector: readonly number[]): number[] {
  if (matrix.length === 0) return [];
  const { y } = run((g) => ({
    y: g.apply(matmul, [matrixValue(g, matrix), g.constant(tensor([vector.length, 1], vector))]),
  }));
  return Array.from(y.data);
}

/** The product of two matrices, the first transposed where asked. */
export function product(
  a: readonly (readonly number[])[],
  b: readonly (readonly number[])[],
  { transposeA = false } = {},
): number[][] {
  const { y } = run((g) => ({ y: g.apply(matmul, [matrixValue(g, a), matrixValue(g, b)], { transposeA }) }));
  const columns = y.shape[1]!;
  return Array.from({ length: y.shape[0]! }, (_, i) => Array.from(y.data.slice(i * columns, (i + 1) * columns)));
}

export function transposed<T>(matrix: readonly (readonly T[])[]): T[][] {
  return (matrix[0] ?? []).map((_, j) => matrix.map((row) => row[j]!));
}

/** The largest difference of two vectors or matrices of the same shape; NaN where the shapes differ. */
export function largestDifference(
  a: readonly number[] | readonly (readonly number[])[],
  b: readonly number[] | readonly (readonly number[])[],
): number {
  const [left, right] = [a.flat(), b.flat()];
  if (left.length !== right.length || a.length !== b.length) return NaN;
  return left.reduce((most, value, i) => Math.max(most, Math.abs(value - right[i]!)), 0);
}

function matrixValue(g: GraphBuilder, matrix: readonly (readonly number[])[]): Value {
  return g.constant(tensor([matrix.length, matrix[0]!.length], matrix.flat()));
}

function rowsOf({ shape: [count, length], data }: Tensor): Tensor {
  return { shape: [count!, 1, 1, length!], data };
}

function exchange(size: number): Tensor {
  return { shape: [size, size], data: identity(size).data.map((_, at) => (Math.floor(at / size) + (at % size) === size - 1 ? 1 : 0)) };
}
