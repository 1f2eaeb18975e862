// NumPy's broadcasting, as index arithmetic shared by the elementwise operators and their gradients.
import { forEachIndex, type Shape } from "../core/index.ts";

/**
 * For every position of the row-major result shape, the position in an operand that broadcasts to it.
 * The operand's rank may be lower; its missing leading axes and its axes of length 1 are repeated.
 */
export function broadcastPositions(from: Shape, to: Shape): Int32Array {
  const offset = to.length - from.length;
  let size = 1;
  for (const dimension of to) size *= dimension;
  const positions = new Int32Array(size);
  forEachIndex(to, (index, at) => {
    let position = 0;
    for (let axis = 0; axis < from.length; axis++)
      position = position * from[axis]! + (from[axis] === 1 ? 0 : index[axis + offset]!);
    positions[at] = position;
  });
  return positions;
}

/** Operand shapes that broadcast together, for the tests of every binary operator. */
export const broadcastSamples: readonly (readonly [Shape, Shape])[] = [
  [[], []],
  [[1], [1]],
  [[7], []],
  [[], [7]],
  [[5], [5]],
  [
    [3, 5],
    [3, 5],
  ],
  [[3, 5], [5]],
  [
    [3, 1],
    [1, 5],
  ],
  [[4], [3, 4]],
  [
    [2, 3, 4, 5],
    [2, 3, 4, 5],
  ],
  [
    [2, 3, 4, 5],
    [2, 3, 1, 1],
  ],
  [
    [2, 3, 1, 1],
    [2, 3, 4, 5],
  ],
  [
    [2, 3, 4, 5],
    [1, 3, 1, 1],
  ],
  [
    [2, 16, 3, 3],
    [16, 1, 1],
  ],
  [[2, 3, 4, 5], [5]],
  [[2, 3, 4, 5], []],
  [
    [1, 17, 3, 3],
    [1, 17, 1, 1],
  ],
  [
    [2, 1, 4, 4],
    [2, 5, 4, 4],
  ],
  [
    [3, 8, 1, 1],
    [3, 8, 1, 1],
  ],
  [
    [2, 4, 6],
    [2, 1, 6],
  ],
  [
    [2, 3, 4, 5],
    [2, 1, 4, 5],
  ],
  [
    [1, 2, 3, 2, 2],
    [2, 1, 2, 1],
  ],
  [
    [4, 33, 2, 2],
    [4, 33, 1, 1],
  ],
];
