import { describe, expect, test } from "vitest";
import { readStudyCheckpoint } from "../../node/studyCheckpoint.ts";
import { chapter } from "./chapter.ts";

test("TV-6.1a: a slice with singular values 2 and √2; one term leaves an error of 2", async () => {
  const { results } = await chapter.run({ source: "worked" });
  const [first, second] = results["singularValues"] as number[];
  expect(first).toBeCloseTo(2, 12);
  expect(second).toBeCloseTo(Math.SQRT2, 12);
  expect((results["errors"] as number[])[1]! * 6).toBeCloseTo(2, 12);
});

test("TV-6.1b: the sum of two separable kernels has rank 2 in every slice, and two terms give it back", async () => {
  const { results } = await chapter.run({ source: "two-terms", in: 4, out: 8, kernel: 3, terms: 2 });
  expect(results["rank"]).toBe(2);
  expect(results["weightError"]).toBeLessThan(1e-24);
  expect(results["exactDifference"]).toBeLessThan(1e-12);
});

test("TV-6.1c: a random kernel of 64x32x3x3 is far from one separable term", async () => {
  const { results } = await chapter.run({});
  const expected = [1, 0.811, 0.651, 0.512, 0.39, 0.286, 0.195, 0.117, 0.051, 0];
  (results["errors"] as number[]).forEach((error, terms) =>
    expect(Math.abs(error - expected[terms]!)).toBeLessThan(0.01),
  );
  expect(results["rank"]).toBe(9);
  expect(results["exactDifference"]).toBeLessThan(1e-12);
  expect(Math.abs((results["whiteOverWeight"] as number) - 1)).toBeLessThan(0.1);
});

describe("the number of terms", () => {
  test.each([
    [{ in: 6, out: 4, kernel: 3 }, 4],
    [{ in: 3, out: 20, kernel: 3 }, 9],
    [{ in: 3, out: 20, kernel: 3, order: "pointwise-first" }, 3],
    [{ in: 12, out: 4, kernel: 2, order: "pointwise-first" }, 4],
  ])("%j: %d, exact on the engine", async (parameters, rank) => {
    const { results } = await chapter.run(parameters);
    expect(results["rank"]).toBe(rank);
    expect(results["exactDifference"]).toBeLessThan(1e-12);
  });
});

test("TRAP: the same error of the weights is 0 or 4 at the output of a constant input", async () => {
  const { results } = await chapter.run({ in: 2, out: 3 });
  expect(results["constantDifferenceKernel"]).toBe(0);
  expect(results["constantSumKernel"]).toBe(4);
});

test("trained kernels are nearer to one term than random ones", async () => {
  const { results, series } = await chapter.run({ source: "trained" }, { checkpoint: readStudyCheckpoint });
  expect(results["source"]).toBe("trained");
  expect((results["errors"] as number[])[1]!).toBeLessThan(series[1]!.y[1]!);
  expect(results["exactDifference"]).toBeLessThan(1e-6);
  expect(results["trainedOverWeight"]).toBeGreaterThan(0);
});

test("more terms than there are is all of them; a bad source is refused", async () => {
  expect((await chapter.run({ in: 2, out: 3, terms: 40 })).results["kept"]).toBe(3);
  await expect(chapter.run({ source: "mine" })).rejects.toThrow(/source: got "mine".*one of random, trained/);
});

describe("terms weighted with the data", () => {
  test("miss less of smoothed inputs that they have not seen, and no less of white ones", async () => {
    const { results } = await chapter.run({});
    const [plain, weighted] = [0.8167, 0.4958];
    expect(results["smoothWeighted"]).toBeCloseTo(weighted, 2);
    expect((results["smoothOverWeight"] as number) * (results["weightError"] as number)).toBeCloseTo(
      plain,
      2,
    );
    expect(results["whiteWeighted"] as number).toBeGreaterThan(results["weightError"] as number);
  });

  test.each(["conv2", "conv3"])("miss less of what the trained network feeds %s", async (layer) => {
    const { results } = await chapter.run({ source: "trained", layer }, { checkpoint: readStudyCheckpoint });
    expect(results["trainedWeighted"] as number).toBeLessThan(0.9 * (results["trainedPlain"] as number));
  });

  test("all terms are exact for any weighting, and no ratio to nothing is given", async () => {
    const { results } = await chapter.run({ in: 4, out: 6, terms: 40 });
    expect(results["smoothWeighted"]).toBeLessThan(1e-24);
    expect(results).not.toHaveProperty("whiteOverWeight");
  });
});
