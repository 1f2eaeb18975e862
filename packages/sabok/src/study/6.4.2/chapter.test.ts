import { describe, expect, test } from "vitest";
import { readStudyCheckpoint } from "../../node/studyCheckpoint.ts";
import { chapter } from "./chapter.ts";

const checkpoint = readStudyCheckpoint;

test("the space: 7371^5 networks, and 706 more parameters a layer", async () => {
  const { results } = await chapter.run({});
  expect(results["space"]).toBe("21758655492572485851");
  expect(results["extraParameters"]).toBe(706);
});

describe("exact invariances on the engine", () => {
  test("a centre crop is the transformation by the identity, and the large kernel with a border of zeros", async () => {
    const { results } = await chapter.run({});
    expect(results["identityDifference"]).toBe(0);
    expect(results["cropDifference"]).toBeLessThan(1e-13);
  });

  test.each(["t6", "r4"])(
    "sorting the channels of %s leaves its function, trained and initial",
    async (network) => {
      for (const context of [{}, { checkpoint }]) {
        const { results } = await chapter.run({ network, images: 50 }, context);
        expect(results["sortingDifference"]).toBeLessThan(1e-12);
      }
    },
  );

  test("TRAP: the 3x3 kernel comes through the transformed 5x5, not straight from the 7x7", async () => {
    expect((await chapter.run({ noise: 0.1 })).results["throughMiddleDifference"]).toBeGreaterThan(0.01);
    expect((await chapter.run({ noise: 0 })).results["throughMiddleDifference"]).toBe(0);
  });
});

test("cut networks need their statistics anew", { timeout: 60_000 }, async () => {
  const { results } = await chapter.run({ images: 300 }, { checkpoint });
  const [asIs, calibrated] = ["widthSorted", "widthSortedCalibrated"].map(
    (name) => results[name] as number[],
  );
  expect(asIs![0]).toBeGreaterThan(0.8);
  const half = (results["widthShares"] as number[]).indexOf(0.5);
  expect(calibrated![half]!).toBeGreaterThan(asIs![half]!);
  expect(results["depthCalibrated"]).toHaveLength(3);
});

test("a share of nothing is refused", async () => {
  await expect(chapter.run({ keep: 0 })).rejects.toThrow(/keep: got "0".*from 0.05 to 1, for example 0.5/);
});
