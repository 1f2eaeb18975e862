import { describe, expect, it } from "vitest";
import { type Augmentation, imageWriter } from "./augmentation.ts";
import type { ImageSet } from "./dataset.ts";

const side = 8;
const statistics = { mean: [0], std: [1 / 255] }; // a normalised pixel is the pixel

/** One image whose pixel at (y, x) is 10 y + x + 1. */
const images: ImageSet = {
  pixels: Uint8Array.from({ length: side * side }, (_, i) => 10 * Math.floor(i / side) + (i % side) + 1),
  labels: Uint16Array.of(0),
  count: 1,
  channels: 1,
  height: side,
  width: side,
};

/** The image as augmented at many positions of one epoch. */
function augmented(augmentation: Augmentation, count = 400): number[][] {
  const write = imageWriter(images, statistics, augmentation);
  return Array.from({ length: count }, (_, position) => {
    const out = new Float32Array(side * side);
    write(out, 0, 0, 1234, position);
    return Array.from(out, Math.round);
  });
}

function pixel(y: number, x: number): number {
  return 10 * y + x + 1;
}

describe("augmentation", () => {
  it("changes nothing when it is empty", () => {
    for (const out of augmented({}, 3)) expect(out).toEqual([...images.pixels]);
  });

  it.each([
    ["zero", (i: number) => i],
    ["edge", (i: number) => Math.min(Math.max(i, 0), side - 1)],
    ["reflect", (i: number) => (i < 0 ? -i : i >= side ? 2 * (side - 1) - i : i)],
  ] as const)("shifts within its bounds, %s outside, and uses every shift", (padding, source) => {
    const seen = new Set<string>();
    for (const out of augmented({ shift: 2, padding })) {
      const match = shifts(2).filter(([dy, dx]) =>
        out.every((value, i) => {
          const y = source(Math.floor(i / side) + dy);
          const x = source((i % side) + dx);
          const outside = y < 0 || y >= side || x < 0 || x >= side;
          return value === (outside ? 0 : pixel(y, x));
        }),
      );
      expect(match.length).toBe(1);
      seen.add(String(match[0]));
    }
    expect(seen.size).toBe(25);
  });

  it("flips about half of the images", () => {
    const flipped = augmented({ flip: true }).filter((out) => out[0] === pixel(0, side - 1)).length;
    expect(flipped).toBeGreaterThan(160);
    expect(flipped).toBeLessThan(240);
    for (const out of augmented({ flip: true }, 20))
      expect([pixel(3, 2), pixel(3, side - 3)]).toContain(out[3 * side + 2]);
  });

  it("erases one rectangle of the asked area, as often as asked", () => {
    const outs = augmented({ erase: { probability: 0.25, area: [0.1, 0.3] } }, 2000);
    const areas = outs.map((out) => out.filter((value) => value === 0).length).filter((area) => area > 0);
    expect(areas.length).toBeGreaterThan(420);
    expect(areas.length).toBeLessThan(580);
    expect(Math.max(...areas)).toBeLessThanOrEqual(0.3 * 64 + 6); // sides are rounded to whole pixels
    expect(Math.min(...areas)).toBeGreaterThanOrEqual(0.1 * 64 - 3);
    for (const out of outs) {
      const erased = out.flatMap((value, i) =>
        value === 0 ? [[Math.floor(i / side), i % side] as const] : [],
      );
      if (erased.length === 0) continue;
      const [ys, xs] = [erased.map(([y]) => y), erased.map(([, x]) => x)];
      const [rows, columns] = [ys, xs].map((list) => Math.max(...list) - Math.min(...list) + 1);
      expect(rows! * columns!).toBe(erased.length);
    }
  });

  it.each([
    [{ shift: 1.5 }, /got shift 1.5 for 8x8 images/],
    [{ shift: -1 }, /got shift -1/],
    [
      { shift: 8, padding: "reflect" },
      /got shift 8 for 8x8 images; expected a whole number of pixels, 0 to 7/,
    ],
    [{ erase: { probability: 2, area: [0.1, 0.2] } }, /got erase with probability 2/],
    [{ erase: { probability: 1, area: [0.3, 0.2] } }, /area 0.3 to 0.2/],
    [{ mixup: -1 }, /got mixup -1/],
  ] as [Augmentation, RegExp][])("refuses %j", (augmentation, message) => {
    expect(() => imageWriter(images, statistics, augmentation)).toThrow(message);
  });
});

function shifts(most: number): [number, number][] {
  const range = Array.from({ length: 2 * most + 1 }, (_, i) => i - most);
  return range.flatMap((dy) => range.map((dx): [number, number] => [dy, dx]));
}
