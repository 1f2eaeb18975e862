// Random tensors and the moments of numbers: what experiments draw, and how what they got is summed up.
import { sizeOf, type Random, type Shape, type Tensor } from "../core/index.ts";

/** Independent normal numbers. */
export function normalTensor(
  random: Random,
  shape: Shape,
  { mean = 0, std = 1 }: { readonly mean?: number; readonly std?: number } = {},
): Tensor & { readonly data: Float64Array } {
  return { shape, data: Float64Array.from({ length: sizeOf(shape) }, () => mean + std * random.normal()) };
}

export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

/** The biased variance: the mean square of the deviations. */
export function varianceOf(values: ArrayLike<number>): number {
  const mean = meanOf(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i]! - mean) ** 2;
  return sum / values.length;
}

/** The largest absolute difference of two equally long lists. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}

/** The inner product of two equally long lists. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

export function rootMeanSquare(values: ArrayLike<number>): number {
  return Math.sqrt(dot(values, values) / values.length);
}
