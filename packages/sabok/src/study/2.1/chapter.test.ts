import { describe, expect, test } from "vitest";
import { chapter } from "./chapter.ts";

test("TV-2.1a: dilations 1, 2, 4", async () => {
  const { results } = await chapter.run({});
  expect(results["receptiveFields"]).toEqual([3, 7, 15]);
  expect(results["outputHeights"]).toEqual([30, 26, 18]);
  expect(results["gradientAgrees"]).toBe(true);
  expect(results["mapAgrees"]).toBe(true);
});

test("TV-2.1b: strides 2, 1, 2 on 32", async () => {
  const { results } = await chapter.run({ layers: "3x1x2,3x3x1,3x1x2" });
  expect(results["receptiveField"]).toBe(19);
  expect((results["jumps"] as number[]).at(-1)).toBe(4);
  expect(results["outputHeights"]).toEqual([15, 9, 4]);
  expect(results["gradientAgrees"]).toBe(true);
});

describe("TV-2.1c: the effective field", () => {
  test.each([
    [Array.from({ length: 10 }, () => "3x1x1").join(), 21, 2.581989],
    ["3x1x1,3x2x1,3x4x1", 15, 3.741657],
    ["3x1x2,3x1x2,3x2x1", 23, 6.78233],
  ])("%s: R = %d, standard deviation %d", async (layers, field, deviation) => {
    const { results } = await chapter.run({ layers });
    expect(results["receptiveField"]).toBe(field);
    expect(results["effectiveStd"]).toBeCloseTo(deviation, 6);
    expect(results["measuredStd"]).toBeCloseTo(deviation, 6);
  });
});

describe("holes", () => {
  test("k = 3, d = 2 reads 9 of 25 pixels", async () => {
    const { results } = await chapter.run({ layers: "3x2x1" });
    expect(results["areaCoverage"]).toBeCloseTo(9 / 25, 12);
    expect(results["holeFree"]).toBe(false);
  });

  test.each([
    ["3x1x1,3x2x1,3x5x1", 2, true, true],
    ["3x1x1,3x2x1,3x9x1", 5, false, false],
    ["3x2x1,3x2x1,3x2x1", 2, true, false],
  ])("TRAP: %s has M = %d, the rule says %s, the truth %s", async (layers, distance, rule, truth) => {
    const { results } = await chapter.run({ layers });
    expect(results["hybridDistance"]).toBe(distance);
    expect(results["hybridHolds"]).toBe(rule);
    expect(results["holeFree"]).toBe(truth);
    expect((results["coverage"] as number) === 1).toBe(truth);
  });
});

test("TRAP: on 48x32 no more than 2/3 of the long axis can be seen", async () => {
  const { results } = await chapter.run({ height: 48, width: 32, layers: "17x1x1,16x1x1" });
  expect(results["receptiveField"]).toBe(32);
  expect(results["relativeHeight"]).toBeCloseTo(2 / 3, 12);
  expect(results["relativeArea"]).toBeCloseTo(2 / 3, 12);
  expect(results["mostRelativeLongAxis"]).toBeCloseTo(2 / 3, 12);
});

test("a field that does not fit is explained, a bad list refused with an example", async () => {
  const { results, verdict } = await chapter.run({ height: 8, width: 8 });
  expect(results["fits"]).toBe(false);
  expect(verdict.text.en).toMatch(/no output at all/);
  await expect(chapter.run({ layers: "3x1" })).rejects.toThrow(
    /layers: got "3x1".*for example 3x1x1,3x2x1,3x4x1/,
  );
});
