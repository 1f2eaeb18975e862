// Indices that are values: what gather, gatherElements and their transposes share.
import { Random, ShapeError, normalizeAxis, sizeOf, tensor, type Shape, type Tensor } from "../core/index.ts";

/** Along which axis the indices count. Negative axes count from the back. */
export type GatherAttrs = { readonly axis: number };
/** The transposes' attributes: the length of that axis in the whole. */
export type GatherGradientAttrs = GatherAttrs & { readonly length: number };

/** The index that a number means: the nearest whole one, counted from the back where it is negative. Throws beyond the axis. */
export function indexOf(value: number, length: number, where: string): number {
  const rounded = Math.round(value);
  const index = rounded < 0 ? rounded + length : rounded;
  if (!(index >= 0 && index < length))
    throw new ShapeError(`${where}: index ${value} is outside an axis of length ${length}.`);
  return index;
}

/** The shape of x with the axis replaced by the indices' axes. */
export function gatheredShape(x: Shape, indices: Shape, axis: number, where: string): Shape {
  const at = normalizeAxis(axis, x.length, where);
  return [...x.slice(0, at), ...indices, ...x.slice(at + 1)];
}

/** Calls back with the position in the gathered value and in the whole, for every element gathered. */
export function forEachGathered(
  whole: Shape,
  indices: Tensor,
  axis: number,
  where: string,
  visit: (gathered: number, whole: number) => void,
): void {
  const at = normalizeAxis(axis, whole.length, where);
  const [outer, length, inner] = [sizeOf(whole.slice(0, at)), whole[at]!, sizeOf(whole.slice(at + 1))];
  const picked = Array.from(indices.data, (index) => indexOf(index, length, where));
  let next = 0;
  for (let o = 0; o < outer; o++)
    for (const index of picked)
      for (let i = 0; i < inner; i++) visit(next++, (o * length + index) * inner + i);
}

/** Calls back with the position in the indices and in the whole: only the index along the axis is the indices'. */
export function forEachGatheredElement(
  whole: Shape,
  indices: Tensor,
  axis: number,
  where: string,
  visit: (gathered: number, whole: number) => void,
): void {
  const at = normalizeAxis(axis, whole.length, where);
  let [strides, stride] = [[] as number[], 1];
  for (const dimension of [...whole].reverse()) {
    strides = [stride, ...strides];
    stride *= dimension;
  }
  const { shape, data } = indices;
  for (let position = 0; position < data.length; position++) {
    let [rest, target] = [position, 0];
    for (let i = shape.length - 1; i >= 0; i--) {
      const index = rest % shape[i]!;
      rest = Math.floor(rest / shape[i]!);
      target += strides[i]! * (i === at ? indexOf(data[position]!, whole[at]!, where) : index);
    }
    visit(position, target);
  }
}

/** Seeded indices below a length. */
export function indicesBelow(length: number, shape: Shape, seed: number): Tensor {
  const random = new Random(seed);
  return tensor(
    shape,
    Float64Array.from({ length: sizeOf(shape) }, () => random.integer(length)),
  );
}

/** [x, the indices' shape, axis] for the tests of all four. */
export const gatherSamples: readonly (readonly [Shape, Shape, number])[] = [
  [[7], [], 0],
  [[7], [3], 0],
  [[1], [4], -1],
  [[3, 5], [2], 0],
  [[3, 5], [2], 1],
  [[3, 5], [2, 2], -1],
  [[4, 33], [17], 1],
  [[3, 1], [1], 0],
  [[2, 3, 4], [], 1],
  [[2, 3, 4], [5], 1],
  [[2, 3, 4], [2, 2], 0],
  [[2, 3, 4, 5], [3], 2],
  [[2, 3, 4, 5], [7], 3],
  [[2, 3, 4, 5], [], 3],
  [[2, 3, 4, 5], [4], 1],
  [[1, 17, 3, 3], [17], 1],
  [[2, 8, 1, 1], [3], -3],
  [[5, 2, 2, 2], [2], 0],
  [[1, 3, 1, 2, 2], [2], 1],
  [[2, 16, 5, 5], [6], -1],
  [[1, 40, 4, 4], [5], 1],
];
