import {
  designDefaults,
  design as search,
  type DesignOptions,
  type DesignProblem,
  type DesignProgress,
} from "sabok/analysis";
import { expect, test } from "vitest";
import type { JobContext } from "../job.ts";
import { design, stopDesign } from "./design.ts";
import { designRemedies } from "./designRemedies.ts";

function context<Progress = never>(onProgress?: (report: Progress) => void): JobContext<Progress> {
  const { signal } = new AbortController();
  return {
    signal,
    progress: (report) => onProgress?.(report),
    transfer: () => {},
    breathe: async () => {},
  };
}

test("TV-2.2f: 32x32, above a half, no holes: 3780 MACs in three layers", async () => {
  const { best, proof } = await design({}, context());
  expect(best).toMatchObject({ macs: 3780, receptiveField: 25 });
  expect(best!.layers.map(({ kernel, dilation }) => [kernel, dilation])).toEqual([
    [3, 8],
    [3, 3],
    [3, 1],
  ]);
  expect(proof.complete).toBe(true);
});

test("a stopped search answers with what it found and what it proved", async () => {
  const long: DesignOptions = { input: [512, 512], layers: [1, 12], strides: [1, 2], maxDilation: 32 };
  let told: DesignProgress | undefined;
  const { best, proof } = await design(
    long,
    context<DesignProgress>((report) => {
      told = report;
      stopDesign(null, context());
    }),
  );
  expect(told).toMatchObject({ deepest: 12 });
  expect(proof.complete).toBe(false);
  expect(best!.macs).toBeGreaterThanOrEqual(proof.lowerBound!);
});

test("stopping with no search under way is no error", () => {
  expect(stopDesign(null, context())).toBe(0);
});

async function problemOf(options: DesignOptions): Promise<DesignProblem> {
  const { problem, feasible } = await search(options);
  expect(feasible).toBe(false);
  return problem;
}

test("every remedy makes a stack exist, at the MACs it says", async () => {
  const problem = await problemOf({ kernels: [3], layers: [1, 2] });
  const remedies = await designRemedies(problem, context());
  const changes = remedies.map(({ change }) => change);
  // Two layers of 3 see 9 pixels at most without holes; 17 are needed: three layers, or a kernel of 5 and one of 7.
  expect(changes).toContainEqual({ layers: [1, 3] });
  expect(changes).toContainEqual({ coverage: "none" });
  expect(changes).toContainEqual({ threshold: 0.28 });
  for (const { change, macs } of remedies) {
    const { channels: _, ...rest } = problem;
    expect((await search({ ...rest, ...change })).best!.macs).toBe(macs);
  }
});

test("a rectangle too long for its threshold: padding helps, more layers do not", async () => {
  const problem = await problemOf({ input: [48, 32], measure: "h", threshold: 0.9 });
  const changes = (await designRemedies(problem, context())).map(({ change }) => change);
  expect(changes).toContainEqual({ cost: "same" });
  expect(changes.some((change) => "layers" in change)).toBe(false);
});

test("channels given one by one go on with the last where a remedy needs more layers", async () => {
  const problem = await problemOf({ kernels: [3], layers: [1, 2], channels: [3, 8, 16] });
  const changes = (await designRemedies(problem, context())).map(({ change }) => change);
  expect(changes).toContainEqual({ layers: [1, 3] });
  expect(designDefaults.layers).toEqual([1, 5]);
});
