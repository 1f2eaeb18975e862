// From what a user types (a name or a folder) to a data set, saying where it came from.
import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { SabokError, nearestNames } from "../../core/index.ts";
import { type Dataset, type ImageSet, type LoadedImages, gunzip, makeDataset } from "../../data/index.ts";
import { cifar10Classes } from "./cifarFolder.ts";
import { cacheFolder, download } from "./download.ts";
import { imageFolder } from "./imageFolder.ts";
import {
  cifarBatches,
  type DatasetName,
  datasetNames,
  idx,
  namedDatasets,
  type NamedDataset,
  type Place,
} from "./namedDatasets.ts";
import { nearestEntries } from "./nearestEntries.ts";
import type { ReadOptions } from "./readOptions.ts";
import { untar } from "./untar.ts";

export interface OpenOptions extends ReadOptions {
  /** A folder that holds the files of a named data set, itself or in a sub-folder of its name. */
  readonly dataDir?: string;
  /** Fetch a named data set that is nowhere on this machine into the cache folder. */
  readonly download?: boolean;
}

/**
 * Opens a data set by name (`fashion-mnist`, `mnist`, `cifar10`) or a folder: of class folders with images, of IDX files,
 * or of CIFAR-10's binary batches. A name is looked for in `dataDir`, where packages install it, in the cache, then
 * downloaded if that is allowed; Fashion-MNIST falls back on the part embedded in sabok.
 * Throws a SabokError that says what is missing and what to do.
 */
export async function openDataset(nameOrPath: string, options: OpenOptions): Promise<Dataset> {
  return isDatasetName(nameOrPath) ? openNamed(nameOrPath, options) : openFolder(nameOrPath, options);
}

function isDatasetName(name: string): name is DatasetName {
  return (datasetNames as string[]).includes(name);
}

async function openNamed(name: DatasetName, options: OpenOptions): Promise<Dataset> {
  const dataset: NamedDataset = namedDatasets[name];
  const { place, images } = await findNamed(name, dataset, options);
  const { classes, flip, padding } = dataset;
  return finish(
    { name, source: `${place.what} (${place.folder})`, classes, flip, padding, ...images },
    options,
  );
}

interface Found {
  readonly place: Place;
  readonly images: { readonly train: ImageSet; readonly test?: ImageSet };
}

async function findNamed(name: DatasetName, dataset: NamedDataset, options: OpenOptions): Promise<Found> {
  const { dataDir } = options;
  if (dataDir !== undefined) {
    const found = await firstFound(dataset, [
      ...dataset.folders.map((folder) => ({ folder: join(dataDir, folder), what: "the data folder" })),
      { folder: dataDir, what: "the data folder" },
    ]);
    if (found !== undefined) return found;
    if (!options.download)
      throw new SabokError(
        `${dataDir}: holds no ${name}: neither it nor ${dataset.folders.map((folder) => `${folder}/`).join(" or ")} in it has its files ` +
          `(${dataset.files}). Give another data folder, or leave it out.`,
      );
  }
  const cache: Place = { folder: join(cacheFolder(), name), what: "an earlier download" };
  const found = await firstFound(dataset, [...dataset.places(), cache]);
  if (found !== undefined) return found;
  if (options.download) {
    await downloadNamed(name, dataset, cache.folder, options);
    const fetched = await firstFound(dataset, [{ ...cache, what: "the download" }]);
    if (fetched !== undefined) return fetched;
  }
  const embedded = dataset.embedded?.();
  const part = embedded && (await firstFound(dataset, [embedded]));
  if (part === undefined)
    throw new SabokError(
      `${name} is not on this machine. Download it (--download), give a folder that holds ${dataset.files} (--data-dir)` +
        `${dataset.install === undefined ? "" : `, or run ${dataset.install}`}.`,
    );
  options.log?.(
    `${name}: only the part embedded in sabok; for the whole of it download it (--download) ` +
      `or give a folder that holds ${dataset.files} (--data-dir)`,
  );
  return part;
}

async function firstFound({ formats }: NamedDataset, places: readonly Place[]): Promise<Found | undefined> {
  for (const place of places)
    for (const format of formats)
      if (await format.has(place.folder)) return { place, images: await format.read(place.folder) };
  return undefined;
}

/** Files arrive in a folder of a temporary name, so that `folder` exists only when it is complete. */
async function downloadNamed(
  name: DatasetName,
  { downloads }: NamedDataset,
  folder: string,
  options: OpenOptions,
): Promise<void> {
  options.log?.(`${name}: downloading to ${folder}`);
  const incoming = `${folder}.part`;
  for (const file of downloads) {
    const path = await download(file, incoming, options.onProgress);
    if (!file.name.endsWith(".tar.gz")) continue;
    for (const [entry, bytes] of untar(await gunzip(await readFile(path), path), path))
      await writeFile(join(incoming, basename(entry)), bytes);
    await rm(path);
  }
  await rm(folder, { recursive: true, force: true });
  await rename(incoming, folder);
}

async function openFolder(path: string, options: OpenOptions): Promise<Dataset> {
  const status = await stat(path).catch(() => undefined);
  if (status === undefined) {
    const nearest = nearestNames(path, datasetNames);
    const hint =
      nearest.length > 0 ? ` Did you mean ${nearest.join(" or ")}?` : await nearestEntries(path, "folder");
    throw new SabokError(
      `${path}: neither a known data set nor an existing folder.${hint} ` +
        `The data sets are ${datasetNames.join(", ")}; a folder has one sub-folder of images a class, IDX files or CIFAR-10's batches.`,
    );
  }
  if (!status.isDirectory())
    throw new SabokError(`${path}: a file; give the folder that holds the data set.`);
  const name = basename(resolve(path));
  const source = resolve(path);
  if (await idx.has(path)) {
    const images = await idx.read(path);
    const most = images.train.labels.reduce((largest, label) => Math.max(largest, label), 0);
    const classes = Array.from({ length: most + 1 }, (_, label) => String(label));
    return finish(
      { name, source: `IDX files in ${source}`, classes, flip: false, padding: "zero", ...images },
      options,
    );
  }
  if (await cifarBatches.has(path)) {
    const images = await cifarBatches.read(path);
    const loaded = {
      name,
      source: `CIFAR-10 batches in ${source}`,
      classes: cifar10Classes,
      flip: true,
      padding: "reflect",
    } as const;
    return finish({ ...loaded, ...images }, options);
  }
  const dataset = await imageFolder(path, options);
  logDataset(dataset, options);
  return dataset;
}

function finish(loaded: LoadedImages, options: OpenOptions): Dataset {
  const dataset = makeDataset(loaded, options);
  logDataset(dataset, options);
  return dataset;
}

function logDataset(
  { name, source, classes, channels, height, width, train, validation, test }: Dataset,
  options: OpenOptions,
): void {
  const [trained, validated, tested] = [train, validation, test].map(({ indices }) =>
    indices.length.toLocaleString("en-US"),
  );
  options.log?.(
    `${name}: ${trained} training, ${validated} validation and ${tested} test images of ${channels}x${height}x${width} ` +
      `in ${classes.length} classes, from ${source}`,
  );
}
