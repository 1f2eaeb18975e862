import { describe, expect, test } from "vitest";
import { imageTensor, type Pixels } from "./imageTensor.ts";

/** 9x7 pixels; the same picture was resized by Pillow 12.3 (BILINEAR), whose results are whole numbers. */
const picture: Pixels = {
  width: 9,
  height: 7,
  data: Uint8Array.from({ length: 9 * 7 * 4 }, (_, i) => {
    const [x, y, c] = [(i >> 2) % 9, Math.floor(i / 36), i & 3];
    return c === 3 ? 255 : (37 * y + 53 * x + 71 * c + 11 * x * y) % 256;
  }),
};

function plane(data: Float32Array, channel: number, area: number): number[] {
  return Array.from(data.subarray(channel * area, (channel + 1) * area), (x) => 255 * x);
}

/** Pillow rounds after each of the two passes. */
function expectNear(actual: readonly number[], expected: readonly number[][]): void {
  for (const [i, x] of expected.flat().entries()) expect(Math.abs(actual[i]! - x)).toBeLessThan(1.01);
}

describe("resizing, against Pillow", () => {
  test("cover: the middle 7x7 of the picture to 4x4", () => {
    const { shape, data } = imageTensor(picture, { size: 4 });
    expect(shape).toEqual([1, 3, 4, 4]);
    expectNear(plane(data, 0, 16), [
      [97, 160, 87, 130],
      [142, 118, 116, 112],
      [143, 133, 116, 132],
      [130, 154, 129, 107],
    ]);
  });

  test("fill: all of it to 4x4", () => {
    const { data } = imageTensor(picture, { size: 4, fit: "fill" });
    expectNear(plane(data, 1, 16), [
      [137, 142, 123, 156],
      [139, 115, 103, 133],
      [115, 149, 114, 133],
      [89, 106, 117, 170],
    ]);
  });

  test("enlarging: rows 0, 4 and 8 of 12x9", () => {
    const { data } = imageTensor(picture, { size: [9, 12], fit: "fill" });
    const blue = plane(data, 2, 108);
    expectNear(blue.slice(0, 12), [[142, 175, 215, 223, 70, 78, 118, 158, 197, 77, 21, 54]]);
    expectNear(blue.slice(48, 60), [[253, 147, 115, 180, 244, 149, 117, 150, 22, 55, 119, 173]]);
    expectNear(blue.slice(96), [[108, 182, 176, 105, 194, 123, 117, 174, 71, 128, 122, 36]]);
  });
});

describe("framing and normalising", () => {
  test("contain: a wide picture in a square has black above and below", () => {
    const { data } = imageTensor(picture, { size: 9, fit: "contain", mean: 0.5, std: 0.5 });
    expect(Array.from(data.subarray(0, 9))).toEqual(Array(9).fill(-1));
    expect(Array.from(data.subarray(72, 81))).toEqual(Array(9).fill(-1));
    for (let x = 0; x < 9; x++) expect(data[9 + x]).toBeCloseTo((picture.data[4 * x]! / 255 - 0.5) / 0.5, 5);
  });

  test("crop keeps the centre: the middle 3x3 of 7x7 as they are", () => {
    const { data } = imageTensor(picture, { size: 3, crop: 3 / 7 });
    const red = plane(data, 0, 9);
    for (let y = 0; y < 3; y++)
      for (let x = 0; x < 3; x++)
        expect(red[3 * y + x]).toBeCloseTo(picture.data[4 * (9 * (y + 2) + x + 3)]!, 3);
  });

  test("mean and deviation of each channel, and transparency over white", () => {
    const half: Pixels = { width: 1, height: 1, data: Uint8Array.of(0, 51, 255, 102) };
    const { data } = imageTensor(half, { mean: [0.1, 0.2, 0.3], std: [1, 0.5, 0.25] });
    const expected = [0.6, 0.2 * 0.4 + 0.6, 1];
    expect(data[0]).toBeCloseTo(expected[0]! - 0.1, 6);
    expect(data[1]).toBeCloseTo((expected[1]! - 0.2) / 0.5, 6);
    expect(data[2]).toBeCloseTo((expected[2]! - 0.3) / 0.25, 6);
  });
});

test.each([
  [{ size: 0 }, /size is 0x0/],
  [{ size: 4, crop: 2 }, /crop is 2/],
  [{ std: 0 }, /std is 0, 0, 0/],
  [{ mean: [0.5] }, /mean has 1 numbers \(0\.5\); expected 3/],
  [{ size: 4, crop: 0.5, fit: "contain" as const }, /crop goes with fit "cover"/],
])("%j is refused", (options, message) => {
  expect(() => imageTensor(picture, options)).toThrow(message);
});
