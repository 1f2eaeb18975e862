// Augmentation of one image while it is copied into a batch. Every draw is a function of a seed, the image's position in
// the epoch and the kind of draw, so the result does not depend on the batch size, the order of batches or threads.
import { SabokError, uniformAt } from "../core/index.ts";
import { type ChannelStatistics, normalizationTable } from "./channelStatistics.ts";
import type { ImageSet } from "./dataset.ts";

/** What may happen to a training image. Everything left out is off. */
export interface Augmentation {
  /** Largest random shift along each axis, each way, in pixels. */
  readonly shift?: number;
  /** What a shift brings in from outside: the image mirrored at its border pixel, its border pixel, or black ("zero", as when absent). */
  readonly padding?: "reflect" | "edge" | "zero";
  /** Mirror left and right with probability 1/2. */
  readonly flip?: boolean;
  /** Random erasing (Zhong et al., 2017): a rectangle of a random share of the area, sides 1:3.3 to 3.3:1, becomes the mean colour. */
  readonly erase?: { readonly probability: number; readonly area: readonly [least: number, most: number] };
  /** mixup (Zhang et al., 2018): each image is mixed with another of the epoch by a Beta(alpha, alpha) weight; this is alpha. */
  readonly mixup?: number;
}

/** The counters of `uniformAt`, one for each kind of draw. */
export const draws = {
  y: 0,
  x: 1,
  flip: 2,
  erase: 3,
  area: 4,
  aspect: 5,
  top: 6,
  left: 7,
  partner: 8,
  weight: 9,
} as const;

const steepest = 3.3;

/** Writes image `index`, augmented by the draws of (seed, position) and normalised, as [C,H,W] at `offset` of `out`. */
export type ImageWriter = (
  out: Float32Array,
  offset: number,
  index: number,
  seed: number,
  position: number,
) => void;

/** A writer of a set's images. Throws a SabokError for an augmentation that the image size does not allow. */
export function imageWriter(
  images: ImageSet,
  statistics: ChannelStatistics,
  augmentation: Augmentation = {},
): ImageWriter {
  const { channels, height, width, pixels } = images;
  const { shift = 0, padding = "zero", flip = false, erase } = augmentation;
  checkAugmentation(augmentation, height, width);
  const table = normalizationTable(statistics);
  const rowsOf = sourceIndices(height, shift, padding);
  const columnsOf = sourceIndices(width, shift, padding);
  const mirroredOf = columnsOf.map((columns) =>
    columns.map((column) => (column < 0 ? column : width - 1 - column)),
  );

  return (out, offset, index, seed, position) => {
    const rows = rowsOf[Math.floor(uniformAt(seed, draws.y, position) * rowsOf.length)]!;
    const mirrored = flip && uniformAt(seed, draws.flip, position) < 0.5;
    const columns = (mirrored ? mirroredOf : columnsOf)[
      Math.floor(uniformAt(seed, draws.x, position) * columnsOf.length)
    ]!;
    let write = offset;
    for (let channel = 0; channel < channels; channel++) {
      const values = channel << 8;
      const plane = (index * channels + channel) * height * width;
      const black = table[values]!;
      for (let y = 0; y < height; y++) {
        const row = rows[y]!;
        if (row < 0) {
          out.fill(black, write, write + width);
          write += width;
          continue;
        }
        const start = plane + row * width;
        for (let x = 0; x < width; x++) {
          const column = columns[x]!;
          out[write++] = column < 0 ? black : table[values + pixels[start + column]!]!;
        }
      }
    }
    if (erase !== undefined && uniformAt(seed, draws.erase, position) < erase.probability)
      eraseRectangle(out, offset, images, erase.area, seed, position);
  };
}

/** For every shift −most … most, the source index of every target index; −1 where black comes in. */
function sourceIndices(size: number, most: number, padding: "reflect" | "edge" | "zero"): Int32Array[] {
  return Array.from({ length: 2 * most + 1 }, (_, shift) =>
    Int32Array.from({ length: size }, (_, target) => {
      const source = target + shift - most;
      if (source >= 0 && source < size) return source;
      if (padding === "zero") return -1;
      if (padding === "edge") return source < 0 ? 0 : size - 1;
      return source < 0 ? -source : 2 * (size - 1) - source;
    }),
  );
}

function eraseRectangle(
  out: Float32Array,
  offset: number,
  { channels, height, width }: ImageSet,
  [least, most]: readonly [number, number],
  seed: number,
  position: number,
): void {
  const area = (least + (most - least) * uniformAt(seed, draws.area, position)) * height * width;
  const aspect = steepest ** (2 * uniformAt(seed, draws.aspect, position) - 1);
  const rows = Math.min(height, Math.max(1, Math.round(Math.sqrt(area * aspect))));
  const columns = Math.min(width, Math.max(1, Math.round(Math.sqrt(area / aspect))));
  const top = Math.floor(uniformAt(seed, draws.top, position) * (height - rows + 1));
  const left = Math.floor(uniformAt(seed, draws.left, position) * (width - columns + 1));
  for (let channel = 0; channel < channels; channel++)
    for (let y = top; y < top + rows; y++) {
      const start = offset + (channel * height + y) * width + left;
      out.fill(0, start, start + columns); // 0 is the mean after normalisation
    }
}

function checkAugmentation(
  { shift = 0, padding, erase, mixup }: Augmentation,
  height: number,
  width: number,
): void {
  const most = Math.min(height, width) - 1;
  if (!Number.isInteger(shift) || shift < 0 || (padding === "reflect" && shift > most))
    throw new SabokError(
      `augmentation: got shift ${shift} for ${height}x${width} images; expected a whole number of pixels, 0 to ${most}.`,
    );
  if (erase !== undefined) {
    const { probability, area } = erase;
    if (!(probability >= 0 && probability <= 1 && area[0] > 0 && area[0] <= area[1] && area[1] <= 1))
      throw new SabokError(
        `augmentation: got erase with probability ${probability} and area ${area.join(" to ")}; ` +
          "expected a probability in 0 to 1 and shares of the image in 0 to 1, the least first.",
      );
  }
  if (mixup !== undefined && !(mixup >= 0 && Number.isFinite(mixup)))
    throw new SabokError(
      `augmentation: got mixup ${mixup}; expected a number of at least 0, for instance 0.2.`,
    );
}
