// What a data set is: decoded uint8 images in memory, and three lists of indices into them.
// Pixels are planar (NCHW), as a batch wants them, so one row of a batch is copied plane by plane without a gather.
import type { Augmentation } from "./augmentation.ts";

/** Decoded images of one size with their labels. */
export interface ImageSet {
  /** [count, channels, height, width], 0 to 255. */
  readonly pixels: Uint8Array;
  /** The class index of every image. */
  readonly labels: Uint16Array;
  readonly count: number;
  /** 1 (grey) or 3 (red, green, blue). */
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Where every image came from, when each has a file of its own. */
  readonly files?: readonly string[];
}

/** A part of an image set: the images whose indices it lists, in that order. */
export interface Split {
  readonly images: ImageSet;
  readonly indices: Uint32Array;
}

export type SplitName = "train" | "validation" | "test";

/** A data set ready to train on: training and validation share no image with each other nor with test. */
export interface Dataset {
  readonly name: string;
  /** One line that says where the images came from. */
  readonly source: string;
  readonly classes: readonly string[];
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** The augmentation under which these labels stay true: digits, say, are not flipped. */
  readonly augmentation: Augmentation;
  readonly train: Split;
  /** May be empty. */
  readonly validation: Split;
  readonly test: Split;
}

/** Every image of a set, in its own order. */
export function wholeSplit(images: ImageSet): Split {
  return { images, indices: Uint32Array.from({ length: images.count }, (_, i) => i) };
}

/** The pixels of image `index` of a set, [channels, height, width]; a view, not a copy. */
export function pixelsOf(images: ImageSet, index: number): Uint8Array {
  const size = images.channels * images.height * images.width;
  return images.pixels.subarray(index * size, (index + 1) * size);
}
