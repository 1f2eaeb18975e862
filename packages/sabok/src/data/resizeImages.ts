// Resizing of images already in memory, the same in Node and in a browser.
import type { ImageSet } from "./dataset.ts";

interface Tap {
  readonly first: number;
  readonly weights: Float32Array;
}

/**
 * Resizes every image so that it covers height x width, cutting what sticks out evenly from both sides. The filter is a
 * triangle as wide as the step between samples: bilinear when enlarging, averaging when shrinking, so nothing aliases.
 */
export function resizeImages(images: ImageSet, height: number, width: number): ImageSet {
  if (images.height === height && images.width === width) return images;
  const step = Math.min(images.height / height, images.width / width);
  const rows = taps(images.height, height, step);
  const columns = taps(images.width, width, step);
  const planes = images.count * images.channels;
  const pixels = new Uint8Array(planes * height * width);
  const narrow = new Float32Array(images.height * width);
  for (let plane = 0; plane < planes; plane++) {
    const source = plane * images.height * images.width;
    for (let y = 0; y < images.height; y++)
      for (let x = 0; x < width; x++) {
        const { first, weights } = columns[x]!;
        let sum = 0;
        for (let i = 0; i < weights.length; i++)
          sum += weights[i]! * images.pixels[source + y * images.width + first + i]!;
        narrow[y * width + x] = sum;
      }
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const { first, weights } = rows[y]!;
        let sum = 0;
        for (let i = 0; i < weights.length; i++) sum += weights[i]! * narrow[(first + i) * width + x]!;
        pixels[(plane * height + y) * width + x] = Math.round(sum);
      }
  }
  return { ...images, pixels, height, width };
}

/** For every target index, the source pixels it averages and their weights, which sum to 1. */
function taps(sourceSize: number, size: number, step: number): Tap[] {
  const margin = (sourceSize - size * step) / 2;
  const radius = Math.max(1, step);
  return Array.from({ length: size }, (_, target) => {
    const centre = margin + (target + 0.5) * step - 0.5;
    const first = Math.max(0, Math.floor(centre - radius) + 1);
    const last = Math.min(sourceSize - 1, Math.ceil(centre + radius) - 1);
    const raw = Array.from({ length: last - first + 1 }, (_, i) =>
      Math.max(0, 1 - Math.abs(first + i - centre) / radius),
    );
    const total = raw.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: Float32Array.from(raw, (weight) => weight / total) };
  });
}
