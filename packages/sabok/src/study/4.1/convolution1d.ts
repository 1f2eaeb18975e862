// A convolution of one row, as chapters 4.1 to 4.4 look at it: its geometry, which weight meets which input in which
// output, and its matrix. All of it is read off the library's own operators, run on basis vectors.
import { tensor, type Tensor } from "../../core/index.ts";
import type { Value } from "../../graph/index.ts";
import { conv2d, evaluate, matmul, reshape, type ConvolutionGeometry } from "../../nn/index.ts";
import { windowOutput } from "../../ops/index.ts";
import { numberList } from "../parameters.ts";
import { largestDifference } from "../draw.ts";

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

/** A matrix as a list of rows; an empty map has none. */
export type Rows = readonly (readonly number[])[];

/** A vector of a chapter of this part, of up to `longest` numbers. */
export function vectorOf(name: string, value: string, longest: number, example: string): number[] {
  return numberList({ name, value, example }, { least: -1e6, most: 1e6, longest });
}

/** How many positions of the padded input the kernel spans: dilation·(k − 1) + 1. */
export const spanOf = ({ k, dilation }: Pick<Geometry, "k" | "dilation">): number => dilation * (k - 1) + 1;

/** The output's length; 0 where the kernel does not fit. */
export const outputLength = ({ n, k, padding, stride, dilation }: Geometry): number =>
  Math.max(0, windowOutput(n, k, stride, dilation, padding, padding));

/** The same geometry as layers take it: along the row only. */
export function layerGeometry({ padding, stride, dilation }: Geometry) {
  return {
    stride: [1, stride],
    dilation: [1, dilation],
    padding: [0, padding, 0, padding],
  } as const satisfies ConvolutionGeometry;
}

export function identity(size: number): Tensor {
  return tensor(
    [size, size],
    Float64Array.from({ length: size * size }, (_, at) => (at % (size + 1) === 0 ? 1 : 0)),
  );
}

/** Vectors as maps of one row: the rows of a matrix as [B,1,1,n], or one vector as [1,1,1,n]. */
export function rowMaps({ shape, data }: Tensor): Tensor {
  return { shape: shape.length === 1 ? [1, 1, 1, shape[0]!] : [shape[0]!, 1, 1, shape[1]!], data };
}

export const vector = (numbers: readonly number[]): Tensor => tensor([numbers.length], numbers);
export const matrix = (rows: Rows): Tensor => tensor([rows.length, rows[0]!.length], rows.flat());

/** Kernels w [B,k] as conv2d takes them, [B,1,1,k]: `turn` is the identity, or the matrix that turns them round. */
export function kernels(w: Value, turn: Value): Value {
  const [count, k] = w.type.shape as [number, number];
  return reshape(matmul(w, turn), [count, 1, 1, k]);
}

/** What `kernels` multiplies by: the identity for a correlation, ones on the other diagonal for a true convolution. */
export function turnOf(k: number, reading: Reading): Tensor {
  const { shape, data } = identity(k);
  if (reading === "correlation") return { shape, data };
  return { shape, data: data.map((_, at) => (Math.floor(at / k) + (at % k) === k - 1 ? 1 : 0)) };
}

/** Every product of the convolution: conv2d of every basis vector of x with every basis kernel is 1 exactly there. */
export async function productsOf(geometry: Geometry, reading: Reading = "correlation"): Promise<Product[]> {
  const out = outputLength(geometry);
  if (out === 0) return [];
  const { n, k } = geometry;
  const y = await evaluate(
    (x, w, turn) => conv2d(x, kernels(w, turn), layerGeometry(geometry)),
    [rowMaps(identity(n)), identity(k), turnOf(k, reading)],
  );
  return readProducts(y, ([x, w, at]) => ({ x, w, y: at }));
}

/** The ones of a response [inputs, kernels, 1, outputs] to basis vectors and basis kernels, by output and weight. */
export function readProducts(
  response: Tensor,
  name: (place: readonly [number, number, number]) => Product,
): Product[] {
  const [, k, , length] = response.shape as [number, number, number, number];
  const products: Product[] = [];
  response.data.forEach((value, at) => {
    if (value !== 0)
      products.push(name([Math.floor(at / (k * length)), Math.floor(at / length) % k, at % length]));
  });
  return products.sort((a, b) => a.y - b.y || a.x - b.x);
}

/** The matrix of a linear map of rows [B,1,1,n] to rows [B,1,1,m]: its columns are the images of the basis vectors. */
export async function matrixOf(n: number, map: (x: Value) => Value): Promise<number[][]> {
  const y = await evaluate(map, [rowMaps(identity(n))]);
  return turned(rowsOf({ shape: [n, y.shape.at(-1)!], data: y.data }));
}

/** The convolution's matrix A with y = Ax. An empty output gives no rows. */
export async function convolutionMatrix(
  geometry: Geometry,
  w: readonly number[],
  reading: Reading = "correlation",
): Promise<number[][]> {
  if (outputLength(geometry) === 0) return [];
  const y = await evaluate(
    (x, w, turn) => conv2d(x, kernels(w, turn), layerGeometry(geometry)),
    [rowMaps(identity(geometry.n)), matrix([w]), turnOf(geometry.k, reading)],
  );
  return turned(rowsOf({ shape: [geometry.n, y.shape.at(-1)!], data: y.data }));
}

/** The convolution itself, y of x. */
export async function convolve(
  geometry: Geometry,
  x: readonly number[],
  w: readonly number[],
  reading: Reading = "correlation",
): Promise<number[]> {
  if (outputLength(geometry) === 0) return [];
  const y = await evaluate(
    (x, w, turn) => conv2d(x, kernels(w, turn), layerGeometry(geometry)),
    [rowMaps(vector(x)), matrix([w]), turnOf(geometry.k, reading)],
  );
  return [...y.data];
}

/** A matrix times a vector. */
export async function times(rows: Rows, numbers: readonly number[]): Promise<number[]> {
  if (rows.length === 0) return [];
  const y = await evaluate((a, x) => matmul(a, x), [matrix(rows), tensor([numbers.length, 1], numbers)]);
  return [...y.data];
}

/** The product of two matrices. */
export async function productOf(a: Rows, b: Rows): Promise<number[][]> {
  if (a.length === 0 || b.length === 0) return [];
  return rowsOf(await evaluate((a, b) => matmul(a, b), [matrix(a), matrix(b)]));
}

export function rowsOf({ shape, data }: Tensor): number[][] {
  const [rows, columns] = shape as [number, number];
  return Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * columns, (i + 1) * columns)));
}

/** The transpose. */
export function turned<T>(rows: readonly (readonly T[])[]): T[][] {
  return (rows[0] ?? []).map((_, j) => rows.map((row) => row[j]!));
}

/** The largest difference of the entries of two matrices of one shape; Infinity where the shapes differ. */
export function matrixDifference(a: Rows, b: Rows): number {
  if (a.length !== b.length || (a[0]?.length ?? 0) !== (b[0]?.length ?? 0)) return Infinity;
  return largestDifference(a.flat(), b.flat());
}
