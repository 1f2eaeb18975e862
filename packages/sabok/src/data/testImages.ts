// Small image sets for tests of this room.
import { mix32 } from "../core/index.ts";
import type { ImageSet } from "./dataset.ts";

/** `count` images of noise, their labels going round the classes. */
export function noiseImages(count: number, classes: number, channels = 1, height = 8, width = 8): ImageSet {
  return {
    pixels: Uint8Array.from({ length: count * channels * height * width }, (_, i) => mix32(i) & 255),
    labels: Uint16Array.from({ length: count }, (_, i) => i % classes),
    count,
    channels,
    height,
    width,
  };
}
