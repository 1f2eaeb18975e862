import { expect, test } from "vitest";
import { chapter } from "./chapter.ts";

const of = async (values: Record<string, number | string>) => (await chapter.run(values)).results;

test("TV-4.2 by the operations: correlation with the turned kernel, and of x with g", async () => {
  const found = await of({});
  expect(found["dxByCorrelation"]).toEqual([1, 3, 1.5, 7]);
  expect(found["dwByCorrelation"]).toEqual([4.5, 7, 7]);
  expect(found["transposedDifference"]).toBe(0);
  expect(found["zerosAround"]).toBe(1);
});

test("with padding 0 the zeros around g are k − 1 = 2", async () => {
  expect((await of({ padding: 0 }))["zerosAround"]).toBe(2);
});

test("a kernel that is not turned gives another result; with a palindrome nobody would notice", async () => {
  expect((await of({}))["notTurnedDifference"]).toBeGreaterThan(1);
  const { results, verdict } = await chapter.run({ w: "1,2,1" });
  expect(results).toMatchObject({ notTurnedDifference: 0, palindrome: true });
  expect(verdict.text.en).toMatch(/a forgotten turn cannot be seen/);
});

test.each([
  [7, 3, 2, 1, 0],
  [8, 3, 2, 1, 1],
  [9, 4, 3, 0, 2],
])(
  "n %d, kernel %d, stride %d, padding %d: zeros between, output padding %d",
  async (n, k, stride, padding, outputPadding) => {
    const numbers = (count: number): string =>
      Array.from({ length: count }, (_, i) => ((i * i) % 5) - 1.5).join();
    const { results, verdict } = await chapter.run({
      x: numbers(n),
      w: numbers(k),
      g: numbers(9),
      stride,
      padding,
    });
    expect(results["dxDifference"]).toBeLessThan(1e-12);
    expect(results["dwDifference"]).toBeLessThan(1e-12);
    expect(results["outputPadding"]).toBe(outputPadding);
    expect(verdict.status).toBe("conditional");
  },
);

test.each([
  [{ padding: 9 }],
  [{ padding: 16, stride: 5, dilation: 3, x: "1,2,3,4,5,6,7,8", w: "1,2" }],
  [{ x: "3", w: "2", padding: 0 }],
  [{ x: "1,2,3,4,5,6,7,8,9,10,11,12", dilation: 4, stride: 3, w: "1,5" }],
])("and for any other geometry: %j", async (values) => {
  const found = await of(values);
  expect(found["dxDifference"]).toBeLessThan(1e-12);
  expect(found["dwDifference"]).toBeLessThan(1e-12);
  expect(found["transposedDifference"]).toBeLessThan(1e-12);
});

test("one trilinear form: ⟨g, w⋆x⟩ = ⟨dL/dx, x⟩ = ⟨dL/dw, w⟩", async () => {
  const found = await of({ w: "1,-2,5", padding: 2 });
  expect(found["xdx"]).toBeCloseTo(found["gy"] as number, 10);
  expect(found["wdw"]).toBeCloseTo(found["gy"] as number, 10);
  for (const difference of found["otherGeometries"] as number[]) expect(difference).toBeLessThan(1e-12);
});

test("an empty output is explained", async () => {
  expect((await chapter.run({ padding: 0, dilation: 8 })).verdict.text.en).toMatch(/the output is empty/);
});
