import { expect, test } from "vitest";
import { chapter } from "./chapter.ts";
import { eliminate } from "./elimination.ts";

const of = async (values: Record<string, number | string>) => (await chapter.run(values)).results;

test("TV-4.4: R⁴ → R⁶ without padding, and its matrix", async () => {
  const found = await of({});
  expect(found["y"]).toEqual([1, 4, 10, 16, 17, 12]);
  expect(found["symbolicB"]).toBe("w₁ 0 0 0; w₂ w₁ 0 0; w₃ w₂ w₁ 0; 0 w₃ w₂ w₁; 0 0 w₃ w₂; 0 0 0 w₃");
  expect(found["againstCorrelationTransposed"]).toBe(0);
});

test("TV-4.4: padding one cuts the first and the last row off: the transpose of 4.1's A, not A", async () => {
  const found = await of({});
  expect(found["paddedY"]).toEqual([4, 10, 16, 17]);
  expect(found["againstATransposed"]).toBe(0);
  expect(found["turnedKernelGivesA"]).toBe(0);
  expect((await of({ padding: 1 }))["symbolicB"]).toBe("w₂ w₁ 0 0; w₃ w₂ w₁ 0; 0 w₃ w₂ w₁; 0 0 w₃ w₂");
});

test("TV-4.4: transposed is not inverse: AᵀA and det A", async () => {
  const { results, verdict } = await chapter.run({});
  expect(results["gram"]).toEqual([5, 8, 3, 0, 8, 14, 8, 3, 3, 8, 14, 8, 0, 3, 8, 13]);
  expect(results["determinant"]).toBeCloseTo(-11, 10);
  expect(verdict.status).toBe("false");
});

test("TV-4.4: eigenvalues of the symmetric case", async () => {
  const found = await of({ w: "1,1,1" });
  const expected = [2.618034, 1.618034, 0.381966, -0.618034];
  expected.forEach((value, i) => expect((found["eigenvalues"] as number[])[i]).toBeCloseTo(value, 6));
  expect(found["eigenvalueResidual"]).toBeLessThan(1e-12);
});

test("five inputs and w = (1,1,1): A is singular, and the text says so", async () => {
  const { results, verdict } = await chapter.run({ x: "1,2,3,4,5", w: "1,1,1" });
  expect(results["determinant"]).toBe(0);
  expect(verdict.text.en).toMatch(/singular/);
});

test("the exception: a kernel that only moves", async () => {
  const { verdict } = await chapter.run({ w: "0,-1,0" });
  expect(verdict.status).toBe("holds");
});

test.each([
  [{ stride: 2 }],
  [{ x: "1,2,3,4,5,6,7,8", stride: 3, dilation: 2, padding: 2, "forward-padding": 3 }],
  [{ w: "2,-1", "forward-padding": 0 }],
  [
    {
      x: Array.from({ length: 32 }, (_, i) => i).join(),
      w: Array.from({ length: 16 }, (_, i) => 16 - i).join(),
      stride: 8,
      dilation: 8,
      "forward-padding": 16,
    },
  ],
])("always the transpose: %j", async (values) => {
  const found = await of(values);
  expect(found["againstCorrelationTransposed"]).toBe(0);
  if (!found["aIsEmpty"]) expect(found["againstATransposed"]).toBe(0);
});

test("padding that cuts everything off is explained", async () => {
  const { results, verdict } = await chapter.run({ padding: 16 });
  expect(results["outputLength"]).toBe(0);
  expect(verdict.text.en).toMatch(/nothing is left.*at most 2 leaves something/);
});

test("a convolution without output to compare with is explained", async () => {
  const { verdict } = await chapter.run({ x: "1", "forward-padding": 0 });
  expect(verdict.text.en).toMatch(/no output at this padding/);
});

test("elimination exchanges rows where a pivot is zero", () => {
  const { determinant, inverse } = eliminate([
    [0, 2],
    [1, 3],
  ]);
  expect(determinant).toBe(-2);
  expect(inverse).toEqual([
    [-1.5, 1],
    [0.5, 0],
  ]);
});
