// Singular values alone: against the decomposition with vectors, against matrices made of given values, and against formulas.
import { describe, expect, test } from "vitest";
import { ShapeError } from "./errors.ts";
import { singularValueDecomposition } from "./linearAlgebra.ts";
import { Random } from "./random.ts";
import { rankOf, singularValues } from "./singularValues.ts";
import { tensor, zeros, type Tensor } from "./tensor.ts";

const normalMatrix = (random: Random, rows: number, columns: number): Tensor =>
  tensor(
    [rows, columns],
    Float64Array.from({ length: rows * columns }, () => random.normal()),
  );

/** A matrix with the given singular values: some random reflections from both sides of a diagonal matrix. */
function matrixOf(random: Random, rows: number, columns: number, values: readonly number[]): Tensor {
  const a = zeros([rows, columns]);
  for (const [i, value] of values.entries()) a.data[i * columns + i] = value;
  const at = (i: number, j: number): number => i * columns + j;
  for (let turn = 0; turn < 3; turn++) {
    reflectLines(random, rows, columns, (i, j) => at(i, j), a.data as Float64Array);
    reflectLines(random, columns, rows, (j, i) => at(i, j), a.data as Float64Array);
  }
  return a;
}

/** data ← (I − 2vvᵀ/vᵀv)·data, with v normal and data a matrix [length, count] whose elements stand where `at` says. */
function reflectLines(
  random: Random,
  length: number,
  count: number,
  at: (i: number, j: number) => number,
  data: Float64Array,
): void {
  const v = Float64Array.from({ length }, () => random.normal());
  const square = v.reduce((total, x) => total + x * x, 0);
  for (let j = 0; j < count; j++) {
    let product = 0;
    for (let i = 0; i < length; i++) product += v[i]! * data[at(i, j)]!;
    for (let i = 0; i < length; i++) data[at(i, j)]! -= (2 * product * v[i]!) / square;
  }
}

function expectWithin(found: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(found).toHaveLength(expected.length);
  for (const [i, value] of expected.entries())
    expect(Math.abs(found[i]! - value), `value ${i}`).toBeLessThanOrEqual(tolerance * expected[0]!);
  expect(found.toSorted((x, y) => y - x)).toEqual(found);
}

describe("singular values", () => {
  test.each([
    [1, 1],
    [1, 7],
    [7, 1],
    [2, 2],
    [5, 3],
    [3, 5],
    [40, 40],
    [60, 17],
    [17, 60],
    [97, 96],
  ])("of a random %dx%d matrix are those of the decomposition", (rows, columns) => {
    const random = new Random(100 * rows + columns);
    for (let repeat = 0; repeat < 5; repeat++) {
      const a = normalMatrix(random, rows, columns);
      expectWithin(singularValues(a), singularValueDecomposition(a).values, 3e-14);
    }
  });

  test.each([
    ["falling by ten digits", 60, 50, (i: number) => 10 ** (-i / 5)],
    ["falling by a hundred digits", 30, 40, (i: number) => 10 ** (-3.3 * i)],
    ["large and equal", 32, 32, () => 1e12],
    ["in two heaps", 40, 40, (i: number) => (i < 20 ? 5 : 1e-7)],
    ["of rank 6", 40, 30, (i: number) => (i < 6 ? 6 - i : 0)],
    ["of rank 1, wide", 3, 64, (i: number) => (i < 1 ? 2 : 0)],
  ] as const)("are those a matrix was made of: %s", (_, rows, columns, valueAt) => {
    const values = Array.from({ length: Math.min(rows, columns) }, (__, i) => valueAt(i));
    const a = matrixOf(new Random(7), rows, columns, values);
    expectWithin(singularValues(a), values, 1e-13);
    expectWithin(singularValues(a), singularValueDecomposition(a).values, 3e-14);
  });

  test("of the lower triangle of ones, 300x300: 1/(2 sin((2k − 1)π/(4n + 2)))", () => {
    const n = 300;
    const a = tensor(
      [n, n],
      Float64Array.from({ length: n * n }, (_, at) => (at % n <= Math.floor(at / n) ? 1 : 0)),
    );
    const expected = Array.from(
      { length: n },
      (_, k) => 1 / (2 * Math.sin(((2 * k + 1) * Math.PI) / (4 * n + 2))),
    );
    expectWithin(singularValues(a), expected, 1e-14);
  });

  test("of a diagonal are its numbers, to the last digit, also the smallest", () => {
    const diagonal = [3, 24, 0.1, 1e-9, 0, 7e-5];
    const a = zeros([6, 6]);
    for (const [i, x] of diagonal.entries()) a.data[7 * i] = x;
    const values = singularValues(a);
    for (const [i, x] of diagonal.toSorted((p, q) => q - p).entries())
      expect(Math.abs(values[i]! - x)).toBeLessThanOrEqual(2 ** -52 * x);
  });

  test("of very large and very small numbers", () => {
    for (const size of [1e300, 1e-300, 5e-324]) {
      const values = singularValues(tensor([2, 2], [size, size, 0, 0]));
      expect(Math.abs(values[0]! / size - Math.SQRT2)).toBeLessThan(size < 1e-320 ? 1 : 1e-15);
      expect(values[1]! / size).toBeLessThan(1e-15);
    }
  });

  test("of zeros, of nothing, of what is no number and of what is no matrix", () => {
    expect(singularValues(zeros([3, 2]))).toEqual([0, 0]);
    expect(singularValues(zeros([0, 4]))).toEqual([]);
    expect(singularValues(tensor([2, 2], [1, 2, Number.NaN, 4]))).toEqual([Number.NaN, Number.NaN]);
    expect(singularValues(tensor([1, 2], [1, Number.POSITIVE_INFINITY]))).toEqual([Number.NaN]);
    expect(() => singularValues(zeros([2, 2, 2]))).toThrow(ShapeError);
  });
});

test("rank of outer products and of zeros", () => {
  expect(rankOf(tensor([2, 3], [1, 2, 3, 2, 4, 6]))).toBe(1);
  expect(rankOf(tensor([2, 2], [0, 0, 0, 0]))).toBe(0);
  expect(rankOf(tensor([2, 2], [1, 0, 0, 1e-6]))).toBe(2);
});
