import { describe, expect, it } from "vitest";
import { channelStatistics, normalizePixels } from "./channelStatistics.ts";
import { wholeSplit } from "./dataset.ts";
import { noiseImages } from "./testImages.ts";

describe("channelStatistics", () => {
  it("is the mean and the deviation of each channel over the split's images alone", () => {
    const images = noiseImages(5, 2, 3);
    const indices = Uint32Array.of(1, 4);
    const { mean, std } = channelStatistics({ images, indices });
    for (let channel = 0; channel < 3; channel++) {
      const values = [...indices].flatMap((i) => [
        ...images.pixels.subarray((i * 3 + channel) * 64, (i * 3 + channel + 1) * 64),
      ]);
      const average = values.reduce((sum, value) => sum + value, 0) / values.length / 255;
      const variance = values.reduce((sum, value) => sum + (value / 255 - average) ** 2, 0) / values.length;
      expect(mean[channel]).toBeCloseTo(average, 12);
      expect(std[channel]).toBeCloseTo(Math.sqrt(variance), 12);
    }
  });

  it("gives a constant channel a deviation of 1 and refuses an empty split", () => {
    const images = { ...noiseImages(1, 1), pixels: new Uint8Array(64).fill(51) };
    const { mean, std } = channelStatistics(wholeSplit(images));
    expect(mean[0]).toBeCloseTo(0.2, 12);
    expect(std).toEqual([1]);
    expect(() => channelStatistics({ images, indices: new Uint32Array() })).toThrow(/no image/);
  });
});

describe("normalizePixels", () => {
  it("uses the statistics of each channel", () => {
    const statistics = { mean: [0, 0.5], std: [1, 0.25] };
    const out = normalizePixels(Uint8Array.of(0, 255, 0, 255, 255, 0, 255, 0), 2, statistics);
    expect([...out]).toEqual([0, 1, -2, 2, 1, 0, 2, -2]);
  });
});
