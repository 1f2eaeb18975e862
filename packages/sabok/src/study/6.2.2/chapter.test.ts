import { describe, expect, test } from "vitest";
import { readStudyCheckpoint } from "../../node/studyCheckpoint.ts";
import { chapter } from "./chapter.ts";

const few = { trials: 100, channels: 2 };

describe("TV-6.2c: the box [1,1,1]", () => {
  test.each([
    ["circular", 8, Math.SQRT2 - 1],
    ["circular", 9, 0],
    ["zeros", 8, 0],
    ["zeros", 9, 0.176],
  ])("%s, n = %d: least singular value %d", async (border, length, least) => {
    const { results } = await chapter.run({ ...few, border, length });
    expect(results["smallestSingularValue"]).toBeCloseTo(least, 3);
    expect(results["invertible"]).toBe(least > 0);
  });

  test("a stride of 2 drops half of a row's dimensions whatever the kernel", async () => {
    const { results } = await chapter.run({ ...few, kernel: "0,1,0", length: 8, stride: 2 });
    expect(results["lostDimensions"]).toBe(4);
  });
});

describe("TV-6.2d: relu after an expansion", () => {
  test.each([
    [2, [0.25, 0.6875, 0.890625, undefined, 0.996826]],
    [4, [0.0625, 0.636719, 0.927002, undefined, 0.999861]],
    [16, [1.5e-5, 0.569975, 0.993358, undefined, 1]],
  ])("n = %d", async (channels, expected) => {
    const { results } = await chapter.run({ channels, trials: 2000 });
    const exact = results["reluExact"] as number[];
    const measured = results["reluMeasured"] as number[];
    for (const [i, value] of expected.entries())
      if (value !== undefined) expect(exact[i]!).toBeCloseTo(value, 5);
    // Four standard deviations of 2000 trials.
    exact.forEach((value, i) =>
      expect(Math.abs(measured[i]! - value)).toBeLessThan(4 * Math.sqrt((value * (1 - value)) / 2000) + 2e-3),
    );
  });

  test("a plane in 2, 3, 5 and 15 dimensions", async () => {
    const { results } = await chapter.run({});
    const exact = results["planeExact"] as number[];
    [0.25, 0.5, 0.8125, 0.9995].forEach((value, i) => expect(exact[i]!).toBeCloseTo(value, 4));
    exact.forEach((value, i) =>
      expect(Math.abs((results["planeMeasured"] as number[])[i]! - value)).toBeLessThan(0.045),
    );
  });
});

test("a linear bottleneck forgets td − d′ directions: moving along them changes nothing", async () => {
  const { results } = await chapter.run({ channels: 4, trials: 100 });
  expect(results["bottleneckKernel"]).toBe(20);
  expect(results["bottleneckDifference"]).toBeLessThan(1e-12);
});

test("the trained network's projection forgets as well", async () => {
  const { results } = await chapter.run(few, { checkpoint: readStudyCheckpoint });
  expect(results["trainedProjectionKernel"]).toBe(120);
  expect(results["trainedConditionMedian"]).toBeGreaterThan(1);
});

test("a kernel longer than the ring is explained", async () => {
  await expect(chapter.run({ kernel: "1,1,1", length: 2 })).rejects.toThrow(
    /3 taps are more than the ring of length 2.*for example 9/,
  );
});
