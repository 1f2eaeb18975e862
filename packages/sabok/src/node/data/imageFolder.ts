// A folder with one sub-folder of PNG, JPEG or WebP images a class; above the classes there may be train/, test/ and val/.
import { stat } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { basename, relative, resolve } from "node:path";
import { SabokError } from "../../core/index.ts";
import { type Dataset, type ImageSet, type SplitName, imageSize, makeDataset } from "../../data/index.ts";
import { forEachConcurrently } from "./forEachConcurrently.ts";
import { type ImageFile, listImages } from "./listImages.ts";
import { nearestEntries } from "./nearestEntries.ts";
import { decodeImage, type ImageShape, loadSharp, readHeader, reason } from "./readImage.ts";
import type { ReadOptions } from "./readOptions.ts";

interface BadImage {
  readonly path: string;
  readonly why: string;
}

/** Larger images are scaled down to this side unless a size is asked for: light networks train at about this size. */
const largestSide = 96;

/**
 * Reads a folder of images as a data set. Without `size` the images keep their size when all have the same and it is
 * at most 96 pixels, and are resized otherwise; they are grey when all are grey. Classes are the sub-folders by name.
 * Throws a SabokError for a missing folder, an empty class folder, fewer than two classes, and, unless `skipBad`, images
 * that do not decode.
 */
export async function imageFolder(folder: string, options: ReadOptions): Promise<Dataset> {
  const log = options.log ?? (() => {});
  if (!(await stat(folder).catch(() => undefined))?.isDirectory())
    throw new SabokError(`${folder}: no such folder.${await nearestEntries(folder, "folder")}`);
  const { classes, files } = await listImages(folder, log);
  await loadSharp();

  const all = Object.values(files).flat();
  const bad: BadImage[] = [];
  const headers = await readHeaders(folder, all, bad, options);
  const shape = chooseShape(folder, [...headers.values()], imageSize(options.size), log);
  const sets: Partial<Record<SplitName, ImageSet>> = {};
  for (const [split, list] of Object.entries(files) as [SplitName, ImageFile[]][]) {
    const readable = list.filter((file) => headers.has(file.path));
    sets[split] = await decodeAll(folder, readable, shape, bad, options);
  }
  if (bad.length > 0) reportBad(folder, bad, all.length, options.skipBad ?? false, log);
  for (const [label, name] of classes.entries())
    if (!sets.train!.labels.includes(label))
      throw new SabokError(
        `${folder}: class "${name}" has no readable image; mend its files or remove its folder.`,
      );

  const { train, validation, test } = sets;
  // A lone val/ folder is what is held out, so it is the test.
  const heldOut = test ?? validation;
  return makeDataset(
    {
      name: basename(resolve(folder)),
      source: `${all.length - bad.length} images in ${resolve(folder)}`,
      classes,
      flip:
        !classes.every((name) => /^(\p{L}|\p{N}+)$/u.test(name)) &&
        !classes.some((name) => /left|right/i.test(name)),
      padding: "reflect",
      train: train!,
      ...(heldOut === undefined ? {} : { test: heldOut }),
      ...(validation === undefined || test === undefined ? {} : { validation }),
    },
    { ...options, size: [shape.height, shape.width] },
  );
}

type Header = Awaited<ReturnType<typeof readHeader>>;

async function readHeaders(
  folder: string,
  files: readonly ImageFile[],
  bad: BadImage[],
  { onProgress }: ReadOptions,
): Promise<Map<string, Header>> {
  const headers = new Map<string, Header>();
  let done = 0;
  await forEachConcurrently(files.length, 2 * availableParallelism(), async (index) => {
    const { path } = files[index]!;
    try {
      headers.set(path, await readHeader(path));
    } catch (error) {
      bad.push({ path, why: reason(error) });
    }
    onProgress?.({ task: "headers", what: folder, done: ++done, total: files.length });
  });
  return headers;
}

function chooseShape(
  folder: string,
  headers: readonly Header[],
  asked: readonly [number, number] | undefined,
  log: (line: string) => void,
): ImageShape {
  const colours = headers.filter((header) => header.colour).length;
  const channels = colours > 0 ? 3 : 1;
  if (colours > 0 && colours < headers.length)
    log(`${folder}: ${headers.length - colours} grey and ${colours} colour images: all are read as RGB`);
  if (headers.length === 0) return { channels, height: 1, width: 1 };
  const { height, width } = headers[0]!;
  const mixed = headers.some((header) => header.height !== height || header.width !== width);
  if (!mixed && asked === undefined && Math.max(height, width) <= largestSide)
    return { channels, height, width };
  const shorter = headers.map((header) => Math.min(header.height, header.width)).sort((a, b) => a - b);
  const side = Math.min(largestSide, shorter[shorter.length >> 1]!);
  const [newHeight, newWidth] = asked ?? [side, side];
  if (mixed) log(`${folder}: images of mixed sizes, all resized to ${newHeight}x${newWidth}`);
  else if (height !== newHeight || width !== newWidth)
    log(`${folder}: images of ${height}x${width} resized to ${newHeight}x${newWidth}`);
  return { channels, height: newHeight, width: newWidth };
}

async function decodeAll(
  folder: string,
  files: readonly ImageFile[],
  shape: ImageShape,
  bad: BadImage[],
  { onProgress }: ReadOptions,
): Promise<ImageSet> {
  const size = shape.channels * shape.height * shape.width;
  if (files.length * size > totalmem() / 2)
    throw new SabokError(
      `${folder}: ${files.length} images of ${shape.height}x${shape.width} take ${gigabytes(files.length * size)} of memory, ` +
        `more than half of this machine's ${gigabytes(totalmem())}; ask for a smaller size.`,
    );
  const pixels = new Uint8Array(files.length * size);
  const decoded = new Uint8Array(files.length);
  let done = 0;
  await forEachConcurrently(files.length, 2 * availableParallelism(), async (index) => {
    const { path } = files[index]!;
    try {
      pixels.set(await decodeImage(path, shape), index * size);
      decoded[index] = 1;
    } catch (error) {
      bad.push({ path, why: reason(error) });
    }
    onProgress?.({ task: "decode", what: folder, done: ++done, total: files.length });
  });
  let count = 0;
  for (let index = 0; index < files.length; index++)
    if (decoded[index]) pixels.copyWithin(size * count++, index * size, (index + 1) * size);
  const kept = files.filter((_, index) => decoded[index]);
  return {
    ...shape,
    pixels: pixels.subarray(0, count * size),
    labels: Uint16Array.from(kept, (file) => file.label),
    count,
    files: kept.map((file) => relative(folder, file.path)),
  };
}

function reportBad(
  folder: string,
  bad: readonly BadImage[],
  total: number,
  skip: boolean,
  log: (line: string) => void,
): void {
  const lines = [...bad]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, why }) => `  ${path}: ${why}`);
  const verb = bad.length === 1 ? "does" : "do";
  if (!skip) {
    if (lines.length > 10) lines.splice(10, lines.length, `  … and ${bad.length - 10} more`);
    throw new SabokError(
      `${folder}: ${bad.length} of ${total} images ${verb} not decode:\n${lines.join("\n")}\n` +
        "Mend or remove them, or go on without them by skipBad (--skip-bad).",
    );
  }
  log(
    `${folder}: ${bad.length} of ${total} images ${verb} not decode and ${bad.length === 1 ? "is" : "are"} skipped:`,
  );
  for (const line of lines) log(line);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
