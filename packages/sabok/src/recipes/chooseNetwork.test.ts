import { describe, expect, test } from "vitest";
import { countMacs } from "../analysis/index.ts";
import { blockStringNetwork, mobilenetFamily } from "../nn/models/index.ts";
import { chooseNetwork, parseCount } from "./chooseNetwork.ts";

describe("chooseNetwork", () => {
  const inputs = [
    [1, 28, 28],
    [3, 32, 32],
  ] as const;

  test.each(
    inputs.flatMap((input) => [1e6, 2e6, 3e6, 5e6, 10e6, 30e6].map((budget) => [budget, input] as const)),
  )("%i MACs, %j: within the budget and most of it used", (budget, input) => {
    const { macs } = chooseNetwork({ budget, input, classes: 10 });
    expect(macs).toBeLessThanOrEqual(budget);
    expect(macs).toBeGreaterThan(0.95 * budget);
  });

  test("no member near it is larger and within the budget", () => {
    const options = { input: [1, 28, 28], classes: 10 } as const;
    const { width, depth, macs } = chooseNetwork({ ...options, budget: 3e6 });
    for (const wider of [0.01, 0.05, 0.1])
      for (const deeper of [0, 1 / 12, 1 / 3]) {
        const next = countMacs(
          mobilenetFamily({ ...options, width: width + wider, depth: depth + deeper }).graph,
        );
        expect(next <= macs || next > 3e6).toBe(true);
      }
  });

  test("its block string is the same network", () => {
    const { network, blocks, macs } = chooseNetwork({ budget: 3e6, input: [1, 28, 28], classes: 10 });
    const again = blockStringNetwork(blocks, { input: [1, 28, 28], classes: 10 });
    expect(countMacs(again.graph)).toBe(macs);
    expect([...again.weights.keys()]).toEqual([...network.weights.keys()]);
  });

  test("a budget below the smallest member names its count, and that count is enough", () => {
    const input = [1, 28, 28] as const;
    expect(() => chooseNetwork({ budget: 1000, input, classes: 10 })).toThrow(
      /budget of 1,000 MACs is too small: the smallest network for 1x28x28 images has [\d,]+\. Give at least/,
    );
    const message = String(captured(() => chooseNetwork({ budget: 1000, input, classes: 10 })));
    const enough = parseCount(/Give at least (\S+),/.exec(message)![1]!);
    expect(chooseNetwork({ budget: enough, input, classes: 10 }).macs).toBeLessThanOrEqual(enough);
  });

  test("a budget that is no number above 0 is refused", () => {
    expect(() => chooseNetwork({ budget: Number.NaN })).toThrow(/budget is NaN/);
  });
});

describe("parseCount", () => {
  test.each([
    ["3M", 3_000_000],
    ["300K", 300_000],
    ["1.5G", 1_500_000_000],
    [" 2.5 m ", 2_500_000],
    ["300_000", 300_000],
    ["750000", 750_000],
    [".5k", 500],
  ])("%j", (text, count) => {
    expect(parseCount(text)).toBe(count);
  });

  test.each(["", "M", "3MB", "-3M", "3,000,000", "0", "0K", "1e6", "three"])("%j is refused", (text) => {
    expect(() => parseCount(text)).toThrow(/is not a count; write a number above 0 with K, M or G/);
  });
});

function captured(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}
