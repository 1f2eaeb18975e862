import { describe, expect, test } from "vitest";
import { depthLaw, relaxedOptimum, unboundedDilation } from "./relaxation.ts";

describe("relaxedOptimum", () => {
  test.each([
    [[1, 1], 17, [4.1231, 4.1231], 34],
    [[4, 1], 16, [2.8284, 5.6569], 64],
    [[1, 1 / 4, 1 / 16], 64, [2, 4, 8], 12],
  ])("TV-2.2c: weights %j, field %i", (weights, field, kernels, macs) => {
    const found = relaxedOptimum(weights, field);
    expect(found.kernels).toEqual(kernels.map((kernel) => expect.closeTo(kernel, 4)));
    expect(found.macs).toBeCloseTo(macs, 9);
  });

  test("all layers cost the same, the kernels multiply to the field, the steps are a mixed radix", () => {
    const weights = [9, 4, 0.5, 7];
    const { kernels, dilations, macs, macsPerLayer } = relaxedOptimum(weights, 100, { jumps: [1, 2, 2, 4] });
    for (const [l, kernel] of kernels.entries())
      expect(weights[l]! * kernel ** 2).toBeCloseTo(macsPerLayer, 9);
    expect(kernels.reduce((a, b) => a * b)).toBeCloseTo(100, 9);
    expect(macs).toBeCloseTo(4 * macsPerLayer, 9);
    expect(dilations[3]! * 4).toBeCloseTo(kernels[0]! * kernels[1]! * kernels[2]!, 9);
  });

  test("no nearby kernels of the same product cost less", () => {
    const weights = [3, 1, 2];
    const { kernels, macs } = relaxedOptimum(weights, 30);
    for (const [i, j] of [
      [0, 1],
      [1, 2],
      [0, 2],
    ] as const)
      for (const factor of [0.9, 0.99, 1.01, 1.1]) {
        const moved = kernels.map((kernel, l) =>
          l === i ? kernel * factor : l === j ? kernel / factor : kernel,
        );
        expect(moved.reduce((sum, kernel, l) => sum + weights[l]! * kernel ** 2, 0)).toBeGreaterThan(macs);
      }
  });
});

test("a layer too dear for a kernel above 1 gets 1, and the others share the field", () => {
  const { kernels, layerMacs, macs, macsPerLayer } = relaxedOptimum([1000, 1, 900, 2], 8);
  expect([kernels[0], kernels[2]]).toEqual([1, 1]);
  expect(kernels[1]! * kernels[3]!).toBeCloseTo(8, 9);
  expect(layerMacs[1]).toBeCloseTo(macsPerLayer, 9);
  expect(layerMacs[3]).toBeCloseTo(macsPerLayer, 9);
  expect(macs).toBeCloseTo(1900 + 2 * macsPerLayer, 9);
  expect(relaxedOptimum([5, 3], 1)).toMatchObject({ kernels: [1, expect.any(Number)] });
});

test("dilations follow the order of the steps", () => {
  const { kernels, dilations } = relaxedOptimum([1, 1, 1], 27, { order: [2, 1, 0] });
  expect(kernels).toEqual([3, 3, 3].map((kernel) => expect.closeTo(kernel, 9)));
  expect(dilations).toEqual([9, 3, 1].map((dilation) => expect.closeTo(dilation, 9)));
});

describe("depthLaw", () => {
  test("F(L) = L·R^(2/L) is least at 2 ln R, with kernels √e", () => {
    const { layers, kernel, costPerWeight } = depthLaw(17, 3);
    const cost = (depth: number) => depth * 17 ** (2 / depth);
    expect(kernel).toBeCloseTo(1.6487, 4);
    expect(cost(layers)).toBeCloseTo(costPerWeight, 9);
    expect(cost(layers * 1.01)).toBeGreaterThan(costPerWeight);
    expect(cost(layers * 0.99)).toBeGreaterThan(costPerWeight);
  });

  test("whole layers: the fewest whose kernels multiply to the field", () => {
    expect(
      [depthLaw(27, 3), depthLaw(28, 3), depthLaw(32, 2), depthLaw(1, 3)].map(
        ({ wholeLayers }) => wholeLayers,
      ),
    ).toEqual([3, 4, 5, 0]);
  });
});

test.each([
  [17, 8, [1, 2, 3], [9, 8, 8.333]],
  [33, 4, [4, 6, 8, 10], [36, 32.67, 32, 32.4]],
])("TV-2.2b: unbounded dilation, R = %i, D = %i", (field, maxDilation, depths, costs) => {
  const found = depths.map((depth) => unboundedDilation(field, maxDilation, depth));
  for (const [i, { costPerWeight, bestDepth }] of found.entries()) {
    expect(costPerWeight).toBeCloseTo(costs[i]!, 2);
    expect(bestDepth).toBe((field - 1) / maxDilation);
  }
});
