import { expect, test } from "vitest";
import { Random } from "../../core/index.ts";
import { chapter } from "./chapter.ts";
import { linearShift, measuredOrder, measuredShift, rectified, shiftRatio, uniformShift } from "./shift.ts";

test.each([
  [0, 1, 0.5, 0.5],
  [1, 1, 0.5, 1 / 3],
  [2, 1, 0.5, 1 / 6],
  [rectified.c, rectified.v, 0.5, 0.40536],
  [rectified.c, rectified.v, 0.8, 0.73167],
  [rectified.c, rectified.v, 0.9, 0.85985],
])("TV-1.5: c %d, v %d, p %d: the shift by the formula and measured", (c, v, p, expected) => {
  expect(shiftRatio(c, v, p)).toBeCloseTo(expected, 5);
  const kind = c === rectified.c ? "relu" : "normal";
  expect(Math.abs(measuredShift(new Random(1), 100_000, kind, c, v, p) / expected - 1)).toBeLessThan(0.03);
});

test.each([
  { c: 0, v: 1, keep: 0.5, rho: 0, d: 16 },
  { c: 0.5, v: 1, keep: 0.7, rho: 0.3, d: 32 },
  { c: 1, v: 0.5, keep: 0.5, rho: 0.1, d: 64 },
  { c: 0, v: 2, keep: 0.8, rho: 0.6, d: 8 },
])("behind a linear layer: %j", (setting) => {
  const { measured, formula } = linearShift(new Random(2), 30_000, setting);
  expect(Math.abs(measured / formula - 1)).toBeLessThan(0.04);
});

test("order: the batch norm before dropout is untouched, the next one is not", () => {
  const { first, second } = measuredOrder(new Random(3), 100_000, "normal", 3, 2, 0.5);
  expect(Math.abs(first - 1)).toBeLessThan(0.02);
  expect(Math.abs(second - 0.5)).toBeLessThan(0.02);
});

test("uniform noise of ±0.1 shifts hardly at all", async () => {
  expect(await uniformShift(new Random(4), 100_000, 0.1)).toBeCloseTo(0.9967, 2);
});

test("statistics estimated anew do no harm; without dropout there is no shift to mend", async () => {
  const { results } = await chapter.run({ samples: 2000, keep: 0.5 });
  expect(results["accuracyInsideMended"]).toBeGreaterThan((results["accuracyInside"] as number) - 0.01);
  const plain = await chapter.run({ samples: 2000, keep: 1 });
  expect(plain.results["shiftFormula"]).toBe(1);
  expect(
    Math.abs((plain.results["accuracyInside"] as number) - (plain.results["accuracyInsideMended"] as number)),
  ).toBeLessThan(0.02);
});
