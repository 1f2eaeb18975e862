// Singular values and vectors of small dense matrices, by one-sided Jacobi rotations (Hestenes, 1958): slow, plain and accurate to
// the last digits also for the smallest values. Matrices are tensors [rows, columns].
import { sidesOf } from "./singularValues.ts";
import { tensor, zeros, type Tensor } from "./tensor.ts";

export interface SingularValues {
  /** [rows, k], orthonormal columns; k = min(rows, columns). */
  readonly u: Tensor;
  /** σ₁ ≥ σ₂ ≥ … ≥ 0. */
  readonly values: readonly number[];
  /** [columns, k]. */
  readonly v: Tensor;
}

/** A = U·diag(σ)·Vᵀ. Columns of u that belong to σ = 0 are zero. */
export function singularValueDecomposition(a: Tensor): SingularValues {
  const [rows, columns] = sidesOf(a);
  if (rows < columns) {
    const { u, values, v } = singularValueDecomposition(transposed(a));
    return { u: v, values, v: u };
  }
  // Columns of A and of the accumulated rotations, each as an array of its own.
  const work = Array.from({ length: columns }, (_, j) => columnOf(a, j));
  const turns = Array.from({ length: columns }, (_, j) => {
    const column = new Float64Array(columns);
    column[j] = 1;
    return column;
  });
  for (let sweep = 0; sweep < mostSweeps; sweep++) if (!rotateAll(work, turns)) break;
  const norms = work.map((column) => Math.sqrt(dot(column, column)));
  const order = norms.map((_, j) => j).sort((i, j) => norms[j]! - norms[i]!);
  const values = order.map((j) => norms[j]!);
  const smallest = (values[0] ?? 0) * rows * Number.EPSILON;
  return {
    u: fromColumns(
      order.map((j) => work[j]!.map((x) => (norms[j]! > smallest ? x / norms[j]! : 0))),
      rows,
    ),
    values,
    v: fromColumns(
      order.map((j) => turns[j]!),
      columns,
    ),
  };
}

export function transposed(a: Tensor): Tensor {
  const [rows, columns] = sidesOf(a);
  const result = zeros([columns, rows]);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) result.data[j * rows + i] = a.data[i * columns + j]!;
  return result;
}

const mostSweeps = 60;

/** One sweep over all pairs of columns; false where all were orthogonal already. */
function rotateAll(work: readonly Float64Array[], turns: readonly Float64Array[]): boolean {
  let rotated = false;
  for (let p = 0; p < work.length - 1; p++)
    for (let q = p + 1; q < work.length; q++) {
      const [alpha, beta, gamma] = [
        dot(work[p]!, work[p]!),
        dot(work[q]!, work[q]!),
        dot(work[p]!, work[q]!),
      ];
      if (Math.abs(gamma) <= 1e-15 * Math.sqrt(alpha * beta) || gamma === 0) continue;
      rotated = true;
      const zeta = (beta - alpha) / (2 * gamma);
      const tangent = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
      const cosine = 1 / Math.sqrt(1 + tangent * tangent);
      rotate(work[p]!, work[q]!, cosine, cosine * tangent);
      rotate(turns[p]!, turns[q]!, cosine, cosine * tangent);
    }
  return rotated;
}

function rotate(x: Float64Array, y: Float64Array, cosine: number, sine: number): void {
  for (let i = 0; i < x.length; i++) {
    const [a, b] = [x[i]!, y[i]!];
    x[i] = cosine * a - sine * b;
    y[i] = sine * a + cosine * b;
  }
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
  return sum;
}

function columnOf(a: Tensor, j: number): Float64Array {
  const [rows, columns] = sidesOf(a);
  return Float64Array.from({ length: rows }, (_, i) => a.data[i * columns + j]!);
}

function fromColumns(columns: readonly Float64Array[], rows: number): Tensor {
  const data = new Float64Array(rows * columns.length);
  columns.forEach((column, j) => column.forEach((x, i) => (data[i * columns.length + j] = x)));
  return tensor([rows, columns.length], data);
}
