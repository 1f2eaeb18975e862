// The determinant and the inverse of a small square matrix, by Gauss-Jordan elimination with the largest pivot.
import type { Rows } from "../4.1/convolution1d.ts";

export interface Elimination {
  readonly determinant: number;
  /** Absent where a pivot is zero up to rounding. */
  readonly inverse?: number[][];
}

export function eliminate(matrix: Rows): Elimination {
  const n = matrix.length;
  const size = Math.max(...matrix.flat().map(Math.abs));
  const work = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  let determinant = 1;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++)
      if (Math.abs(work[row]![column]!) > Math.abs(work[pivot]![column]!)) pivot = row;
    const value = work[pivot]![column]!;
    if (Math.abs(value) <= size * n * Number.EPSILON) return { determinant: 0 };
    if (pivot !== column) {
      [work[pivot], work[column]] = [work[column]!, work[pivot]!];
      determinant = -determinant;
    }
    determinant *= value;
    work[column] = work[column]!.map((entry) => entry / value);
    for (let row = 0; row < n; row++) {
      const factor = work[row]![column]!;
      if (row !== column && factor !== 0)
        work[row] = work[row]!.map((entry, j) => entry - factor * work[column]![j]!);
    }
  }
  return { determinant, inverse: work.map((row) => row.slice(n)) };
}
