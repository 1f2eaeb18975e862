import { describe, expect, test } from "vitest";
import { design } from "./design.ts";
import type { Design, NoDesign } from "./designResult.ts";
import type { DesignOptions } from "./problem.ts";

const macsOf = (answer: Design | NoDesign): number | undefined =>
  "macs" in answer ? answer.macs : undefined;
const reasonOf = (answer: Design | NoDesign): string => ("reason" in answer ? answer.reason : "");
const pairsOf = ({ layers }: Design): (readonly [number, number])[] =>
  layers.map(({ kernel, dilation }) => [kernel, dilation] as const);
const countTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describe("TV-2.2f: 32x32, above one half, no holes, at least 8 outputs", () => {
  test("the defaults ask it: best are 3 layers at 3780 MACs", async () => {
    const { best, perDepth, feasible, leastReceptiveField, proof } = await design();
    expect([feasible, leastReceptiveField]).toEqual([true, 17]);
    expect(perDepth.map(macsOf)).toEqual([undefined, 5200, 3780, 5076, 6840]);
    expect(reasonOf(perDepth[0]!)).toMatch(/No kernel is big enough.*one layer of kernel 7/);
    expect(pairsOf(perDepth[1] as Design)).toEqual([
      [5, 5],
      [5, 1],
    ]);
    expect(pairsOf(perDepth[3] as Design)).toEqual([
      [3, 8],
      [3, 2],
      [3, 1],
      [3, 1],
    ]);
    expect(pairsOf(best!)).toEqual([
      [3, 8],
      [3, 3],
      [3, 1],
    ]);
    expect(best).toMatchObject({
      macs: 3780,
      receptiveField: 25,
      outputs: [
        [16, 16],
        [10, 10],
        [8, 8],
      ],
    });
    expect(proof).toMatchObject({ complete: true, lowerBound: 3780, optimum: 3780, provedDepth: 5 });
  });

  test("kernels of 3 need three layers", async () => {
    const { perDepth } = await design({ kernels: [3] });
    expect(perDepth.map(macsOf)).toEqual([undefined, undefined, 3780, 5076, 6840]);
    expect(reasonOf(perDepth[1]!)).toMatch(/3\^2 = 9 pixels; 17 are needed/);
  });

  test("with holes allowed one layer of kernel 3 is enough", async () => {
    const { perDepth } = await design({ kernels: [3], coverage: "none", layers: [1, 2] });
    expect(perDepth.map(macsOf)).toEqual([2304, 2880]);
  });

  test("hole-free after every layer costs more: the order is forced", async () => {
    const { best } = await design({ coverage: "prefix" });
    expect(best!.macs).toBeGreaterThan(3780);
  });
});

describe("TV-2.2a: the problem as posed is degenerate", () => {
  test("one kernel of 2 and one output, whatever the threshold", async () => {
    for (const threshold of [0, 0.5, 0.9]) {
      const { degenerate } = await design({ threshold, layers: [1, 4] });
      expect(degenerate.anyKernel.map(macsOf)).toEqual([4, 5, 6, 7]);
      expect(pairsOf(degenerate.anyKernel[0] as Design)).toEqual([[2, 31]]);
      expect((degenerate.anyKernel[0] as Design).outputs).toEqual([[1, 1]]);
    }
  });

  test("kernels of 3 alone", async () => {
    const { degenerate } = await design({ kernels: [3], layers: [1, 4] });
    expect(degenerate.givenKernels.map(macsOf)).toEqual([36, 180, 504, 1080]);
    expect(degenerate.givenKernels[0]).toMatchObject({
      layers: [{ kernel: 3, dilation: 15, stride: 1 }],
      receptiveField: 31,
    });
  });

  test("is what the solver finds for every kernel up to the input", async () => {
    const { perDepth } = await design({
      kernels: countTo(32),
      maxDilation: 31,
      coverage: "none",
      minOutput: 1,
      layers: [1, 3],
    });
    expect(perDepth.map(macsOf)).toEqual([4, 5, 6]);
  });

  test("TV-2.2j: coverage alone is not enough; a least output is needed", async () => {
    const question: DesignOptions = { maxDilation: 31, minOutput: 1, layers: [2, 2] };
    const { best } = await design({ ...question, kernels: countTo(32).slice(1) });
    expect(pairsOf(best!)).toEqual([
      [16, 2],
      [2, 1],
    ]);
    expect(best).toMatchObject({
      macs: 1028,
      receptiveField: 32,
      outputs: [
        [2, 2],
        [1, 1],
      ],
    });
    // A kernel of 1 and one as large as the input are cheaper still, and no better.
    const { best: corner } = await design({ ...question, kernels: countTo(32) });
    expect([pairsOf(corner!), corner!.macs]).toEqual([
      [
        [32, 1],
        [1, 1],
      ],
      1025,
    ]);
  });
});

