import { expect, test } from "vitest";
import { chapter } from "./chapter.ts";

test.each([1, 2, 6, 10])(
  "TV-6.2a: 3,782,016·t multiply-accumulates at 14x14, d = 96, t = %d",
  async (expansion) => {
    const { results } = await chapter.run({ expansion });
    // With t = 1 there is no expansion layer.
    const expected = expansion === 1 ? 196 * 96 * (9 + 96) : 3_782_016 * expansion;
    expect(results["macs"]).toBe(expected);
    expect(results["macsFormula"]).toBe(expected);
    if (expansion === 6) expect(results["parameters"]).toBe(115_776);
  },
);

test("TRAP: with a stride the expansion still runs on the whole map", async () => {
  const { results } = await chapter.run({ size: 28, in: 32, out: 64, stride: 2 });
  expect(results["macs"]).toBe(28 * 28 * 32 * 192 + 14 * 14 * 192 * (9 + 64));
  expect(results["macs"]).toBe(results["macsFormula"]);
  expect(results["skip"]).toBe(false);
});

test("bottleneck against inverted, multiply-accumulates a pixel; MobileNetV2's parts", async () => {
  const { results } = await chapter.run({});
  expect(results["bottleneckMacsPerPixel"]).toBe(69_632);
  expect(results["invertedThinMacsPerPixel"]).toBe(35_072);
  expect(results["invertedWideMacsPerPixel"]).toBe(800_256);
  expect((results["v2ExpandMacs"] as number) / 1e6).toBeCloseTo(129.8, 1);
  expect((results["v2DepthwiseMacs"] as number) / 1e6).toBeCloseTo(20.7, 1);
  expect((results["v2ProjectMacs"] as number) / 1e6).toBeCloseTo(118.1, 1);
  expect(results["v2Blocks"]).toBe(17);
  expect(results["v2Skips"]).toBe(10);
});

test("TV-6.2b: memory at 56x56, d = 24, t = 6, by formula and by the planner", async () => {
  const { results } = await chapter.run({ size: 56, in: 24, out: 24, expansion: 6 });
  expect(results["inputAndOutput"]).toBe(150_528);
  expect(results["naivePeak"]).toBe(903_168);
  expect(results["keptForSkip"]).toBe(75_264);
  expect(results["chunkedPeak"]).toBe(301_056);
  expect(results["channelByChannelPeak"]).toBe(156_800);
  expect(results["arenaChunked"]).toBeLessThan(0.5 * (results["arenaWhole"] as number));
  expect(results["chunkedDifference"]).toBeLessThan(1e-11);
});

test("an expansion out of range is refused with the range", async () => {
  await expect(chapter.run({ expansion: 0 })).rejects.toThrow(
    /expansion: got "0".*from 1 to 10, for example 6/,
  );
});
