// Against TV-3.3 of theory.md, chapter 3.1's rules, and plain sums.
import { expect, test } from "vitest";
import type { JobContext } from "../job.ts";
import * as jobs from "./convolveRegions.ts";
import type { RegionsRequest } from "./convolveRegions.ts";

const context: JobContext<never> = {
  signal: new AbortController().signal,
  progress: () => {},
  transfer: () => {},
  breathe: async () => {},
};

const convolveRegions = (request: RegionsRequest) => jobs.convolveRegions(request, context);

const plane = Float64Array.from({ length: 100 }, (_, at) => 10 * Math.floor(at / 10) + (at % 10));
const bent = Float64Array.from({ length: 100 }, (_, at) => (Math.floor(at / 10) ** 2 + (at % 10) ** 3) % 7);
const request: RegionsRequest = {
  map: plane,
  size: 10,
  box: [6, 4, 22, 20],
  spatialScale: 10 / 32,
  bins: 2,
  samplingRatio: 2,
  aligned: false,
  cotangent: "ones",
};

const close = (numbers: ArrayLike<number>) => Array.from(numbers, (number) => expect.closeTo(number, 9));

test("TV-3.3: RoIAlign, not aligned and aligned, and RoIPool", async () => {
  const { pooled } = await convolveRegions(request);
  expect([...pooled.align.bins]).toEqual(close([28.125, 30.625, 53.125, 55.625]));
  expect([...pooled.pool.bins]).toEqual([34, 37, 64, 67]);
  const aligned = await convolveRegions({ ...request, aligned: true });
  expect([...aligned.pooled.align.bins]).toEqual(close([22.625, 25.125, 47.625, 50.125]));
  const { pooled: ofBent } = await convolveRegions({ ...request, map: bent });
  expect([...ofBent.pool.bins]).toEqual([5, 4, 5, 4]);
});

test("points lie at start + (p + (i + ½)/g)·bin", async () => {
  const { points, side, counted } = await convolveRegions(request);
  expect(side).toBe(4);
  // Columns from 6·0.3125 = 1.875, four points over 5 cells; rows from 1.25.
  const expected = [0, 1, 2, 3].flatMap((i) =>
    [0, 1, 2, 3].flatMap((j) => [1.875 + (j + 0.5) * 1.25, 1.25 + (i + 0.5) * 1.25]),
  );
  expect([...points]).toEqual(close(expected));
  expect([...counted]).toEqual(Array.from({ length: 16 }, () => 1));
});

test.each(["align", "nearest"] as const)(
  "%s is linear: its weights times the map are its bins",
  async (name) => {
    const { pooled } = await convolveRegions({ ...request, map: bent, bins: 3, aligned: true });
    const { bins, weights, gradient } = pooled[name];
    const sums = Array.from(bins, (_, bin) =>
      bent.reduce((sum, cell, at) => sum + weights[bin * 100 + at]! * cell, 0),
    );
    expect([...bins]).toEqual(close(sums));
    for (let bin = 0; bin < 9; bin++)
      expect(weights.subarray(bin * 100, bin * 100 + 100).reduce((a, b) => a + b)).toBeCloseTo(1, 9);
    const columns = Array.from(gradient, (_, at) =>
      Array.from(bins.keys(), (bin) => weights[bin * 100 + at]!).reduce((a, b) => a + b),
    );
    expect([...gradient]).toEqual(close(columns));
  },
);

test("nearest reads the cell whose centre is nearest", async () => {
  const box = [3.2, 3.2, 9.6, 9.6] as const; // from 1 to 3: one point at (2.25, 2.25) for one bin of one sample, half a cell on
  const { points, pooled } = await convolveRegions({ ...request, map: bent, box, bins: 1, samplingRatio: 1 });
  expect([...points]).toEqual(close([2, 2]));
  expect(pooled.nearest.bins[0]).toBe(bent[22]);
});

test("RoIPool: which cells a bin looks through, and the gradient at the maxima alone", async () => {
  const { pooled } = await convolveRegions({ ...request, cotangent: 0 });
  const seen = [...pooled.pool.weights.subarray(0, 100).entries()].filter(([, weight]) => weight === 1);
  // The rounded box is rows 1 to 6, columns 2 to 7; its first bin rows 1 to 3, columns 2 to 4.
  expect(seen.map(([cell]) => cell)).toEqual([12, 13, 14, 22, 23, 24, 32, 33, 34]);
  expect(pooled.pool.gradient.findIndex((share) => share !== 0)).toBe(34);
  expect(pooled.pool.gradient.reduce((a, b) => a + b)).toBe(1);
});

test("a point more than a cell outside the map does not count, and its place is still known", async () => {
  const { points, counted, pooled } = await convolveRegions({
    ...request,
    box: [-9.6, 4, 6.4, 20],
    bins: 1,
    samplingRatio: 2,
  });
  expect(points[0]).toBeCloseTo(-1.75, 9);
  expect([...counted]).toEqual([0, 1, 0, 1]);
  // Rows 2.5 and 5, column 0.75; the two points outside are 0 and still divide.
  expect(pooled.align.bins[0]).toBeCloseTo((25.75 + 50.75) / 4, 9);
});
