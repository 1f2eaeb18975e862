import { expect, test } from "vitest";
import { chapter } from "./chapter.ts";

const of = async (values: Record<string, number | string>) => (await chapter.run(values)).results;

test("4.1: x of four, kernel of three, padding one", async () => {
  const found = await of({});
  expect(found["symbolicA"]).toBe("w₂ w₃ 0 0; w₁ w₂ w₃ 0; 0 w₁ w₂ w₃; 0 0 w₁ w₂");
  expect(found["symbolicX"]).toBe("0 x₁ x₂; x₁ x₂ x₃; x₂ x₃ x₄; x₃ x₄ 0");
  expect(found["A"]).toEqual([2, 3, 0, 0, 1, 2, 3, 0, 0, 1, 2, 3, 0, 0, 1, 2]);
});

test.each([
  ["1,2,3", 0, [14, 20], "w₁ w₂ w₃ 0; 0 w₁ w₂ w₃"],
  ["1,2,3", 1, [8, 14, 20, 11], "w₂ w₃ 0 0; w₁ w₂ w₃ 0; 0 w₁ w₂ w₃; 0 0 w₁ w₂"],
  ["1,2,3", 2, [3, 8, 14, 20, 11, 4], "w₃ 0 0 0; w₂ w₃ 0 0; w₁ w₂ w₃ 0; 0 w₁ w₂ w₃; 0 0 w₁ w₂; 0 0 0 w₁"],
  ["1,0,-1", 1, [-2, -2, -2, 3], "w₂ w₃ 0 0; w₁ w₂ w₃ 0; 0 w₁ w₂ w₃; 0 0 w₁ w₂"],
])("TV-4.1: w = (%s), padding %d", async (w, padding, y, symbolic) => {
  const found = await of({ w, padding });
  expect(found["y"]).toEqual(y);
  expect(found["symbolicA"]).toBe(symbolic);
});

test("a true convolution is the correlation with the kernel turned round", async () => {
  const convolution = await of({ w: "1,2,3", reading: "convolution" });
  const correlation = await of({ w: "3,2,1" });
  expect(convolution["y"]).toEqual(correlation["y"]);
  expect(convolution["symbolicA"]).toBe("w₂ w₁ 0 0; w₃ w₂ w₁ 0; 0 w₃ w₂ w₁; 0 0 w₃ w₂");
});

test.each([
  [{ x: "1,2,3,4,5,6,7", stride: 3 }],
  [{ x: "1,-2,3,4,5", w: "1,2", dilation: 3, padding: 2 }],
  [{ x: "4", w: "1,2,3,4,5", padding: 16, stride: 8 }],
  [
    {
      x: Array.from({ length: 32 }, (_, i) => i).join(),
      w: "1,2,3,4",
      padding: 0,
      stride: 2,
      dilation: 8,
      reading: "convolution",
    },
  ],
])("matrix, gathered form and operator agree: %j", async (values) => {
  const found = await of(values);
  expect(found["matrixAgainstOperator"]).toBeLessThan(1e-12);
  expect(found["gatheredAgainstOperator"]).toBeLessThan(1e-12);
});

test("with a stride the matrix is no longer Toeplitz, and the verdict says so", async () => {
  const { results, verdict } = await chapter.run({ x: "1,2,3,4,5,6,7", stride: 2 });
  expect(results["toeplitz"]).toBe(false);
  expect(verdict.status).toBe("conditional");
});

test("a kernel longer than the padded input is explained", async () => {
  const { results, verdict } = await chapter.run({ x: "1,2", w: "1,2,3,4,5", padding: 1 });
  expect(results).toEqual({ outputLength: 0, span: 5, paddedLength: 4, leastPadding: 2 });
  expect(verdict.text.en).toMatch(/the output is empty.*at least 2/);
});

test("what is no vector, or too long, is refused with the range and an example", async () => {
  await expect(chapter.run({ x: "1,two" })).rejects.toThrow(
    /x: got "1,two"; expected 1 to 32 entries.*for example 1,2,3,4/,
  );
  await expect(chapter.run({ w: "" })).rejects.toThrow(/w: got ""; expected 1 to 16 entries/);
  await expect(chapter.run({ padding: 17 })).rejects.toThrow(
    /padding: got "17"; expected a whole number from 0 to 16/,
  );
});
