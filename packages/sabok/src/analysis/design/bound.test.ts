import { expect, test } from "vitest";
import { LowerBound } from "./bound.ts";
import { design } from "./design.ts";
import { designProblem, isEnough, type DesignOptions } from "./problem.ts";
import { Search } from "./search.ts";

test.each<DesignOptions>([
  {},
  { layers: [2, 4], kernels: [2, 3, 5], strides: [1, 2], minOutput: 2 },
  { cost: "same", strides: [1, 2], minOutput: 4 },
  { cost: "same", coverage: "prefix", kernels: [1, 2, 3], layers: [1, 4] },
  { cost: "same", coverage: "none", kernels: [3], maxDilation: 3 },
  { coverage: "none", minOutput: 1, kernels: [3] },
  { input: [40, 28], threshold: 0.3, channels: [3, 8, 4, 8, 16], strides: [1, 2], minOutput: 3 },
])("wherever the search stops, the optimum is among the finished or above the bound: %j", async (options) => {
  const problem = designProblem(options);
  const optimum = (await design(options)).best!.macs;
  const search = new Search(problem);
  let pauses = 0;
  let tight = 0;
  for (const _ of search.run(5)) {
    if (pauses++ % 11 !== 0) continue;
    const bound = new LowerBound(search).ofOpenStates();
    const finished = search.levels.flatMap((_level, depth) => {
      if (depth < problem.layers[0]) return [];
      return [...search.cheapestByField(depth)]
        .filter(([field]) => isEnough(problem, field))
        .map(([, node]) => search.macsOf(node));
    });
    expect(Math.min(bound, ...finished)).toBeLessThanOrEqual(optimum);
    if (bound >= 0.3 * optimum) tight++;
  }
  expect(pauses).toBeGreaterThan(4);
  expect(tight).toBeGreaterThan(0);
  expect(new LowerBound(search).ofOpenStates()).toBe(Infinity);
});
