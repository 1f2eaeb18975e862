// The learning rate's shape, and how fast the averaged weights follow.
import { expect, test } from "vitest";
import { averagingAmountAt, learningRateAt } from "./schedule.ts";

const schedule = { peak: 0.4, warmupSteps: 4, totalSteps: 12 };

test("the warm-up rises in equal steps to the peak, the cosine is half way down in the middle and never below zero", () => {
  const rates = Array.from({ length: 12 }, (_, step) => learningRateAt(schedule, step));
  expect(rates.slice(0, 5).map((rate) => Number(rate.toFixed(12)))).toEqual([0.1, 0.2, 0.3, 0.4, 0.4]);
  expect(rates[8]).toBeCloseTo(0.2, 12);
  expect(rates[11]).toBeCloseTo(0.2 * (1 + Math.cos((Math.PI * 7) / 8)), 12);
  expect(Math.min(...rates)).toBeGreaterThan(0);
});

test("without a warm-up the first step has the peak", () => {
  expect(learningRateAt({ ...schedule, warmupSteps: 0 }, 0)).toBe(0.4);
});

test("a young average follows fast, an old one by 1 − decay", () => {
  expect(averagingAmountAt(0.998, 0)).toBeCloseTo(0.9, 12);
  expect(averagingAmountAt(0.998, 90)).toBeCloseTo(0.09, 12);
  expect(averagingAmountAt(0.998, 100_000)).toBeCloseTo(0.002, 12);
});
