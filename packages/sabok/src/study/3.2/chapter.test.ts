import { expect, test } from "vitest";
import { chapter } from "./chapter.ts";

const of = async (values: Record<string, number | string>) =>
  (await chapter.run(values)).results as Record<string, number & number[]>;
const rough = "bent";
const close = (got: readonly number[], expected: readonly number[], digits = 6): void =>
  expected.forEach((value, i) => expect(got[i]).toBeCloseTo(value, digits));

test.each([
  [15, 15, "A", 4.6875, 4.6875, [0.097656, 0.214844, 0.214844, 0.472656], 51.5625, 3],
  [15, 15, "B", 4.34375, 4.34375, [0.430664, 0.225586, 0.225586, 0.118164], 47.78125, 3],
  [15, 15, "C", 4.354839, 4.354839, [0.416233, 0.228928, 0.228928, 0.125911], 47.903226, 3],
  [20, 13, "A", 6.25, 4.0625, [0.703125, 0.046875, 0.234375, 0.015625], 66.5625, 1.734375],
  [20, 13, "B", 5.90625, 3.71875, [0.026367, 0.067383, 0.254883, 0.651367], 62.78125, 1.71875],
  [20, 13, "C", 5.806452, 3.774194, [0.043704, 0.149844, 0.182102, 0.62435], 61.83871, 2.129032],
  [16, 16, "A", 5, 5, [1, 0, 0, 0], 55, undefined],
  [16, 16, "B", 4.65625, 4.65625, [], 51.21875, undefined],
  [16, 16, "C", 4.645161, 4.645161, [], 51.096774, undefined],
  [10, 10, "A", 3.125, 3.125, [0.765625, 0.109375, 0.109375, 0.015625], 34.375, 1.25],
  [10, 10, "B", 2.78125, 2.78125, [], 30.59375, 1.875],
  [10, 10, "C", 2.903226, 2.903226, [], 31.935484, 1.387097],
] as const)("TV-3.2 (%d,%d) in %s", async (y, x, letter, v, u, weights, linear, bent) => {
  const found = await of({ y, x });
  close([found[`v${letter}`]!, found[`u${letter}`]!], [v, u]);
  close(found[`weights${letter}`]!, weights);
  expect(found[`value${letter}`]).toBeCloseTo(linear, 5);
  if (bent !== undefined) expect((await of({ y, x, map: rough }))[`value${letter}`]).toBeCloseTo(bent, 6);
});

test("TV-3.2g: the gradient at A(15,15), in the map and in the image", async () => {
  const found = await of({ y: 15, x: 15, map: rough });
  close(found["gradientA"]!, [2, -2], 10);
  close(found["imageGradientA"]!, [0.625, -0.625], 10);
});

test("(15,15) is a bad test point on the bent map: all conventions give 3, and the verdict says so", async () => {
  const { verdict, results } = await chapter.run({ y: 15, x: 15, map: rough });
  expect(results["spread"]).toBeLessThan(1e-9);
  expect(verdict.text.en).toMatch(/a bad point to test with/);
});

test("clamping: A beyond 28.8, B below 1.1 and beyond 29.9, C never; B is A − 0.34375", async () => {
  const found = await of({});
  expect(found["clampedA"]).toEqual([29, 30, 31]);
  expect(found["clampedB"]).toEqual([0, 1, 30, 31]);
  expect(found["clampedC"]).toEqual([]);
  expect(found["shiftOfB"]).toBeCloseTo(-0.34375, 12);
});

test("the diagonal is its formula at every x, and sampling equals resizing everywhere", async () => {
  const { results, tables } = await chapter.run({ map: rough });
  expect(results["resizeDifference"]).toBeLessThan(1e-12);
  const p = (i: number, j: number): number => (i > 9 || j > 9 ? 0 : (i ** 2 + j ** 3) % 7);
  for (const row of tables[2]!.rows as number[][])
    for (const at of [1, 4, 7]) {
      const [i, f, value] = row.slice(at, at + 3) as [number, number, number];
      expect(value).toBeCloseTo(
        (1 - f) ** 2 * p(i, i) + f * (1 - f) * (p(i, i + 1) + p(i + 1, i)) + f ** 2 * p(i + 1, i + 1),
        10,
      );
    }
});

test("the formula in the map's entries", async () => {
  const { symbolic } = await chapter.run({});
  expect(symbolic[0]!.tex).toBe(
    String.raw`V = 0.703125\,P_{6,4} + 0.046875\,P_{6,5} + 0.234375\,P_{7,4} + 0.015625\,P_{7,5} = 66.5625`,
  );
});

test.each([
  [{ "image-size": 256, "map-size": 64, y: 255, x: 0.5 }],
  [{ "image-size": 2, "map-size": 64, y: 1, x: 0 }],
  [{ "map-size": 1, y: 31, x: 31 }],
])("other sizes: %j", async (values) => {
  const found = await of(values);
  expect(found["resizeDifference"]).toBeLessThan(1e-9);
  for (const value of Object.values(found).flat()) expect(value).not.toBeNaN();
});

test("a point outside the image is refused with the range", async () => {
  await expect(chapter.run({ x: 32 })).rejects.toThrow(
    /x: got 32; expected a number from 0 to 31.*for example 16/,
  );
  await expect(chapter.run({ y: -1 })).rejects.toThrow(/y: got "-1"; expected a number from 0 to 255/);
});