describe("with padding, where only kernels cost", () => {
  test("TV-2.2i: any kernel up to 17, and odd ones", async () => {
    const same: DesignOptions = { cost: "same", maxDilation: 32, coverage: "prefix" };
    const free = await design({ ...same, kernels: countTo(17), layers: [1, 7] });
    expect(free.perDepth.map(macsOf)).toEqual([295936, 41984, 22528, 21504, 20480, 21504, 22528]);
    const odd = await design({ ...same, kernels: [1, 3, 5, 7], layers: [2, 4], coverage: "final" });
    expect(odd.perDepth.map(macsOf)).toEqual([51200, 27648, 28672]);
    expect(odd.best!.layers.map(({ kernel }) => kernel)).toEqual([3, 3, 3]);
  });

  test.each([
    [17, 17, [289, 41, 22, 21, 20, 21]],
    [32, 32, [1024, 72, 34, 26, 20, 21]],
    [64, 64, [4096, 128, 48, 36, 30, 24, 25]],
    [227, 227, [51529, 481, 121, 64, 45, 44, 38, 32, 33]],
  ])("TV-2.2d: least sum of squared kernels whose product is %i", async (field, largest, sums) => {
    const kernels = [...new Set([...countTo(Math.min(largest, 22)), Math.ceil(field / 2), field])];
    const { perDepth } = await design({
      input: [field, field],
      threshold: 1,
      strict: false,
      cost: "same",
      coverage: "prefix",
      minOutput: 1,
      kernels,
      maxDilation: field,
      layers: [1, sums.length],
    });
    expect(perDepth.map((answer) => macsOf(answer)! / field ** 2)).toEqual(sums);
  });

  test("the order of layers does not matter, so prefix and final coverage cost the same", async () => {
    const costs = await Promise.all(
      (["prefix", "final"] as const).map(async (coverage) =>
        (await design({ cost: "same", coverage })).perDepth.map(macsOf),
      ),
    );
    expect(costs[0]).toEqual(costs[1]);
  });

  test("a field larger than the input is clipped to it", async () => {
    const { best, seen } = await design({
      input: [4, 4],
      cost: "same",
      kernels: [7],
      threshold: 1,
      strict: false,
      minOutput: 1,
      layers: [1, 1],
    });
    expect(best).toMatchObject({ receptiveField: 7, outputs: [[4, 4]], macs: 49 * 16 });
    expect(seen!.relative).toEqual({ h: 1, w: 1, area: 1 });
  });

  test("with holes allowed a step beyond the input may be the cheapest way to see it all", async () => {
    const { best } = await design({
      input: [20, 20],
      threshold: 1,
      strict: false,
      cost: "same",
      coverage: "none",
      minOutput: 2,
      layers: [2, 3],
      kernels: [1, 2, 3],
      maxDilation: 3,
      strides: [1, 3],
      channels: [4, 3, 4, 1],
    });
    expect(best).toMatchObject({ macs: 840, receptiveField: 28 });
  });

  test("a long rectangle can be seen whole", async () => {
    const { best } = await design({ input: [48, 32], cost: "same", threshold: 0.9, coverage: "final" });
    expect(best!.receptiveField).toBeGreaterThan(0.9 * 48);
  });
});

