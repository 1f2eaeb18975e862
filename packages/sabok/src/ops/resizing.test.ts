// Interpolation against the worked example 32x32 → 10x10 (read backwards: a 10x10 map seen at 32x32) in its three conventions.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { tensor, type Tensor } from "../core/index.ts";
import { gridSample } from "./gridSample.ts";
import { gridSampleGridGradient } from "./gridSampleGridGradient.ts";
import { resize } from "./resize.ts";
import { resizeTaps } from "./resizing.ts";

const map = (value: (i: number, j: number) => number): Tensor =>
  tensor(
    [1, 1, 10, 10],
    Array.from({ length: 100 }, (_, at) => value(Math.floor(at / 10), at % 10)),
  );
const linear = map((i, j) => 10 * i + j);
const curved = map((i, j) => (i * i + j ** 3) % 7);

/** At image pixel (y, x): 10v + u on the linear map and the value on the curved one, by convention. */
const worked = [
  { pixel: [15, 15], asymmetric: [51.5625, 3], halfPixel: [47.78125, 3], alignCorners: [47.903226, 3] },
  {
    pixel: [20, 13],
    asymmetric: [66.5625, 1.734375],
    halfPixel: [62.78125, 1.71875],
    alignCorners: [61.83871, 2.129032],
  },
  {
    pixel: [10, 10],
    asymmetric: [34.375, 1.25],
    halfPixel: [30.59375, 1.875],
    alignCorners: [31.935484, 1.387097],
  },
  { pixel: [16, 16], asymmetric: [55, null], halfPixel: [51.21875, null], alignCorners: [51.096774, null] },
] as const;

const facts = JSON.parse(
  readFileSync(new URL("../../golden/fixtures/facts.json", import.meta.url), "utf8"),
) as {
  nearest10to32: Record<"nearest" | "nearest-exact", number[]>;
  gridSampleNearestTies: { pixel: number[]; chosen: (number | null)[] };
};

describe.each(["asymmetric", "halfPixel", "alignCorners"] as const)("bilinear %s", (coordinates) => {
  const attrs = { mode: "bilinear", coordinates, scale: [], size: [32, 32] } as const;

  test("agrees with the worked example", () => {
    const [onLinear, onCurved] = [linear, curved].map((x) => resize.reference([x], attrs));
    for (const row of worked) {
      const at = row.pixel[0] * 32 + row.pixel[1];
      const [expectedLinear, expectedCurved] = row[coordinates];
      expect(onLinear!.data[at]).toBeCloseTo(expectedLinear, 6);
      if (expectedCurved !== null) expect(onCurved!.data[at]).toBeCloseTo(expectedCurved, 6);
    }
  });

  if (coordinates !== "asymmetric")
    test("is gridSample with a border over a regular grid", () => {
      const alignCorners = coordinates === "alignCorners";
      const at = (p: number): number => (alignCorners ? (2 * p) / 31 - 1 : (2 * p + 1) / 32 - 1);
      const points = Array.from({ length: 32 * 32 }, (_, i) => [at(i % 32), at(Math.floor(i / 32))]).flat();
      const sampled = gridSample.reference([curved, tensor([1, 32, 32, 2], points)], {
        mode: "bilinear",
        padding: "border",
        alignCorners,
      });
      const resized = resize.reference([curved], attrs);
      sampled.data.forEach((value, i) => expect(value).toBeCloseTo(resized.data[i]!, 12));
    });
});

test.each([
  ["nearest", "asymmetric"],
  ["nearest-exact", "halfPixel"],
] as const)("PyTorch's %s from 10 to 32 pixels is nearest %s", (name, coordinates) => {
  expect([...resizeTaps(10, 32, 0, { mode: "nearest", coordinates, scale: [] }).low]).toEqual(
    facts.nearest10to32[name],
  );
});

test("nearest is exact where in/out times a whole number is whole", () => {
  for (const [length, outLength] of [
    [1, 49],
    [49, 98],
    [3, 7],
    [35, 49],
  ] as const) {
    const { low } = resizeTaps(length, outLength, 0, {
      mode: "nearest",
      coordinates: "asymmetric",
      scale: [],
    });
    low.forEach((pixel, p) => {
      expect(pixel * outLength).toBeLessThanOrEqual(p * length);
      expect((pixel + 1) * outLength).toBeGreaterThan(p * length);
    });
  }
});

test("gridSample's nearest rounds half to even, and outside the map reads zeros", () => {
  const { pixel, chosen } = facts.gridSampleNearestTies;
  const row = tensor(
    [1, 1, 1, 10],
    Array.from({ length: 10 }, (_, i) => i + 1),
  );
  const grid = tensor(
    [1, 1, pixel.length, 2],
    pixel.flatMap((u) => [(2 * u + 1) / 10 - 1, 0]),
  );
  const y = gridSample.reference([row, grid], { mode: "nearest", padding: "zeros", alignCorners: false });
  expect([...y.data]).toEqual(chosen.map((i) => (i === null ? 0 : i + 1)));
});

test("the gradient to the coordinates is the map's slope: (dv, du) = (2, −2) at (4.6875, 4.6875)", () => {
  const grid = tensor([1, 1, 1, 2], [(2 * 4.6875) / 9 - 1, (2 * 4.6875) / 9 - 1]);
  const one = tensor([1, 1, 1, 1], [1]);
  const [dx, dy] = gridSampleGridGradient.reference([one, curved, grid], {
    mode: "bilinear",
    padding: "border",
    alignCorners: true,
  }).data;
  expect(dx! / 4.5).toBeCloseTo(-2, 12);
  expect(dy! / 4.5).toBeCloseTo(2, 12);
});
