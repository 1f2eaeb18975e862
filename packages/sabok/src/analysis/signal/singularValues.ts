// Singular values by one-sided Jacobi rotations (Hestenes, 1958): rows are turned until all are orthogonal; their lengths remain.

/** The singular values of a matrix given by its rows, descending: as many as the smaller of its sides. */
export function singularValues(matrix: readonly Float64Array[]): number[] {
  const tall = matrix.length > (matrix[0]?.length ?? 0);
  const rows = tall ? transposed(matrix) : matrix.map((row) => row.slice());
  for (let sweep = 0; sweep < 60; sweep++) if (!rotateAll(rows)) break;
  return rows.map((row) => Math.sqrt(dot(row, row))).sort((a, b) => b - a);
}

/** One rotation of every pair of rows; whether any was still needed. */
function rotateAll(rows: readonly Float64Array[]): boolean {
  let turned = false;
  for (let p = 0; p < rows.length; p++)
    for (let q = p + 1; q < rows.length; q++) {
      const [a, b] = [rows[p]!, rows[q]!];
      const [alpha, beta, gamma] = [dot(a, a), dot(b, b), dot(a, b)];
      if (Math.abs(gamma) <= 1e-15 * Math.sqrt(alpha * beta) || gamma === 0) continue;
      turned = true;
      const zeta = (beta - alpha) / (2 * gamma);
      const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta ** 2));
      const c = 1 / Math.sqrt(1 + t ** 2);
      const s = c * t;
      for (let i = 0; i < a.length; i++) {
        const [x, y] = [a[i]!, b[i]!];
        a[i] = c * x - s * y;
        b[i] = s * x + c * y;
      }
    }
  return turned;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function transposed(matrix: readonly Float64Array[]): Float64Array[] {
  return Array.from({ length: matrix[0]!.length }, (_, column) =>
    Float64Array.from(matrix, (row) => row[column]!),
  );
}