describe("thresholds", () => {
  test("above and at least differ by one pixel", async () => {
    expect((await design({ strict: true })).leastReceptiveField).toBe(17);
    expect((await design({ strict: false })).leastReceptiveField).toBe(16);
  });

  test("decimal thresholds are compared as written", async () => {
    for (const [size, percent] of [
      [100, 7],
      [100, 29],
      [50, 58],
      [200, 14],
    ] as const) {
      const { leastReceptiveField } = await design({
        input: [size, size],
        threshold: percent / 100,
        strict: false,
        layers: [1, 1],
      });
      expect(leastReceptiveField).toBe((size * percent) / 100);
    }
  });

  test.each([
    ["h", 25],
    ["w", 17],
    ["each", 25],
    ["area", 28],
  ] as const)("of %s of 48x32 above one half", async (measure, least) => {
    expect((await design({ input: [48, 32], measure })).leastReceptiveField).toBe(
      measure === "area" ? Math.floor(Math.sqrt(0.5 * 48 * 32)) + 1 : least,
    );
  });
});

describe("infeasible, and why", () => {
  test.each<[string, DesignOptions, RegExp]>([
    [
      "a rectangle's ratio",
      { input: [48, 32], threshold: 0.7 },
      /at most 32x32 of 48x32.*ratio of its edges, 0\.667 of the longer edge.*0\.7 \(above\) needs 34/,
    ],
    [
      "a rectangle's ratio, by area",
      { input: [32, 48], threshold: 0.7, measure: "area" },
      /0\.667 of the area/,
    ],
    ["above the whole input", { threshold: 1, strict: true }, /nothing is above a threshold of 1/],
    ["too few outputs", { minOutput: 17 }, /field of 17.*leaves 16 outputs of 32 pixels; at least 17/],
    ["more outputs than pixels", { minOutput: 33 }, /cannot be 33 pixels/],
    [
      "too few outputs by stride",
      { strides: [2], layers: [3, 3] },
      /leaves 2 outputs of 32 pixels at the least stride of 2 in 3 layers; at least 8/,
    ],
    [
      "too few outputs by stride, padded",
      { strides: [2], layers: [3, 3], cost: "same" },
      /leave 4 outputs at the least stride/,
    ],
    ["no kernel big enough", { kernels: [3], layers: [2, 2] }, /3\^2 = 9 pixels/],
    [
      "no kernel big enough with holes",
      { kernels: [3], maxDilation: 2, coverage: "none", layers: [1, 1] },
      /kernel 3 at dilation 2 sees at most 5 pixels; 17/,
    ],
    ["only kernel 1", { kernels: [1] }, /No kernel is big enough/],
    [
      "kernels larger than the input",
      { input: [5, 5], kernels: [7], minOutput: 1, threshold: 0.2 },
      /smallest kernel, 7, is too large: .*sees 7 pixels.* room for 5/,
    ],
    [
      "a stride above every kernel",
      { kernels: [3], strides: [4], minOutput: 1, threshold: 0.05, layers: [1, 2] },
      /Stride against coverage: a stride of 4 skips pixels between the windows of a kernel of 3/,
    ],
    ["a dilation too small", { kernels: [3], maxDilation: 1, layers: [4, 4] }, /at most 9 pixels/],
    [
      "coverage",
      {
        input: [16, 16],
        threshold: 0.9,
        kernels: [4],
        layers: [2, 2],
        maxDilation: 8,
        minOutput: 1,
        strides: [3],
      },
      /without holes.*against coverage.*MACs|at most/,
    ],
  ])("%s", async (_, options, reason) => {
    const result = await design(options);
    expect(result).toMatchObject({ feasible: false, best: null, seen: null, optimality: null });
    expect(result.reason).toMatch(reason);
    expect(result.proof).toMatchObject({ complete: true, optimum: null, lowerBound: null });
    for (const answer of result.perDepth) expect(answer).toMatchObject({ infeasible: true });
  });

  test("the frontier is still given", async () => {
    const { frontier } = await design({ input: [48, 32], threshold: 0.7 });
    expect(frontier.at(-1)!.receptiveField).toBe(25);
  });
});

