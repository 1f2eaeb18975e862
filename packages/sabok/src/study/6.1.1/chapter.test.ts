import { describe, expect, test } from "vitest";
import { chapter } from "./chapter.ts";

describe("the linear pair", () => {
  test.each([
    { in: 4, out: 8, kernel: 3 },
    { in: 3, out: 2, kernel: 5, stride: 2 },
    { in: 1, out: 1, kernel: 1, size: 1 },
    { in: 5, out: 6, kernel: 4, stride: 3, size: 7 },
  ])("is the standard convolution by P·D: %j", async (parameters) => {
    const { results } = await chapter.run(parameters);
    expect(results["difference"]).toBeLessThan(1e-12);
    expect(results["additivity"]).toBeLessThan(1e-12);
    expect(results["sliceRank"]).toBe(1);
    expect(results["macRatio"]).toBeCloseTo(results["formulaRatio"] as number, 12);
  });

  test("degrees of freedom C_in(K² + C_out − 1), counted on the derivative", async () => {
    const { results } = await chapter.run({ in: 3, out: 5, kernel: 3 });
    expect(results["freedom"]).toBe(3 * (9 + 5 - 1));
    expect(results["freedomMeasured"]).toBe(results["freedom"]);
    expect(results["randomSliceRank"]).toBe(5);
  });
});

test("TRAP: with relu between (as in MobileNetV1) it is not linear", async () => {
  const { results, verdict } = await chapter.run({ between: "relu" });
  expect(results["additivity"]).toBeGreaterThan(0.05);
  expect(verdict.text.en).toMatch(/no convolution at all/);
});

test("a kernel out of range is refused with the range", async () => {
  await expect(chapter.run({ kernel: 9 })).rejects.toThrow(/kernel: got "9".*from 1 to 7, for example 3/);
});
