import { expect, test } from "vitest";
import { chapter } from "./chapter.ts";

const exact = { epsilon: 1e-30 };
const numbers = (value: unknown): number[] => [value].flat() as number[];

function expectClose(got: unknown, expected: readonly number[], digits = 7): void {
  expect(numbers(got)).toHaveLength(expected.length);
  numbers(got).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, digits));
}

test("TV-1.1a: dense, every column alike, and the running statistics of one step", async () => {
  const { results } = await chapter.run({
    layer: "dense",
    batch: 4,
    values: "1,2,3,6,5,10,7,14",
    steps: 1,
    ...exact,
  });
  const [far, near] = [1.3416407865, 0.4472135955];
  expectClose(results["output"], [-far, -far, -near, -near, near, near, far, far], 9);
  expectClose(results["runningMean"], [0.4, 0.8], 9);
  expectClose(results["runningVariance"], [0.9 + 2 / 3, 0.9 + 8 / 3], 9);
  expect(results["parameterCount"]).toBe(4);
});

test("TV-1.1b: a convolutional layer has one statistic a channel over batch and map", async () => {
  const { results } = await chapter.run({ steps: 1, ...exact });
  expect(results["count"]).toBe(8);
  expectClose(results["mean"], [5.5, 9.5], 12);
  expectClose(results["biasedVariance"], [17.25, 17.25], 12);
  expectClose(results["unbiasedVariance"], [19.7142857, 19.7142857]);
  expectClose(results["runningMean"], [0.55, 0.95], 9);
  expectClose(results["runningVariance"], [2.8714286, 2.8714286]);
  expectClose(numbers(results["output"]).slice(0, 4), [-1.3242444, -1.0834727, -0.842701, -0.6019293]);
});

test("TV-1.1c: ten identical batches", async () => {
  const { results } = await chapter.run({
    layer: "dense",
    batch: 4,
    channels: 1,
    values: "0,2,4,6",
    steps: 10,
  });
  expectClose(results["runningMean"], [1.9539646797], 9);
  expectClose(results["runningVariance"], [4.6908221727], 9);
  // PyTorch's 0.1 is Keras's 0.9; Keras keeps the biased variance.
  expectClose(results["kerasRunningMean"], [1.9539646797], 9);
  expectClose(results["kerasRunningVariance"], [0.9 ** 10 + (1 - 0.9 ** 10) * 5], 9);
});

test("TV-1.1d: a batch of two gives ±1 whatever it holds; one value a channel is refused and explained", async () => {
  const { results } = await chapter.run({ layer: "dense", channels: 1, values: "3,1000", ...exact });
  expectClose(results["output"], [-1, 1], 12);
  const alone = await chapter.run({ layer: "dense", batch: 1 });
  expect(alone.results["refused"]).toMatch(/variance of one value is 0/);
  expect(numbers(alone.results["inferenceOutput"]).every(Number.isFinite)).toBe(true);
});

test("TV-1.1e: the gradient in training, its sum and its part along the output vanish", async () => {
  const { results } = await chapter.run({
    layer: "dense",
    batch: 3,
    channels: 1,
    values: "1,2,6",
    upstream: "1,0,0",
    ...exact,
  });
  const unit = 21 * Math.sqrt(14 / 3);
  expectClose(results["gradient"], [8 / unit, -10 / unit, 2 / unit], 12);
  expectClose(results["gradientSum"], [0], 12);
  expectClose(results["gradientAlongOutput"], [0], 12);
});

test("equal values normalise to zero, not to NaN", async () => {
  const { results } = await chapter.run({ layer: "dense", batch: 3, channels: 1, values: "5,5,5" });
  expectClose(results["output"], [0, 0, 0], 12);
});

test("the outlier reaches the bound √(m−1)", async () => {
  const { series } = await chapter.run({});
  const [outlier, , bound] = series.filter(({ figure }) => figure === "bound");
  outlier!.y.forEach((value, i) => expect(value).toBeCloseTo(bound!.y[i]!, 9));
});

test("folding is exact before the norm and wrong at the border after it", async () => {
  const { results } = await chapter.run({});
  expect(results["foldIntoConvolution"]).toBeLessThan(1e-5);
  expect(results["foldAcrossPaddingInterior"]).toBeLessThan(1e-4);
  expect(results["foldAcrossPaddingBorder"]).toBeGreaterThan(0.1);
  expect(results["foldAcrossPaddingRefusal"]).toMatch(/pads with zeros/);
});

test("wrong parameters get the range and an example", async () => {
  await expect(chapter.run({ batch: 0 })).rejects.toThrow(
    /1\.1, batch: got "0"; expected a whole number from 1 to 256, for example 2/,
  );
  await expect(chapter.run({ values: "1,2" })).rejects.toThrow(
    /values: got 2 numbers for shape \[2,2,2,2\]; expected 16/,
  );
  await expect(chapter.run({ layer: "convolution" })).rejects.toThrow(/expected one of conv, dense/);
});
