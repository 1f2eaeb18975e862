import { describe, expect, test } from "vitest";
import { chapter } from "./chapter.ts";

describe("TV-6.1d: the ratio 1/C_out + 1/K², counted on the graphs", () => {
  test.each([
    [3, 16, 0.17361, undefined],
    [3, 64, 0.12674, undefined],
    [3, 256, 0.11502, 8.694],
    [3, 512, 0.11306, 8.845],
    [5, 256, 0.04391, undefined],
    [7, 512, 0.02236, undefined],
  ])("K=%d, C_out=%d: %d", async (kernel, out, ratio, saving) => {
    const { results } = await chapter.run({ kernel, out, in: 8, size: 9 });
    expect(results["ratio"]).toBeCloseTo(ratio, 5);
    expect(results["ratio"]).toBeCloseTo(results["formula"] as number, 12);
    if (saving !== undefined) expect(results["saving"]).toBeCloseTo(saving, 3);
  });
});

test("the break-even: at most 8 terms at K=3, C_out=256, and never cheaper at full rank", async () => {
  const { results } = await chapter.run({});
  expect(results["breakEven"]).toBeCloseTo(8.694, 3);
  expect(results["cheaperUpTo"]).toBe(8);
  expect(results["fullRankRatio"]).toBeCloseTo(1.0352, 4);
  const narrow = (await chapter.run({ out: 4, terms: 4 })).results;
  expect(narrow["fullRankRatio"]).toBeCloseTo(1 + 4 / 9, 12);
  expect(narrow["termsRatio"]).toBeCloseTo(narrow["fullRankRatio"] as number, 12);
});

test("TV-6.1e: whole networks, exactly", async () => {
  const { results } = await chapter.run({ size: 8, stride: 2 });
  expect(results).toMatchObject({
    v1Macs: 568_740_352,
    v1Parameters: 4_231_976,
    v1StandardMacs: 4_867_293_184,
    v2Macs: 300_774_272,
    v2Parameters: 3_504_872,
    v3LargeMacs: 216_589_760,
    v3LargeParameters: 5_483_032,
    v3SmallMacs: 56_510_400,
    v3SmallParameters: 2_542_856,
  });
  expect(results["v1ParametersWithoutNorm"]).toBe(4_210_088);
  expect(results["v1PointwiseShare"]).toBeCloseTo(0.9486, 4);
  expect(results["v1DepthwiseShare"]).toBeCloseTo(0.0306, 4);
  expect(results["v1FirstShare"]).toBeCloseTo(0.0191, 4);
  expect(results["v1ClassifierShare"]).toBeCloseTo(0.0018, 4);
  expect(results["ratio"]).toBeCloseTo(results["formula"] as number, 12);
});

test("a kernel of 0 is refused with the range", async () => {
  await expect(chapter.run({ kernel: 0 })).rejects.toThrow(/kernel: got "0".*from 1 to 15, for example 3/);
});
