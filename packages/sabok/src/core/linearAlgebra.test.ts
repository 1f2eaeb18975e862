import { describe, expect, test } from "vitest";
import { rankOf, singularValueDecomposition, singularValues } from "./linearAlgebra.ts";
import { Random } from "./random.ts";
import { sizeOf, tensor, type Shape, type Tensor } from "./tensor.ts";

const normalTensor = (random: Random, shape: Shape): Tensor =>
  tensor(
    shape,
    Float64Array.from({ length: sizeOf(shape) }, () => random.normal()),
  );

describe("singularValueDecomposition", () => {
  test.each([
    [5, 3],
    [3, 5],
    [1, 4],
    [9, 9],
  ])("U diag(σ) Vᵀ gives a %dx%d matrix back", (rows, columns) => {
    const a = normalTensor(new Random(rows), [rows, columns]);
    const { u, values, v } = singularValueDecomposition(a);
    const k = values.length;
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let r = 0; r < k; r++) sum += u.data[i * k + r]! * values[r]! * v.data[j * k + r]!;
        expect(sum).toBeCloseTo(a.data[i * columns + j]!, 12);
      }
    expect([...values].sort((x, y) => y - x)).toEqual(values);
    expect(singularValues(a)).toEqual(values);
  });

  test("rank of outer products and of zeros", () => {
    expect(rankOf(tensor([2, 3], [1, 2, 3, 2, 4, 6]))).toBe(1);
    expect(rankOf(tensor([2, 2], [0, 0, 0, 0]))).toBe(0);
    expect(rankOf(tensor([2, 2], [1, 0, 0, 1e-6]))).toBe(2);
  });
});
