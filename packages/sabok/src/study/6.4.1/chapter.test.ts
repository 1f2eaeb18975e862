import { describe, expect, test } from "vitest";
import { readStudyCheckpoint } from "../../node/studyCheckpoint.ts";
import { chapter } from "./chapter.ts";
import { pickProposal } from "./rewards.ts";

test("TV-6.4a: MnasNet's reward at a target of 80 ms", async () => {
  const { results } = await chapter.run({});
  const expected = [0.75, 0.75, 0.748221, 0.734983, 0.755053, 0.772632, 0.734802, 0.776699];
  (results["rewards"] as number[]).forEach((reward, i) => expect(reward).toBeCloseTo(expected[i]!, 6));
  expect(results["halvingExponent"]).toBeCloseTo(-0.070389, 6);
});

test("TV-6.4a: NetAdapt's pick, with one proposal below δ and a tie", async () => {
  const { results } = await chapter.run({});
  const scores = results["netAdaptScores"] as number[];
  [-0.002, -0.001667, -0.001667].forEach((score, i) => expect(scores[i]!).toBeCloseTo(score, 6));
  // Of the tied ones the larger saving; by NetAdapt's own rule the least loss.
  expect(results["netAdaptPick"]).toBe(1);
  expect(results["netAdaptPickByDrop"]).toBe(3);
  expect(pickProposal([{ accuracy: 0, latency: -0.1 }], 0.6, "slope")).toBe(-1);
});

describe("TV-6.4b: paths", () => {
  test("a unit of up to four layers has 7371, by counting and by (I − A)⁻¹", async () => {
    const { results } = await chapter.run({});
    expect(results["unitPaths"]).toBe(7371);
    expect(results["unitPathsByMatrix"]).toBe(7371);
    expect(results["upperTriangular"]).toBe(true);
    expect(results["architectures"]).toBe("21758655492572485851");
  });

  test("DARTS' cell and MnasNet's numbers", async () => {
    const { results } = await chapter.run({});
    expect(results["dartsCell"]).toBe(1_037_664_180);
    expect(results["mnasOptions"]).toBe(324);
    expect(Number(results["mnasPaperSpace"]) / 1e13).toBeCloseTo(1.505, 3);
  });
});

test("TV-6.4c: the small knapsack, by dynamic programming as by trying all", async () => {
  const { results } = await chapter.run({});
  [0.17, 0.39, 0.49].forEach((value, i) =>
    expect((results["knapsack"] as number[])[i]!).toBeCloseTo(value, 12),
  );
  expect((results["knapsackOptima"] as number[])[2]).toBe(2);
});

test.each([0.4, 0.6, 0.85, 1])(
  "the optimum at %d of the costliest is the one found by trying all",
  async (budget) => {
    const { results } = await chapter.run({ budget });
    expect(results["planValue"]).toBeCloseTo(results["exhaustiveValue"] as number, 9);
  },
);

test("serial and parallel latency differ", async () => {
  const { results } = await chapter.run({});
  expect(results["criticalPath"]).toBeLessThan(results["serialLatency"] as number);
});

test("a step on the trained network saves the asked share", { timeout: 60_000 }, async () => {
  const { results } = await chapter.run({}, { checkpoint: readStudyCheckpoint });
  expect(results["stepSavings"]).toHaveLength(3);
  expect(results["stepPick"]).toBeGreaterThanOrEqual(0);
  expect(results["stepAccuracy"]).toBeGreaterThan(0.8);
});

test("an exit beyond the layers and a budget below the cheapest are refused", async () => {
  await expect(chapter.run({ exits: "2,9" })).rejects.toThrow(
    /exits: got "2,9".*from 1 to 4.*for example 2,3,4/,
  );
  await expect(chapter.run({ budget: 0.01 })).rejects.toThrow(
    /budget: 0.01 of .* below the cheapest network.*for example 0.6/,
  );
});
