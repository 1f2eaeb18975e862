import { describe, expect, test } from "vitest";
import { readStudyCheckpoint } from "../../node/studyCheckpoint.ts";
import { chapter } from "./chapter.ts";
import { designs, q, type DesignName } from "./designs.ts";
import { consistencyThrough, signalThrough } from "./signal.ts";

const designOf = (name: DesignName) => designs.find((design) => design.name === name)!;

function expectNear(value: number, expected: number, share: number): void {
  expect(Math.abs(value / expected - 1), `${value} against ${expected}`).toBeLessThan(share);
}

test("the theory's constants", () => {
  expect(q).toBeCloseTo(1.466942, 6);
  expect(designOf("pre1").gradientRatio(64)).toBeCloseTo(218.07, 2);
  expect(designOf("pre2").gradientRatio(64)).toBeCloseTo(1922, 0);
  expect(designOf("branch").gradientRatio(64)).toBeCloseTo(353, 0);
});

// The page's numbers are for n = B = 512 and the mean of three seeds; one seed at 256 is a tenth of the work and lies
// within 5 % (variances) and, where batch and width do not enter the exponent, 15 % (gradients) of them.
describe("TV-1.6", () => {
  const at = { depth: 64, width: 256, batch: 256, seed: 1 };

  test.each<[DesignName, number, number]>([
    ["pre1", 65, 218.07],
    ["pre2", 65.4, 1922],
    ["branch", 65, 353],
    ["original", 57.9, 6.4e3],
  ])(
    "%s: E x² grows to %d, the gradient's square by %d",
    { timeout: 120_000 },
    async (name, moment, gradient) => {
      const found = await signalThrough(designOf(name), at);
      expectNear(found.secondMoments.at(-1)!, moment, 0.05);
      expectNear(found.gradients[0]!, gradient, 0.15);
      if (name === "original") expectNear(found.means.at(-1)!, Math.sqrt(128 / Math.PI) - 0.5826, 0.03);
    },
  );

  test.each<[DesignName, number, number]>([
    ["plain", 0.507, 1.44],
    ["after", 0.737, 1.525],
  ])(
    "%s: E x² stays at %d, the gradient explodes by %d a block",
    { timeout: 120_000 },
    async (name, moment, factor) => {
      const found = await signalThrough(designOf(name), at);
      expectNear(found.secondMoments.at(-1)!, moment, 0.05);
      expectNear(found.gradients[0]! ** (1 / 64), factor, 0.02);
    },
  );

  test("training against inference at depth 32", { timeout: 120_000 }, async () => {
    const apart = async (name: DesignName) =>
      (await consistencyThrough(designOf(name), { depth: 32, width: 128, seed: 1 }, 64)).at(-1)!;
    const [plain, after, original, pre] = [
      await apart("plain"),
      await apart("after"),
      await apart("original"),
      await apart("pre2"),
    ];
    expectNear(plain, 1.88, 0.2);
    expectNear(after, 1.54, 0.2);
    expectNear(original, 0.77, 0.2);
    expectNear(pre, 0.37, 0.2);
  });
});

test(
  "the trained nets: nearly as good with a batch's own statistics, and accuracies as recorded",
  { timeout: 60_000 },
  async () => {
    const { results, tables } = await chapter.run(
      { depth: 2, width: 8, batch: 8 },
      { checkpoint: readStudyCheckpoint },
    );
    const of = (name: string) => results[name] as number;
    for (const kind of ["post", "pre"]) {
      expect(of(`${kind}Accuracy`)).toBeGreaterThan(0.78);
      expect(Math.abs(of(`${kind}Inference`) - of(`${kind}Accuracy`))).toBeLessThan(0.06);
    }
    expect(tables).toHaveLength(2);
  },
);

test("the smallest stack, and the steepest, are finite", { timeout: 60_000 }, async () => {
  for (const values of [
    { depth: 1, width: 8, batch: 4, consistency: 2 },
    { depth: 100, width: 16, batch: 4, consistency: 2 },
  ]) {
    const { results, series } = await chapter.run(values);
    for (const value of [...Object.values(results), ...series.flatMap(({ y }) => y)].flat())
      if (typeof value !== "string") expect(Number.isFinite(Number(value))).toBe(true);
  }
});

test("a batch of two, whose outputs are ±1 and whose gradient is 0 over 0, is refused", async () => {
  await expect(chapter.run({ batch: 2 })).rejects.toThrow(
    /batch: got "2"; expected a whole number from 4 to 384/,
  );
});
