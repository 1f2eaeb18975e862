// The last step of every loader: from image sets to a data set with fixed splits.
import { SabokError } from "../core/index.ts";
import type { Augmentation } from "./augmentation.ts";
import { classCounts } from "./classCounts.ts";
import { type Dataset, type ImageSet, wholeSplit } from "./dataset.ts";
import { resizeImages } from "./resizeImages.ts";
import { splitIndices } from "./splitIndices.ts";

/** What a loader read. */
export interface LoadedImages {
  readonly name: string;
  readonly source: string;
  readonly classes: readonly string[];
  /** Whether a mirrored image keeps its class. */
  readonly flip: boolean;
  /** What a shift brings in at the border. */
  readonly padding: NonNullable<Augmentation["padding"]>;
  readonly train: ImageSet;
  readonly validation?: ImageSet;
  readonly test?: ImageSet;
}

/** How the images of a data set are divided and sized. */
export interface SplitOptions {
  /** Decides which images go into which split. */
  readonly seed: number;
  /** The share of the training images held out for validation where the source has no validation set; 0.1 when absent. */
  readonly validation?: number;
  /** The share held out for the test where the source has no test set; 0.2 when absent. */
  readonly test?: number;
  /** Side of the square images in pixels, or [height, width]; the source's own size when absent. */
  readonly size?: number | readonly [height: number, width: number];
}

/**
 * A data set from image sets: resized where a size is asked for, with the splits its source lacks drawn from the
 * training images by the seed. Throws a SabokError for labels outside the classes, fewer than two classes with training
 * images, and an empty test split.
 */
export function makeDataset(loaded: LoadedImages, options: SplitOptions): Dataset {
  const { name, classes, flip, padding } = loaded;
  for (const [part, images] of Object.entries({
    train: loaded.train,
    validation: loaded.validation,
    test: loaded.test,
  })) {
    const stray = images?.labels.findIndex((label) => label >= classes.length) ?? -1;
    if (stray >= 0)
      throw new SabokError(
        `${name}: ${part} image ${stray} has label ${images!.labels[stray]}, but there are ${classes.length} classes, ` +
          `0 to ${classes.length - 1}.`,
      );
  }
  const [height, width] = imageSize(options.size) ?? [loaded.train.height, loaded.train.width];
  const train = resizeImages(loaded.train, height, width);
  const drawn = splitIndices(train.labels, options.seed, {
    validation: loaded.validation === undefined ? (options.validation ?? 0.1) : 0,
    test: loaded.test === undefined ? (options.test ?? 0.2) : 0,
  });
  const resized = (images: ImageSet) => wholeSplit(resizeImages(images, height, width));
  const dataset: Dataset = {
    name,
    source: loaded.source,
    classes,
    channels: train.channels,
    height,
    width,
    augmentation: { shift: Math.floor(Math.min(height, width) / 8), padding, flip },
    train: { images: train, indices: drawn.train },
    validation:
      loaded.validation === undefined
        ? { images: train, indices: drawn.validation }
        : resized(loaded.validation),
    test: loaded.test === undefined ? { images: train, indices: drawn.test } : resized(loaded.test),
  };
  checkClasses(dataset);
  return dataset;
}

/** A size option as [height, width]; throws a SabokError for anything but whole numbers of at least 1. */
export function imageSize(size: SplitOptions["size"]): readonly [number, number] | undefined {
  if (size === undefined) return undefined;
  const sides = typeof size === "number" ? ([size, size] as const) : size;
  if (!sides.every((side) => Number.isInteger(side) && side >= 1))
    throw new SabokError(
      `size: got ${sides.join("x")} pixels; expected whole numbers of at least 1, for instance 96.`,
    );
  return sides;
}

function checkClasses({ name, classes, train, test }: Dataset): void {
  const used = classCounts(train, classes.length).filter((count) => count > 0).length;
  if (used < 2)
    throw new SabokError(
      `${name}: the training images belong to ${used === 1 ? "one class only" : "no class"}; ` +
        "a classifier needs images of two classes at least.",
    );
  if (test.indices.length === 0)
    throw new SabokError(
      `${name}: no image is left for the test: every class has a single image. Add images, three a class at least.`,
    );
}
