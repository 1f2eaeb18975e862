import { expect, test } from "vitest";
import { chapter } from "./chapter.ts";

const of = async (values: Record<string, number | string>) =>
  (await chapter.run({ width: 8, blocks: 5, ...values })).results as Record<string, number & number[]>;
const close = (got: readonly number[], expected: readonly number[], digits: number): void =>
  expected.forEach((value, i) => expect(got[i]).toBeCloseTo(value, digits));

test("TV-5a without a skip: singular values and the first row", async () => {
  const found = await of({});
  close(found["singularValues"]!, [0.292962, 0.192483, 0.096399], 6);
  close(found["firstRow"]!, [0.208804, -0.182125, -0.052929], 6);
  expect(found["formulaDifference"]).toBeLessThan(1e-15);
});

test.each([
  ["none", 9.1e-13, 0.01],
  ["relu", 3e-19, Infinity],
  ["tanh", 8e-13, 0.2],
  ["sigmoid", 4e-37, 0.1],
] as const)(
  "TV-5b without a skip, %s: %d after 20 blocks of 64 units at ε = 0.5",
  async (activation, expected, tolerance) => {
    const { gain, depthBound } = await of({ activation, blocks: 20, width: 64 });
    if (tolerance < Infinity) expect(Math.abs(gain! / expected - 1)).toBeLessThan(tolerance);
    // ReLU: half of the units are off, more or less by chance in each of the 40 layers.
    else expect(Math.abs(Math.log10(gain! / expected))).toBeLessThan(1);
    expect(gain!).toBeLessThanOrEqual(depthBound! * (1 + 1e-9));
  },
);

test("a norm, not the entries: all weights 0.9 give (0.9·n)² a block", async () => {
  expect((await of({ width: 10 }))["elementwiseNorm"]).toBeCloseTo(81, 9);
});

test("ε = 1.5 and a linear net: the bound says nothing, and the verdict says so", async () => {
  const { verdict } = await chapter.run({ width: 4, activation: "none", epsilon: 1.5 });
  expect(verdict.status).toBe("conditional");
  expect((await chapter.run({ width: 4, activation: "sigmoid", epsilon: 1.5 })).verdict.status).toBe("holds");
});

test("other shapes, and a layer of one unit", async () => {
  const found = await of({
    a: "1,2",
    w1: "1,0;0,1;1,1",
    b1: "0,0,0",
    w2: "1,2,3;4,5,6",
    b2: "0,0",
    activation: "none",
    width: 1,
  });
  expect(found["jacobian"]).toEqual([4, 5, 10, 11]);
  for (const value of Object.values(await of({ epsilon: 0 })).flat()) expect(value).not.toBeNaN();
});

test("shapes that do not fit are refused with an example", async () => {
  await expect(chapter.run({ a: "1,2" })).rejects.toThrow(
    /w1: got 3 in a row; expected rows of 2 numbers.*for example 0.1,0.1;0.1,0.1;0.1,0.1/,
  );
  await expect(chapter.run({ w2: "1,2,3" })).rejects.toThrow(/w2: got 1 rows of 3; expected 3 rows of 3/);
  await expect(chapter.run({ b1: "1" })).rejects.toThrow(/b1: got 1; expected 3 numbers/);
  await expect(chapter.run({ w1: "1,2,3;4,5" })).rejects.toThrow(
    /w1: got rows of 3, 2; expected 1 to 16 rows/,
  );
  await expect(chapter.run({ epsilon: 3 })).rejects.toThrow(/a number from 0 to 2/);
});
