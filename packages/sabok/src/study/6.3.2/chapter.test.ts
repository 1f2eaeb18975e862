import { describe, expect, test } from "vitest";
import { Random } from "../../core/index.ts";
import { readStudyCheckpoint } from "../../node/studyCheckpoint.ts";
import { meanOf } from "../draw.ts";
import {
  asSamples,
  correlatedPairs,
  gaussianInformation,
  histogramInformation,
  nearestNeighbourInformation,
} from "../information.ts";
import { chapter } from "./chapter.ts";

const few = { samples: 200 };
const seeds = [1, 2, 3, 4, 5, 6];

describe("estimators against what is known", () => {
  // One run at ρ = 0.99 strays by 0.04; the mean of a few shows the estimator.
  test.each([
    [0.5, 0.143841],
    [0.9, 0.830366],
    [0.99, 1.958518],
  ])("normal pairs with ρ = %d: %d nats", (correlation, truth) => {
    expect(gaussianInformation(correlation)).toBeCloseTo(truth, 6);
    const estimates = seeds.map((seed) => {
      const { x, y } = correlatedPairs(new Random(seed), correlation, 2000);
      return nearestNeighbourInformation(asSamples(x), asSamples(y));
    });
    expect(Math.abs(meanOf(estimates) - truth)).toBeLessThan(0.06);
  });

  test("shuffled pairs say nothing", async () => {
    const { results } = await chapter.run({});
    expect(Math.abs(results["shuffledMean"] as number)).toBeLessThan(0.06);
    expect(results["nearestNeighbour"]).toBeGreaterThan(results["shuffledLargest"] as number);
  });

  test("an infinite information grows by ln 2 with every doubling; many dimensions collapse", async () => {
    const { results } = await chapter.run({ samples: 2000 });
    const estimates = results["doubling"] as number[];
    [3.72, 4.4, 5.08, 5.79].forEach((value, i) => expect(Math.abs(estimates[i]! - value)).toBeLessThan(0.1));
    // A finite information does not rise with the samples.
    for (const estimate of results["doublingNormal"] as number[])
      expect(Math.abs(estimate - 0.830366)).toBeLessThan(0.2);
    const collapse = results["dimensionsEstimate"] as number[];
    [undefined, 2.67, 3.09, 2.89].forEach(
      (value, i) => value && expect(Math.abs(collapse[i]! - value)).toBeLessThan(0.2),
    );
    expect((results["dimensionsTruth"] as number[])[3]).toBeCloseTo(26.57, 2);
  });

  test("a histogram of 32x32 bins finds .27 nats in 2000 independent pairs", () => {
    const found = seeds.map((seed) => {
      const { x, y } = correlatedPairs(new Random(seed), 0, 2000);
      return histogramInformation(x, y, 32);
    });
    expect(Math.abs(meanOf(found.map(({ plugIn }) => plugIn)) - 0.273)).toBeLessThan(0.02);
    expect(Math.abs(meanOf(found.map(({ corrected }) => corrected)) - 0.067)).toBeLessThan(0.02);
  });
});

test("a gate that is not injective: 0.2 and 1.3999083 both give .0802625", async () => {
  const { results } = await chapter.run(few);
  for (const output of results["collisionOutputs"] as number[]) expect(output).toBeCloseTo(0.0802625, 6);
});

test("constant gates are absorbed; input-dependent ones break homogeneity", async () => {
  const { results } = await chapter.run(few);
  expect(results["constantGateDifference"]).toBeLessThan(1e-13);
  for (const deviation of results["homogeneityPlain"] as number[]) expect(deviation).toBeLessThan(1e-12);
  for (const deviation of results["homogeneityGated"] as number[]) expect(deviation).toBeGreaterThan(1e-3);
});

test("usable information rises while information stays, then falls", async () => {
  const { results } = await chapter.run(few);
  const usable = results["usableInformation"] as number[];
  [0, 0.1335, 0.3108, 0.4836, 0.5].forEach((value, i) => expect(usable[i]!).toBeCloseTo(value, 4));
  expect(results["trueInformation"]).toEqual([1, 1, 1, 1, 0.5]);
});

test("TV-6.3b: gates lower the information of noisy channels; water-filling", async () => {
  const { results } = await chapter.run(few);
  const noisy = results["noisyChannel"] as number[];
  expect(noisy[0]).toBeCloseTo(1.293177, 6);
  expect(noisy[2]).toBeCloseTo(0.49621, 6);
  expect(results["waterLevel"]).toBeCloseTo(1.2, 9);
  [1.1, 0.7, 0.2, 0].forEach((value, i) =>
    expect((results["waterPowers"] as number[])[i]!).toBeCloseTo(value, 9),
  );
  expect(results["waterInformation"]).toBeCloseTo(1.771348, 6);
  expect(results["uniformInformation"]).toBeCloseTo(1.504077, 6);
});

test("rank of the gates' logits is C/r", async () => {
  const { results } = await chapter.run(few);
  expect(results["gateRanks"]).toEqual([32, 16, 8, 4, 2, 1]);
});

test("trained gates: rank within C/r, information above the null", { timeout: 60_000 }, async () => {
  const { results } = await chapter.run(few, { checkpoint: readStudyCheckpoint });
  (results["trainedRanks"] as number[]).forEach((rank, i) =>
    expect(rank).toBeLessThanOrEqual((results["trainedRankBounds"] as number[])[i]!),
  );
  expect(results["trainedAccuracies"]).toHaveLength(4);
  // Cost falls with r; accuracy does not follow: all lie within three standard errors of the network without gates.
  const numbers = (name: string) => results[name] as number[];
  expect(numbers("trainedParameters")).toEqual(numbers("trainedParameters").toSorted((a, b) => b - a));
  for (const accuracy of numbers("trainedAccuracies"))
    expect(Math.abs(accuracy - (results["trainedAccuracyWithout"] as number))).toBeLessThan(
      3 * (results["trainedAccuracyError"] as number),
    );
  // Above the null, and not rising with the number of images as an infinite information would.
  numbers("trainedGateInformation").forEach((information, i) => {
    expect(information).toBeGreaterThan(4 * Math.max(0.01, numbers("trainedGateNull")[i]!));
    expect(information - numbers("trainedGateInformationHalf")[i]!).toBeLessThan(0.3);
  });
});

test("a correlation of 1 is refused: the information is infinite", async () => {
  await expect(chapter.run({ correlation: 1 })).rejects.toThrow(
    /correlation: got "1".*from 0 to 0.999, for example 0.9/,
  );
});
