import { expect, test } from "vitest";
import { Random } from "../../core/index.ts";
import { chapter } from "./chapter.ts";
import {
  bestScaleMeasured,
  conditionalNoise,
  correlatedNoise,
  gradientNoise,
  sampleNoise,
  statisticNoise,
} from "./measure.ts";
import { bestScale, correlatedMeanVariance } from "./theory.ts";

/** Within a share of the expected value. */
function expectNear(value: number, expected: number, share: number): void {
  expect(Math.abs(value / expected - 1), `${value} against ${expected}`).toBeLessThan(share);
}

test("the noise of mean and variance", async () => {
  const found = await statisticNoise(new Random(1), 16, 20_000);
  expectNear(found.meanVariance, 1 / 16, 0.05);
  expectNear(found.expectedVariance, 15 / 16, 0.02);
  expectNear(found.varianceVariance, (2 * 15) / 256, 0.06);
});

test("TV-1.4a: correlated pixels are worth fewer", async () => {
  expect(correlatedMeanVariance(4, 64, 0.8)).toBeCloseTo(0.032715, 6);
  expect(1 / correlatedMeanVariance(4, 64, 0.8)).toBeCloseTo(30.6, 1);
  expectNear(await correlatedNoise(new Random(2), 4, 64, 0.8, 6000), 0.032715, 0.08);
});

test("the noise of one fixed sample, and where its formula breaks", async () => {
  for (const [z, expected] of [
    [0, 1.03],
    [1, 1.5],
    [2, 2.82],
  ] as const)
    expectNear(await sampleNoise(new Random(3), 128, 8000, z), expected, 0.08);
  for (const [z, expected] of [
    [0, 1.53],
    [1, 1.37],
    [2, 0.92],
  ] as const)
    expectNear(await sampleNoise(new Random(4), 8, 20_000, z), expected, 0.08);
});

test("two samples of a batch share its noise", async () => {
  expect((await conditionalNoise(new Random(5), 32, 8000, [1, 1])).correlation).toBeCloseTo(1, 6);
  expect(
    Math.abs((await conditionalNoise(new Random(5), 32, 20_000, [1, -1])).correlation - 0.303),
  ).toBeLessThan(0.04);
});

test.each([
  [256, 0.4984, 1.452],
  [64, 0.4936, 1.487],
])("TV-1.4b: the gradient of a fixed sample, m = %d", async (m, mean, deviation) => {
  const found = await gradientNoise(new Random(6), m, 6000, 1, -0.5);
  expectNear(found.mean, mean, 0.04);
  expectNear(found.scaledDeviation, deviation, 0.05);
  expectNear(found.scaledDeviation, Math.sqrt(2.125), 0.07);
  expect(found.frozen).toBeCloseTo(1.5, 12);
});

test("TV-1.4c: the best scale by batch size, by formula and measured", async () => {
  const expected = [0.56419, 0.79788, 0.9027, 0.95225, 0.97635, 0.98823];
  for (const [i, m] of [2, 4, 8, 16, 32, 64].entries()) {
    expect(bestScale(m)).toBeCloseTo(expected[i]!, 5);
    expectNear(await bestScaleMeasured(new Random(7), m, 6000), expected[i]!, 0.02);
  }
});

test("dropout's best scale is what it keeps, a ghost batch's that of its size", async () => {
  const { results } = await chapter.run({ keep: 0.7, batch: 32, ghost: 4 });
  expectNear(results["dropoutScale"] as number, 0.7, 0.02);
  expectNear(results["ghostScale"] as number, 0.79788, 0.02);
});

test("a ghost batch that does not divide is refused with an example", async () => {
  await expect(chapter.run({ batch: 10, ghost: 4 })).rejects.toThrow(
    /ghost: got 4 for a batch of 10; expected a divisor/,
  );
});
