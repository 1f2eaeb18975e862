import { describe, expect, test } from "vitest";
import {
  layerMacs,
  stackReceptiveField,
  relaxedOptimum,
  unboundedDilation,
  type ConvolutionLayer,
} from "../../analysis/design/index.ts";
import { chapter } from "./chapter.ts";

const anyKernel = (most: number, least = 1): string =>
  Array.from({ length: most - least + 1 }, (_, i) => i + least).join();

test("TV-2.2a: as posed, a corner: one kernel of 2 sees it all", async () => {
  const { results } = await chapter.run({ kernels: "3", "max-layers": 4, "max-dilation": 31 });
  expect((results["degenerateAnyKernel"] as number[]).slice(0, 3)).toEqual([4, 5, 6]);
  expect(results["degenerateGivenKernels"]).toEqual([36, 180, 504, 1080]);
});

describe("TV-2.2b: Lagrange without coverage", () => {
  test.each([
    [17, 8, [1, 2, 3], [9, 8, 8.333]],
    [33, 4, [4, 6, 8, 10], [36, 32.67, 32, 32.4]],
  ])("R = %d, D = %d", (field, most, depths, costs) => {
    depths.forEach((depth, i) =>
      expect(unboundedDilation(field, most, depth).costPerWeight).toBeCloseTo(costs[i]!, 2),
    );
  });
});

describe("TV-2.2c: equal cost in every layer", () => {
  test.each([
    [[1, 1], 17, [4.1231, 4.1231], 34],
    [[4, 1], 16, [2.8284, 5.6569], 64],
    [[1, 1 / 4, 1 / 16], 64, [2, 4, 8], 12],
  ])("a = %j, R = %d", (weights, field, kernels, macs) => {
    const found = relaxedOptimum(weights, field);
    kernels.forEach((kernel, l) => expect(found.kernels[l]!).toBeCloseTo(kernel, 4));
    expect(found.macs).toBeCloseTo(macs, 9);
  });
});

describe("TV-2.2d: min Σk² with Πk ≥ R, by the exact solver with padding", () => {
  test.each([
    [17, anyKernel(17), [289, 41, 22, 21, 20, 21]],
    [32, anyKernel(32), [1024, 72, 34, 26, 20, 21]],
    // Only kernels that can be in an optimum: the search over all 64 takes minutes.
    [64, "1,2,3,4,5,6,8,9,64", [4096, 128, 48, 36, 30, 24, 25]],
  ])("R = %d", { timeout: 60_000 }, async (field, kernels, sums) => {
    const { results } = await chapter.run({
      height: field,
      width: field,
      threshold: 1,
      strict: "at-least",
      kernels,
      coverage: "prefix",
      "max-dilation": field - 1,
      "max-layers": sums.length,
      "min-output": 1,
      cost: "same",
    });
    expect((results["macsByDepth"] as number[]).map((macs) => macs / field ** 2)).toEqual(sums);
  });
});

test("TV-2.2e: the order of the layers matters without padding", () => {
  const stack = (dilations: readonly number[]): ConvolutionLayer[] =>
    dilations.map((dilation) => ({ kernel: 3, dilation, stride: 1 }));
  const macs = (dilations: readonly number[]): number[] =>
    layerMacs(stack(dilations), [32, 32], [1, 1, 1, 1], "valid");
  expect(macs([1, 2, 4])).toEqual([8100, 6084, 2916]);
  expect(macs([4, 2, 1])).toEqual([5184, 3600, 2916]);
  expect(stackReceptiveField(stack([1, 2, 4]))).toBe(stackReceptiveField(stack([4, 2, 1])));
  // With padding all orders tie.
  const padded = (dilations: readonly number[]): number[] =>
    layerMacs(stack(dilations), [32, 32], [1, 1, 1, 1], "same");
  expect(padded([1, 2, 4])).toEqual(padded([4, 2, 1]));
});

describe("TV-2.2f: 32x32, T = 0.5, no holes, outputs of at least 8", () => {
  test("the optimum has three layers and R = 25, not 17", async () => {
    const { results, verdict } = await chapter.run({});
    expect(results["macsByDepth"]).toEqual([-1, 5200, 3780, 5076, 6840]);
    expect(results["bestLayers"]).toBe("(3,8,1), (3,3,1), (3,1,1)");
    expect(results["receptiveField"]).toBe(25);
    expect(results["leastReceptiveField"]).toBe(17);
    expect(results["outputs"]).toEqual([16, 10, 8]);
    expect(results["proved"]).toBe(true);
    expect(verdict.text.en).toMatch(/the constraint is not tight/);
  });

  test("with kernels of 3 alone two layers are too few; with holes they are not", async () => {
    const { results } = await chapter.run({ kernels: "3" });
    expect((results["macsByDepth"] as number[]).slice(0, 2)).toEqual([-1, -1]);
    const holes = (await chapter.run({ kernels: "3", coverage: "none", "max-layers": 2 })).results;
    expect(holes["macsByDepth"]).toEqual([2304, 2880]);
  });

  test("strict or not: 17 or 16 where T·M is whole", async () => {
    expect((await chapter.run({ strict: "at-least" })).results["leastReceptiveField"]).toBe(16);
  });
});

describe("TV-2.2i: with padding", () => {
  const same = { cost: "same", "max-layers": 7, "max-dilation": 31 };
  test("any kernel: five layers of 2 and 3 are best", { timeout: 60_000 }, async () => {
    const { results } = await chapter.run({ ...same, kernels: anyKernel(32) });
    expect(results["macsByDepth"]).toEqual([295936, 41984, 22528, 21504, 20480, 21504, 22528]);
  });
  test("odd kernels: three layers", async () => {
    const { results } = await chapter.run({ ...same, kernels: "1,3,5,7", "max-layers": 4 });
    expect((results["macsByDepth"] as number[]).slice(1)).toEqual([51200, 27648, 28672]);
  });
});

test("TV-2.2j: without a least output the map shrinks to one pixel", async () => {
  const { results } = await chapter.run({ kernels: anyKernel(32, 2), "min-output": 1, "max-layers": 2 });
  expect((results["macsByDepth"] as number[])[1]).toBe(1028);
  expect(results["designsByDepth"]).toMatch(/\(16,2,1\), \(2,1,1\)$/);
  // 1028 is the optimum of kernels from 2 on: with a 1x1 kernel, which the vector leaves out, 1025 are enough.
  const corner = (await chapter.run({ kernels: anyKernel(32), "min-output": 1, "max-layers": 2 })).results;
  expect((corner["macsByDepth"] as number[])[1]).toBe(1025);
});

test("a threshold that no stack reaches is explained, bad kernels are refused", async () => {
  const { results, verdict } = await chapter.run({ height: 48, width: 32, measure: "h", threshold: 0.9 });
  expect(results["feasible"]).toBe(false);
  expect(verdict.text.en).toMatch(/No stack will do/);
  await expect(chapter.run({ kernels: "3,x" })).rejects.toThrow(/kernels: got "3,x".*for example 3,5,7/);
});
