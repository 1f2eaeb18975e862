import { describe, expect, test } from "vitest";
import { Random } from "../../core/index.ts";
import { readStudyCheckpoint } from "../../node/studyCheckpoint.ts";
import { meanOf, varianceOf } from "../draw.ts";
import { chapter } from "./chapter.ts";
import { branchGains, chainGains } from "./randomBranches.ts";

const few = { trials: 100, nets: 20, depth: 2 };

describe("TV-6.2e: the variance of the gain", () => {
  test.each([
    [8, [1.031, 0.641, 0.445, 0.38, 0.328]],
    [32, [0.2285, 0.1455, 0.104, 0.0902, 0.0791]],
  ])("n = %d, by the formula", async (channels, expected) => {
    const { results } = await chapter.run({ ...few, channels });
    expected.forEach((value, i) =>
      expect(Math.abs((results["gainVarianceTheory"] as number[])[i]! - value)).toBeLessThan(6e-4),
    );
  });

  test("n = 8, t = 1 and 6, by the engine's gradients", async () => {
    for (const [t, expected, belowTenth] of [
      [1, 1.031, 0.079],
      [6, 0.38, 0.002],
    ] as const) {
      const gains = await branchGains(new Random(7), { n: 8, t, init: "kept" }, 6000);
      expect(Math.abs(meanOf(gains) - 1)).toBeLessThan(0.06);
      expect(Math.abs(varianceOf(gains) - expected)).toBeLessThan(0.15 * expected);
      // Four standard deviations of 6000 draws.
      const below = gains.filter((gain) => gain < 0.1).length / gains.length;
      expect(Math.abs(below - belowTenth)).toBeLessThan(4 * Math.sqrt(belowTenth / 6000) + 1e-3);
    }
  });
});

test(
  "the median over 20 blocks at n = 16: −2.07 at t = 1 and −0.87 at t = 6 without skips, about 5.5 with",
  { timeout: 60_000 },
  async () => {
    const options = { depth: 20, nets: 120 };
    const median = (gains: number[]): number => gains.map(Math.log10).sort((a, b) => a - b)[60]!;
    const plain = await chainGains(new Random(3), { n: 16, t: 1, init: "kept" }, { ...options, skip: false });
    expect(Math.abs(median(plain) + 2.07)).toBeLessThan(0.35);
    const wide = await chainGains(new Random(3), { n: 16, t: 6, init: "kept" }, { ...options, skip: false });
    expect(Math.abs(median(wide) + 0.87)).toBeLessThan(0.35);
    const skip = await chainGains(new Random(3), { n: 16, t: 1, init: "kept" }, { ...options, skip: true });
    expect(Math.abs(median(skip) - 5.5)).toBeLessThan(0.5);
  },
);

test("dead branches, ranks, and a fixed variance", async () => {
  const { results } = await chapter.run({ ...few, channels: 4, trials: 1500 });
  expect((results["deadProbability"] as number[])[0]).toBe(1 / 16);
  const theory = results["rankTheory"] as number[];
  expect(theory[0]!).toBeCloseTo(0.5, 3);
  expect(theory[1]!).toBeCloseTo(0.863, 3);
  expect(theory[3]!).toBeCloseTo(0.99996, 4);
  (results["rankTheory"] as number[]).forEach((value, i) =>
    expect(Math.abs((results["rankMeasured"] as number[])[i]! - value)).toBeLessThan(0.09),
  );
  (results["fixedInitTheory"] as number[]).forEach((value, i) =>
    expect(Math.abs((results["fixedInitGain"] as number[])[i]! - value)).toBeLessThan(0.15 * value),
  );
});

test("trained networks: the block's gain stays near 1 for every t", async () => {
  const { results } = await chapter.run(few, { checkpoint: readStudyCheckpoint });
  for (const gain of results["trainedBlockGain"] as number[]) expect(gain).toBeGreaterThan(0.5);
  expect(results["trainedAccuracy"]).toHaveLength(4);
});

test("a price of nothing is refused: then no t is best", async () => {
  await expect(chapter.run({ price: 0 })).rejects.toThrow(/price: got "0".*from 1e-12 to 0.001/);
});