test.each<[DesignOptions, RegExp]>([
  [{ threshold: 50 }, /threshold: got 50, expected a share of the input from 0 to 1/],
  [{ threshold: NaN }, /threshold: got NaN/],
  [{ input: [0, 3] }, /input: got 0/],
  [{ layers: [3, 2] }, /layers: got 3\.\.2, expected the smaller number first/],
  [{ kernels: [] }, /kernels: got none/],
  [{ kernels: [2.5] }, /kernels: got 2\.5/],
  [{ strides: [0] }, /strides: got 0/],
  [{ channels: [3, 8], layers: [1, 3] }, /channels: got 2 numbers, expected 4 for up to 3 layers/],
  [{ channels: 1e6, input: [16384, 16384] }, /beyond 2\^53/],
])("%j is no question", async (options, message) => {
  await expect(design(options)).rejects.toThrow(message);
});

describe("channels", () => {
  test("a list sets the greatest depth, and shallower stacks use its beginning", async () => {
    const { perDepth } = await design({ channels: [3, 16, 32, 64] });
    expect(perDepth).toHaveLength(3);
    expect(perDepth[1]).toMatchObject({ layers: expect.objectContaining({ length: 2 }) });
  });

  test("one number scales every cost by its square", async () => {
    const [one, four] = [await design(), await design({ channels: 4 })];
    expect(four.perDepth.map(macsOf)).toEqual(
      one.perDepth.map((answer) => (macsOf(answer) === undefined ? undefined : 16 * macsOf(answer)!)),
    );
  });
});

test("the optimum beside the condition of equal MACs in every layer", async () => {
  const { optimality, seen } = await design();
  expect(optimality!.layerMacs).toEqual([2304, 900, 576]);
  expect(optimality!.spread).toBe(4);
  expect(optimality!.relaxed.kernels.reduce((a, b) => a * b)).toBeCloseTo(17, 9);
  expect(optimality!.overRelaxed).toBeCloseTo(3780 / optimality!.relaxed.macs, 9);
  expect(optimality!.depthLaw).toMatchObject({ wholeLayers: 3, layers: expect.closeTo(5.666, 3) });
  // Ascending or not, the hybrid rule calls (8,3,1) wrong, and it is right.
  expect(seen).toMatchObject({
    holeFree: true,
    pixels: 25,
    coverage: { axis: 1, area: 1 },
    hybridDilation: { distance: 5, holds: false },
  });
});

test("with padding equal layers are the relaxed optimum itself where the field is a power", async () => {
  const { optimality } = await design({
    input: [27, 27],
    threshold: 1,
    strict: false,
    cost: "same",
    kernels: [3],
    maxDilation: 9,
    layers: [3, 3],
  });
  expect(optimality!.spread).toBe(1);
  expect(optimality!.overRelaxed).toBeCloseTo(1, 12);
});

describe("a search that is stopped", () => {
  const huge: DesignOptions = {
    input: [256, 256],
    layers: [1, 6],
    maxDilation: 64,
    kernels: countTo(9),
    strides: [1, 2],
    minOutput: 1,
  };

  test("gives the best so far and a bound below the optimum", async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const result = await design(huge, {
      signal: stop.signal,
      onProgress({ depth, deepest, lowerBound, best }) {
        expect([deepest, depth <= 6]).toEqual([6, true]);
        expect(lowerBound).toBeLessThanOrEqual(best ?? Infinity);
        seen.push(lowerBound);
        stop.abort();
      },
    });
    expect(seen.length).toBe(1);
    expect(result.proof.complete).toBe(false);
    expect(result.feasible).toBe(true);
    expect(result.proof.lowerBound).toBeGreaterThan(0);
    expect(result.proof.lowerBound).toBeLessThanOrEqual(result.best!.macs);
    expect(result.perDepth).toHaveLength(6);
  });

  test("stops by itself at the most states it may keep", async () => {
    const { proof, best } = await design({ ...huge, layers: [4, 4] }, { mostStates: 20_000 });
    expect(proof).toMatchObject({ complete: false, provedDepth: expect.any(Number) });
    expect(proof.states).toBeLessThan(200_000);
    expect(best).not.toBeNull();
  });
});
