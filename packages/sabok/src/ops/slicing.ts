// A regular part of a value, as index arithmetic that slice, its transpose, pad and concat share.
import { ShapeError, forEachIndex, formatShape, sizeOf, stridesOf, type Shape } from "../core/index.ts";
import type { Window } from "../graph/index.ts";

/** For each row-major element of the part, its position in the whole: element i of an axis stands at starts + i·steps. */
export function partPositions(
  part: Shape,
  whole: Shape,
  starts: readonly number[],
  steps: readonly number[],
): Int32Array {
  const strides = stridesOf(whole);
  const positions = new Int32Array(sizeOf(part));
  forEachIndex(part, (index, at) => {
    let position = 0;
    for (let axis = 0; axis < whole.length; axis++)
      position += (starts[axis]! + index[axis]! * steps[axis]!) * strides[axis]!;
    positions[at] = position;
  });
  return positions;
}

/** Throws unless the attribute has one whole number of at least `least` for each axis of x. */
export function expectPerAxis(
  values: readonly number[],
  x: Shape,
  least: number,
  attribute: string,
  where: string,
): void {
  if (values.length !== x.length || values.some((n) => !Number.isInteger(n) || n < least))
    throw new ShapeError(
      `${where}: ${attribute} is ${formatShape(values)}, expected ${x.length} whole numbers of at least ${least}, one for each axis ` +
        `of shape ${formatShape(x)}.`,
    );
}

/** Throws where the part reaches past the end of the whole. */
export function expectInside(
  part: Shape,
  whole: Shape,
  starts: readonly number[],
  steps: readonly number[],
  where: string,
): void {
  for (const [axis, size] of part.entries()) {
    const last = starts[axis]! + (size - 1) * steps[axis]!;
    if (last >= whole[axis]!)
      throw new ShapeError(
        `${where}: ${size} elements from ${starts[axis]} in steps of ${steps[axis]} reach index ${last} along axis ${axis}, ` +
          `but shape ${formatShape(whole)} ends at ${whole[axis]! - 1}.`,
      );
  }
}

/** Which pixel of x one pixel of a part of [N,C,H,W] is: a window of one pixel, moved. */
export function partWindow(starts: readonly number[], steps: readonly number[]): Window {
  if (starts.length !== 4) return { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0] };
  return {
    kernel: [1, 1],
    stride: [steps[2]!, steps[3]!],
    dilation: [1, 1],
    padding: [-starts[2]!, -starts[3]!, 0, 0],
  };
}

/** Parts of values that tests share: [whole, starts, sizes, steps]. */
export const partSamples: readonly (readonly [
  Shape,
  readonly number[],
  readonly number[],
  readonly number[],
])[] = [
  [[], [], [], []],
  [[7], [0], [7], [1]],
  [[7], [6], [1], [1]],
  [[9], [1], [3], [3]],
  [[1], [0], [1], [5]],
  [
    [3, 5],
    [1, 2],
    [2, 3],
    [1, 1],
  ],
  [
    [4, 33],
    [0, 16],
    [4, 17],
    [1, 1],
  ],
  [
    [3, 1],
    [2, 0],
    [1, 1],
    [1, 1],
  ],
  [
    [2, 3, 4],
    [0, 1, 0],
    [2, 1, 2],
    [1, 1, 2],
  ],
  [
    [2, 3, 4],
    [1, 0, 3],
    [1, 2, 1],
    [1, 2, 1],
  ],
  [
    [2, 8, 4, 4],
    [0, 0, 0, 0],
    [2, 4, 4, 4],
    [1, 1, 1, 1],
  ],
  [
    [2, 8, 4, 4],
    [0, 4, 0, 0],
    [2, 4, 4, 4],
    [1, 1, 1, 1],
  ],
  [
    [1, 17, 5, 5],
    [0, 5, 0, 0],
    [1, 7, 5, 5],
    [1, 1, 1, 1],
  ],
  [
    [2, 3, 6, 6],
    [0, 0, 0, 0],
    [2, 3, 3, 3],
    [1, 1, 2, 2],
  ],
  [
    [2, 3, 6, 6],
    [0, 0, 1, 1],
    [2, 3, 3, 3],
    [1, 1, 2, 2],
  ],
  [
    [2, 3, 7, 5],
    [0, 0, 2, 1],
    [2, 3, 3, 4],
    [1, 1, 1, 1],
  ],
  [
    [5, 4, 1, 1],
    [1, 0, 0, 0],
    [2, 4, 1, 1],
    [3, 1, 1, 1],
  ],
  [
    [1, 12, 2, 3],
    [0, 1, 0, 0],
    [1, 4, 2, 2],
    [1, 3, 1, 2],
  ],
  [
    [3, 6, 1, 9],
    [1, 2, 0, 4],
    [1, 3, 1, 5],
    [1, 1, 1, 1],
  ],
  [
    [2, 2, 3, 2, 3],
    [0, 1, 0, 0, 1],
    [2, 1, 2, 2, 2],
    [1, 1, 2, 1, 1],
  ],
  [
    [2, 40, 3, 3],
    [1, 8, 0, 1],
    [1, 24, 2, 2],
    [1, 1, 2, 1],
  ],
  [
    [8, 5, 2, 2],
    [0, 0, 0, 0],
    [4, 5, 1, 2],
    [2, 1, 1, 1],
  ],
];
