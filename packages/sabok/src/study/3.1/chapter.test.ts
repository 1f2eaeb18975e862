import { expect, test } from "vitest";
import { chapter } from "./chapter.ts";
import { featureMap, readAt } from "./sampling.ts";

const of = async (values: Record<string, number | string>) =>
  (await chapter.run(values)).results as Record<string, number & number[]>;
const close = (got: readonly number[], expected: readonly number[]): void => {
  expect(got).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(got[i]).toBeCloseTo(value, 10));
};

test("the weights are the gradient to the map; the slopes are the formula's; nearest has none", async () => {
  const found = await of({ map: "bent" });
  close(found["weights"]!, [0.703125, 0.046875, 0.234375, 0.015625]);
  expect(found["weightSum"]).toBeCloseTo(1, 12);
  expect(found["bilinear"]).toBeCloseTo(1.734375, 12);
  // P rows 6 and 7, columns 4 and 5: (36 + 64) mod 7 = 2, (36 + 125) mod 7 = 0, (49 + 64) mod 7 = 1, (49 + 125) mod 7 = 6.
  expect(found["gradientU"]).toBeCloseTo(0.75 * (0 - 2) + 0.25 * (6 - 1), 12);
  expect(found["gradientV"]).toBeCloseTo(0.9375 * (1 - 2) + 0.0625 * (6 - 0), 12);
  expect(found["gradientImageX"]).toBeCloseTo(0.3125 * -0.25, 12);
  close(found["nearestWeights"]!, [1]);
  expect(found["nearestGradient"]).toEqual([0, 0]);
  for (const side of [0, 1]) expect(found["oneSidedU"]![side]).toBeCloseTo(found["gradientU"]!, 6);
});

test("on a grid line the slopes from both sides differ", async () => {
  const found = await of({ u: 4, v: 6.25 });
  expect(found["onGridLine"]).toBe(true);
  expect(Math.abs(found["oneSidedU"]![0]! - found["oneSidedU"]![1]!)).toBeGreaterThan(0.1);
});

test("bilinear is exact on c0 + c1·u + c2·v + c3·u·v", async () => {
  const map = featureMap("plane", 10);
  const bent = {
    shape: map.shape,
    data: map.data.map(
      (_, at) => 2 - 3 * (at % 10) + Math.floor(at / 10) + 0.5 * (at % 10) * Math.floor(at / 10),
    ),
  };
  const [u, v] = [3.7, 8.2];
  const { values, byU } = await readAt(bent, [[u, v]]);
  expect(values[0]).toBeCloseTo(2 - 3 * u + v + 0.5 * u * v, 10);
  expect(byU[0]).toBeCloseTo(-3 + 0.5 * v, 10);
});

test.each([0, 1, 2, 3])("TV-3.3: RoIAlign and RoIPool of box (6,4,22,20), %d samples", async (samples) => {
  const plain = await of({ map: "plane", samples });
  close(plain["roiAlign"]!, [28.125, 30.625, 53.125, 55.625]);
  close(plain["roiPool"]!, [34, 37, 64, 67]);
  const aligned = await of({ map: "plane", samples, aligned: "yes" });
  close(aligned["roiAlign"]!, [22.625, 25.125, 47.625, 50.125]);
});

test("TV-3.3: RoIPool on (i² + j³) mod 7", async () => {
  close((await of({ map: "bent" }))["roiPool"]!, [5, 4, 5, 4]);
});

test("a box over the border: samples more than a cell outside count as zeros", async () => {
  close((await of({}))["outsideBox"]!, [0, 0, 0, 0, 0, 0, 0, 0, 0.625]);
});

test("nearest: the two rules differ at 3, 6, 19 and 22; grid sampling rounds half to even", async () => {
  const found = await of({});
  expect(found["nearestDisagreements"]).toEqual([3, 6, 19, 22]);
  expect(found["nearestTies"]).toEqual([0, 2, 2, 4, 4, 6, 6]);
});

test.each(["no", "yes"])(
  "laws, aligned %s: adjointness, constants, one stride is one cell",
  async (aligned) => {
    const found = await of({ aligned, map: "random" });
    expect(found["adjointness"]).toBeLessThan(1e-12);
    expect(found["constantMapError"]).toBeLessThan(1e-12);
    expect(found["strideAgainstCell"]).toBeLessThan(1e-12);
  },
);

test("a moving box: RoIAlign moves in small steps, RoIPool stands or jumps; the box gets no gradient although there is a slope", async () => {
  const found = await of({ map: "plane", travel: 6.4 });
  expect(found["roiAlignLargestStep"]).toBeLessThan(0.01);
  expect(found["roiPoolLargestStep"]).toBe(1);
  expect(found["roiPoolLevels"]).toBeLessThan(6);
  expect(found["boxGradient"]).toEqual([0, 0, 0, 0]);
  expect(found["boxSlope"]).toBeCloseTo(0.3125, 9);
});

test.each([
  [{ box: "-64,-64,-60,-60" }],
  [{ box: "8,8,8,8", aligned: "yes" }],
  [{ box: "22,20,6,4" }],
  [{ box: "-64,-64,96,96", samples: 0, bins: 7 }],
  [{ u: 0, v: 9 }],
])("no NaN for points, slivers, reversed boxes and boxes outside: %j", async (values) => {
  for (const value of Object.values(await of(values)).flat()) expect(value).not.toBeNaN();
});

test("a box of three numbers, or one too far away, is refused with an example", async () => {
  await expect(chapter.run({ box: "1,2,3" })).rejects.toThrow(
    /box: got "1,2,3"; expected 4 entries.*for example 6,4,22,20/,
  );
  await expect(chapter.run({ box: "1,2,3,400" })).rejects.toThrow(/from -64 to 96/);
  await expect(chapter.run({ u: 9.5 })).rejects.toThrow(/u: got "9.5"; expected a number from 0 to 9/);
});
