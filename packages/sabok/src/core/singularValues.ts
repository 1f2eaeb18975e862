// Singular values without their vectors: Householder reflections from both sides to an upper bidiagonal matrix (Golub and Kahan,
// 1965), whose values are then found by bisection. Each is wrong by some hundred ε·σ₁ at most, however small it is.
import { ShapeError } from "./errors.ts";
import type { Tensor } from "./tensor.ts";

/**
 * The singular values of a matrix [rows, columns], descending: as many as the smaller side. All are NaN where the matrix holds a
 * number that is not finite. The work is 4·rows·columns² for columns ≤ rows. Throws ShapeError where `a` is no matrix.
 */
export function singularValues(a: Tensor): number[] {
  const [rows, columns] = sidesOf(a);
  const isWide = rows < columns;
  const [m, n] = isWide ? [columns, rows] : [rows, columns];
  let largest = 0;
  for (const x of a.data) largest = Math.max(largest, Math.abs(x));
  if (largest === 0) return Array.from({ length: n }, () => 0);
  if (!Number.isFinite(largest)) return Array.from({ length: n }, () => Number.NaN);
  // Scaled by a power of two, which rounds nothing, so that no square leaves the range of float64.
  const scale = 2 ** Math.max(Math.floor(Math.log2(largest)), -1000);
  const work = Array.from({ length: m }, (_, i) =>
    Float64Array.from({ length: n }, (_, j) => a.data[isWide ? j * columns + i : i * columns + j]! / scale),
  );
  return bisect(bidiagonal(work)).map((value) => value * scale);
}

/** How many singular values exceed `tolerance` times the largest. */
export function rankOf(a: Tensor, tolerance = 1e-9): number {
  const values = singularValues(a);
  return values.filter((value) => value > tolerance * Math.max(values[0]!, Number.MIN_VALUE)).length;
}

/** [rows, columns]; throws ShapeError where `a` is no matrix. */
export function sidesOf(a: Tensor): readonly [number, number] {
  if (a.shape.length !== 2)
    throw new ShapeError(`expected a matrix [rows, columns], got a tensor of rank ${a.shape.length}.`);
  return [a.shape[0]!, a.shape[1]!];
}

/**
 * Turns a tall matrix, given by its rows, into UᵀAV with d on the diagonal and e above it; both interleaved: d₁ e₁ d₂ e₂ … dₙ.
 * A reflection is I − τvvᵀ with v₁ = 1; the one from the right is applied while its row passes anyway.
 */
function bidiagonal(rows: readonly Float64Array[]): Float64Array {
  const [m, n] = [rows.length, rows[0]?.length ?? 0];
  const chain = new Float64Array(Math.max(2 * n - 1, 0));
  const [left, right, products] = [new Float64Array(m), new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k < n; k++) {
    for (let i = k; i < m; i++) left[i] = rows[i]![k]!;
    const tauLeft = reflect(left, k);
    chain[2 * k] = left[k]!;
    left[k] = 1;
    // products = τ vᵀA for the columns behind the k-th.
    products.fill(0, k + 1);
    if (tauLeft !== 0) for (let i = k; i < m; i++) addScaled(products, tauLeft * left[i]!, rows[i]!, k + 1);
    addScaled(rows[k]!, -1, products, k + 1);
    if (k + 1 >= n) continue;
    right.set(rows[k]!.subarray(k + 1), k + 1);
    const tauRight = reflect(right, k + 1);
    chain[2 * k + 1] = right[k + 1]!;
    right[k + 1] = 1;
    for (let i = k + 1; i < m; i++) {
      const row = rows[i]!;
      if (tauLeft !== 0) addScaled(row, -left[i]!, products, k + 1);
      if (tauRight !== 0) addScaled(row, -tauRight * dotFrom(row, right, k + 1), right, k + 1);
    }
  }
  return chain;
}

/** Makes the reflection of x[from…] onto its first element: that element becomes the result, those behind it v; gives τ. */
function reflect(x: Float64Array, from: number): number {
  let tail = 0;
  for (let i = from + 1; i < x.length; i++) tail += x[i]! * x[i]!;
  if (tail === 0) return 0;
  const first = x[from]!;
  const length = -Math.sign(first || 1) * Math.sqrt(first * first + tail);
  for (let i = from + 1; i < x.length; i++) x[i] = x[i]! / (first - length);
  x[from] = length;
  return (length - first) / length;
}

/** y += factor·x, from one position on. */
function addScaled(y: Float64Array, factor: number, x: Float64Array, from: number): void {
  for (let j = from; j < y.length; j++) y[j] = y[j]! + factor * x[j]!;
}

function dotFrom(x: Float64Array, y: Float64Array, from: number): number {
  let sum = 0;
  for (let j = from; j < x.length; j++) sum += x[j]! * y[j]!;
  return sum;
}

/**
 * The singular values of a bidiagonal matrix, descending. With 0 on its diagonal and d₁ e₁ d₂ e₂ … beside it, a symmetric tridiagonal matrix
 * has the eigenvalues ±σ; how many lie below x, its Sturm sequence says.
 */
function bisect(chain: Float64Array): number[] {
  const n = (chain.length + 1) / 2;
  const squares = chain.map((b) => b * b);
  // Gershgorin's bound of the largest.
  const bound = Math.max(...chain.map((b, i) => Math.abs(b) + Math.abs(chain[i + 1] ?? 0)));
  const nothing = (bound * Number.EPSILON) / 2 ** 12;
  const least = bound ** 2 * 1e-300;
  /** How many singular values lie below x > 0. */
  const below = (x: number): number => {
    let [pivot, negative] = [-x, 1];
    for (const square of squares) {
      pivot = -x - square / pivot;
      if (pivot < 0) negative++;
      else if (pivot < least) pivot = least;
    }
    return negative - n;
  };
  const values: number[] = [];
  /** Finds the values number `first` to `end` − 1, ascending, which lie in [low, high). */
  const search = (low: number, high: number, first: number, end: number): void => {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high || high <= nothing) {
      for (let i = first; i < end; i++) values.push(low);
      return;
    }
    const split = Math.min(Math.max(below(middle), first), end);
    if (split > first) search(low, middle, first, split);
    if (end > split) search(middle, high, split, end);
  };
  search(0, bound * (1 + 1e-15), 0, n);
  return values.reverse();
}
