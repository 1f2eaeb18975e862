import { describe, expect, test } from "vitest";
import { singularValueDecomposition } from "./linearAlgebra.ts";
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
  });
});
