import { describe, expect, it } from "vitest";
import { resizeImages } from "./resizeImages.ts";
import { noiseImages } from "./testImages.ts";

function imagesOf(height: number, width: number, pixelAt: (y: number, x: number) => number) {
  const pixels = Uint8Array.from({ length: height * width }, (_, i) =>
    pixelAt(Math.floor(i / width), i % width),
  );
  return { ...noiseImages(1, 1, 1, height, width), pixels };
}

describe("resizeImages", () => {
  it("keeps a constant image and the very set when the size is the same", () => {
    const images = imagesOf(7, 9, () => 93);
    expect(new Set(resizeImages(images, 12, 5).pixels)).toEqual(new Set([93]));
    expect(resizeImages(images, 7, 9)).toBe(images);
  });

  it("keeps a ramp straight, away from the borders, both ways", () => {
    const ramp = imagesOf(8, 8, (_, x) => 10 * x);
    const large = resizeImages(ramp, 16, 16);
    for (let x = 1; x < 15; x++)
      expect(Math.abs(large.pixels[5 * 16 + x]! - (5 * x - 2.5))).toBeLessThanOrEqual(0.5);
    const small = resizeImages(ramp, 4, 4);
    expect([...small.pixels.subarray(5, 7)]).toEqual([25, 45]);
  });

  it("averages when shrinking, so a fine checkerboard becomes grey (a little darker at a cut border)", () => {
    const board = imagesOf(16, 16, (y, x) => ((x + y) % 2) * 200);
    for (const value of resizeImages(board, 8, 8).pixels)
      expect(Math.abs(value - 100)).toBeLessThanOrEqual(2);
  });

  it("cuts what sticks out evenly from both sides", () => {
    const wide = imagesOf(4, 12, (_, x) => (x < 4 ? 0 : x < 8 ? 200 : 100));
    expect(new Set(resizeImages(wide, 4, 4).pixels)).toEqual(new Set([200]));
  });
});
