// Mean and standard deviation of each channel, exact: pixels are counted by value before anything is rounded.
import { SabokError, invariant } from "../core/index.ts";
import type { Split } from "./dataset.ts";

/** Per channel, in units where a pixel of 255 is 1. */
export interface ChannelStatistics {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** The statistics of all pixels of a split (use the training one). A channel that never changes gets std 1. */
export function channelStatistics({ images, indices }: Split): ChannelStatistics {
  if (indices.length === 0)
    throw new SabokError("channel statistics: the split has no image; give the training split.");
  const plane = images.height * images.width;
  const mean: number[] = [];
  const std: number[] = [];
  for (let channel = 0; channel < images.channels; channel++) {
    const counts = new Float64Array(256);
    for (const index of indices) {
      const start = (index * images.channels + channel) * plane;
      for (let i = start; i < start + plane; i++) counts[images.pixels[i]!]!++;
    }
    const total = indices.length * plane;
    const average = counts.reduce((sum, count, value) => sum + count * value, 0) / total;
    const variance = counts.reduce((sum, count, value) => sum + count * (value - average) ** 2, 0) / total;
    mean.push(average / 255);
    std.push(variance > 0 ? Math.sqrt(variance) / 255 : 1);
  }
  return { mean, std };
}

/** Pixels [N,C,H,W] normalised to (pixel / 255 − mean) / std, as the images of a batch are; `plane` is H·W. */
export function normalizePixels(
  pixels: Uint8Array,
  plane: number,
  statistics: ChannelStatistics,
): Float32Array {
  const table = normalizationTable(statistics);
  const channels = statistics.mean.length;
  invariant(
    pixels.length % (channels * plane) === 0,
    `${pixels.length} pixels in images of ${channels} x ${plane}`,
  );
  const out = new Float32Array(pixels.length);
  for (let start = 0, channel = 0; start < pixels.length; start += plane, channel = (channel + 1) % channels)
    for (let i = start; i < start + plane; i++) out[i] = table[(channel << 8) + pixels[i]!]!;
  return out;
}

/** The normalised value of every pixel value of every channel, [C,256]. */
export function normalizationTable({ mean, std }: ChannelStatistics): Float32Array {
  invariant(mean.length === std.length, `statistics of ${mean.length} means and ${std.length} deviations`);
  return Float32Array.from({ length: mean.length * 256 }, (_, i) => {
    const channel = i >> 8;
    return ((i & 255) / 255 - mean[channel]!) / std[channel]!;
  });
}
