import { beforeAll, describe, expect, test } from "vitest";
import { Random } from "../../core/index.ts";
import { productOf, matrixDifference, rowsOf, identity, turned } from "../4.1/convolution1d.ts";
import { drawNetwork, randomOrthogonal, throughDepth } from "../5.1/depth.ts";
import { chapter } from "./chapter.ts";

const of = async (values: Record<string, number | string>) =>
  (await chapter.run(values)).results as Record<string, number>;

describe("TV-5b: 20 blocks of 64 units, orthogonal weights times 0.5", () => {
  let found: Record<string, number>;
  beforeAll(async () => {
    found = await of({ width: 64 });
  }, 60_000);

  test.each([
    ["linearNone", 9.1e-13, 1.01],
    ["linearInside", 1.9, 1.15],
    ["linearOutside", 1.9, 1.15],
    ["reluNone", 3e-19, 10],
    ["reluInside", 0.78, 1.3],
    ["reluOutside", 1.18, 1.15],
    ["tanhNone", 8e-13, 1.2],
    ["tanhInside", 0.64, 2.5],
    ["tanhOutside", 1.66, 1.3],
    ["sigmoidNone", 4e-37, 1.1],
    ["sigmoidInside", 1.4e-13, 2],
    ["sigmoidOutside", 1, 1.01],
  ])("%s is %d within a factor of %d", (name, expected, factor) => {
    expect(Math.abs(Math.log(found[name]! / expected))).toBeLessThan(Math.log(factor));
  });

  test("the linear net against theory: E‖J‖²/n = (1 + ε⁴)^B", () => {
    expect(found["linearMeanSquareTheory"]).toBeCloseTo(3.362, 3);
    expect(found["linearMeanSquare"]! / found["linearMeanSquareTheory"]!).toBeCloseTo(1, 0);
  });

  test("singular values keep their bounds", () => {
    for (const name of ["linearOutside", "reluOutside", "tanhOutside", "sigmoidOutside"]) {
      expect(found[`${name}Smallest`]).toBeGreaterThanOrEqual(found["lowerBoundOutside"]!);
      expect(found[`${name}Largest`]).toBeLessThanOrEqual(found["upperBoundOutside"]!);
    }
  });
});

test("E‖J‖²/n of the linear net, as a mean over 20 seeds, is (1 + ε⁴)^B within 10 %", async () => {
  let sum = 0;
  for (let seed = 0; seed < 20; seed++) {
    const network = drawNetwork({ blocks: 10, width: 24, epsilon: 0.5, weights: "orthogonal", seed });
    sum += (await throughDepth(network, "none", "outside")).gains.at(-1)! ** 2;
  }
  expect(Math.abs(sum / 20 / (1 + 0.5 ** 4) ** 10 - 1)).toBeLessThan(0.1);
});

test("traps: ε = 0.9 kills directions and makes others explode; 1 + w²w¹ may be 0", async () => {
  const found = await of({ width: 64, epsilon: 0.9 });
  expect(found["linearOutsideLargest"]).toBeGreaterThan(100);
  expect(found["linearOutsideSmallest"]).toBeLessThan(1e-4);
  expect(found["cancelledDerivative"]).toBe(0);
}, 60_000);

test.each([
  [{ width: 1, blocks: 1 }],
  [{ epsilon: 0, width: 4 }],
  [{ epsilon: 2, blocks: 50, width: 8, weights: "gaussian" }],
])("no NaN at the ends of the ranges: %j", async (values) => {
  const { results, series } = await chapter.run(values);
  for (const value of Object.values(results)) expect(Number.isFinite(value)).toBe(true);
  for (const { y } of series) expect(y.every((value) => value > 0)).toBe(true);
});

test("random orthogonal matrices are orthogonal", async () => {
  const rows = rowsOf(randomOrthogonal(new Random(4), 20));
  expect(matrixDifference(await productOf(rows, turned(rows)), rowsOf(identity(20)))).toBeLessThan(1e-14);
});

test("parameters out of range are refused", async () => {
  await expect(chapter.run({ width: 65 })).rejects.toThrow(
    /width: got "65"; expected a whole number from 1 to 64/,
  );
});
