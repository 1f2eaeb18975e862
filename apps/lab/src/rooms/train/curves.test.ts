import { describe, expect, test } from "vitest";
import { overlaid, sampled, smoothed, StepCurve } from "./curves.ts";

const step = (x: number) => ({ x, loss: 2 * x, accuracy: x / 100, rate: 1 });

describe("StepCurve", () => {
  test("keeps every step while they are few", () => {
    const curve = new StepCurve(8);
    for (let x = 1; x <= 7; x++) curve.add(step(x));
    expect(curve.all).toEqual([1, 2, 3, 4, 5, 6, 7].map(step));
  });

  test("merges neighbours by their mean, at the later one's x, when they become many", () => {
    const curve = new StepCurve(8);
    for (let x = 1; x <= 8; x++) curve.add(step(x));
    expect(curve.all.map(({ x, loss }) => [x, loss])).toEqual([
      [2, 3],
      [4, 7],
      [6, 11],
      [8, 15],
    ]);
    curve.add(step(9));
    expect(curve.all.at(-1)).toEqual(step(9)); // half a pair shows already
    curve.add(step(10));
    expect(curve.all.at(-1)).toEqual({ x: 10, loss: 19, accuracy: 0.095, rate: 1 });
  });

  test("never draws more than its limit, and the mean of all stays", () => {
    const curve = new StepCurve(16);
    for (let x = 1; x <= 4096; x++) curve.add(step(x));
    expect(curve.all.length).toBeLessThanOrEqual(16);
    const mean = curve.all.reduce((sum, { loss }) => sum + loss, 0) / curve.all.length;
    expect(mean).toBeCloseTo(4097, 9);
  });
});

test("smoothed begins at the first value and keeps a constant", () => {
  expect(smoothed([5, 5, 5])).toEqual([5, 5, 5]);
  // (0.5·1·0.5 + 0.5·3) / (0.5·0.5 + 0.5) = 1.75 / 0.75
  expect(smoothed([1, 3], 0.5)[1]).toBeCloseTo(7 / 3, 12);
});

test("sampled is straight between points, null outside, or holds its last value", () => {
  const points = [
    [1, 10],
    [3, 30],
  ] as const;
  expect(sampled([0, 1, 2, 3, 4], points)).toEqual([null, 10, 20, 30, null]);
  expect(sampled([0, 1.5, 4], points, true)).toEqual([null, 15, 30]);
  expect(sampled([0, 1], [])).toEqual([null, null]);
});

test("overlaid puts two runs of different steps on one axis", () => {
  const first = {
    points: [
      [0, 0],
      [1, 10],
    ] as const,
  };
  const second = {
    points: [
      [0.5, 100],
      [1, 200],
    ] as const,
    holds: true,
  };
  expect(overlaid([first, second])).toEqual([
    [0, 0.5, 1],
    [0, 5, 10],
    [null, 100, 200],
  ]);
});
