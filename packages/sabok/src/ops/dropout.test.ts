// Dropout draws the same mask for the same seed and counter, another for another, and keeps the mean.
import { expect, test } from "vitest";
import { tensor, uniformAt } from "../core/index.ts";
import { dropout } from "./dropout.ts";

const ones = tensor([4, 5000], new Float64Array(20_000).fill(1));
const kept = (seed: number, step: number, rate = 0.3) => [
  ...dropout.reference([ones, tensor([], [step])], { rate, seed }).data,
];

test("keeps 1 − rate of the elements, scaled so that the mean stays", () => {
  const y = kept(1, 0);
  const mean = y.reduce((a, b) => a + b, 0) / y.length;
  expect(mean).toBeGreaterThan(0.98);
  expect(mean).toBeLessThan(1.02);
  y.forEach((value, i) => expect(value).toBe(uniformAt(1, 0, i) >= 0.3 ? 1 / 0.7 : 0));
});

test("the mask depends on the seed and the counter, and on nothing else", () => {
  expect(kept(1, 5)).toEqual(kept(1, 5));
  const agreement = (a: number[], b: number[]): number =>
    a.filter((value, i) => value > 0 === b[i]! > 0).length / a.length;
  expect(agreement(kept(1, 5), kept(1, 6))).toBeCloseTo(0.7 * 0.7 + 0.3 * 0.3, 1);
  expect(agreement(kept(1, 5), kept(2, 5))).toBeCloseTo(0.7 * 0.7 + 0.3 * 0.3, 1);
  expect(kept(1, 5, 0)).toEqual([...ones.data]);
});
