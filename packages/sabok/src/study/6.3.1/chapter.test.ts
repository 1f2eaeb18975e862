import { describe, expect, test } from "vitest";
import { chapter } from "./chapter.ts";

describe("the Jacobian of the block", () => {
  test.each([
    {},
    { channels: 4, ratio: 1, size: 4, seed: 3 },
    { gate: "hardSigmoid", seed: 2 },
    { channels: 1, size: 1 },
  ])("is the closed form: %j", async (parameters) => {
    const { results } = await chapter.run(parameters);
    expect(results["jacobianDifference"]).toBeLessThan(1e-14);
    expect(results["crossRank"]).toBeLessThanOrEqual(1);
  });
});

test("TV-6.3a: added weights of SE-ResNet-50", async () => {
  const { results } = await chapter.run({});
  expect(results["seResnet50Extra"]).toEqual([20_119_552, 10_059_776, 5_029_888, 2_514_944, 1_257_472]);
});

test("TV-6.3a: cheap in multiply-accumulates, expensive in parameters", async () => {
  const { results } = await chapter.run({});
  expect(results).toMatchObject({
    v3LargeSqueezeMacs: 1_507_200,
    v3LargeSqueezeParameters: 1_512_280,
    v3SmallSqueezeMacs: 458_752,
    v3SmallSqueezeParameters: 461_640,
  });
  expect(results["v3LargeSqueezeMacShare"]).toBeCloseTo(0.007, 4);
  expect(results["v3LargeSqueezeParameterShare"]).toBeCloseTo(0.276, 3);
  expect(results["v3SmallSqueezeParameterShare"]).toBeCloseTo(0.182, 3);
  expect(results["parameters"]).toBe(results["parametersFormula"]);
  expect(results["macs"]).toBe(2 * 6 * 3);
});

test("channels out of range are refused with the range", async () => {
  await expect(chapter.run({ channels: 1000 })).rejects.toThrow(
    /channels: got "1000".*from 1 to 24, for example 6/,
  );
});
