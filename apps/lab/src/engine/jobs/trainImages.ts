// The images of a run: the embedded part of Fashion-MNIST, or what was dropped, decoded by the browser in the worker.
import { SabokError } from "sabok";
import { gunzip, imagesFromIdx, makeDataset, parseIdx, type Dataset, type ImageSet } from "sabok/data";
import {
  sortDropped,
  type Dropped,
  type IdxPair,
  type LabelledFile,
  type NamedFile,
  type SplitName,
} from "./trainDropped.ts";

/** Where a run's images come from. */
export type ImageSource =
  | { readonly kind: "fashion-mnist" }
  | {
      readonly kind: "dropped";
      readonly files: readonly NamedFile<File>[];
      /** Side that images are brought to, in pixels. IDX images keep their own. */
      readonly size: number;
    };

export interface ReadingHooks {
  readonly signal: AbortSignal;
  readonly onRead: (done: number, total: number) => void;
  /** Something that should be known, as a sentence. */
  readonly onNote: (text: string) => void;
}

const fashionClasses = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
];
const fashionFiles = [
  new URL("../../../../../packages/sabok/assets/fashion-mnist/train-images-idx3-ubyte.gz", import.meta.url),
  new URL("../../../../../packages/sabok/assets/fashion-mnist/train-labels-idx1-ubyte.gz", import.meta.url),
  new URL("../../../../../packages/sabok/assets/fashion-mnist/t10k-images-idx3-ubyte.gz", import.meta.url),
  new URL("../../../../../packages/sabok/assets/fashion-mnist/t10k-labels-idx1-ubyte.gz", import.meta.url),
];

/** A file of more bytes than this is not decoded: its pixels would not fit beside the engine. */
const largestFile = 64 * 2 ** 20;
/** All decoded images together, in bytes. */
const mostPixels = 1.5 * 2 ** 30;
/** Images decoded side by side. */
const atOnce = 4;

/** Throws a SabokError for what cannot be read, with the file's name. */
export async function openImages(source: ImageSource, seed: number, hooks: ReadingHooks): Promise<Dataset> {
  if (source.kind === "fashion-mnist") return openFashionMnist(seed, hooks);
  const dropped = sortDropped(source.files);
  return dropped.kind === "idx"
    ? openIdx(dropped, seed, hooks)
    : openFolders(dropped, source.size, seed, hooks);
}

async function openFashionMnist(seed: number, { signal, onRead }: ReadingHooks): Promise<Dataset> {
  let done = 0;
  const arrays = await Promise.all(
    fashionFiles.map(async (url) => {
      const name = url.pathname.split("/").at(-1)!;
      const response = await fetch(url, { signal });
      if (!response.ok)
        throw new SabokError(
          `${name} could not be read from the Lab's own server (status ${response.status}).`,
        );
      const array = parseIdx(await gunzip(new Uint8Array(await response.arrayBuffer()), name), name);
      onRead(++done, fashionFiles.length);
      return array;
    }),
  );
  const [images, labels, testImages, testLabels] = arrays;
  return makeDataset(
    {
      name: "fashion-mnist",
      source: "the images embedded in sabok",
      classes: fashionClasses,
      flip: true,
      padding: "zero",
      train: imagesFromIdx(images!, labels!, "Fashion-MNIST"),
      test: imagesFromIdx(testImages!, testLabels!, "Fashion-MNIST"),
    },
    { seed },
  );
}

async function openIdx(
  { name, train, test }: Extract<Dropped<File>, { kind: "idx" }>,
  seed: number,
  { onRead }: ReadingHooks,
): Promise<Dataset> {
  const total = test ? 4 : 2;
  let done = 0;
  const read = async ({ path, file }: NamedFile<File>) => {
    const array = parseIdx(await gunzip(await bytesOf(file, path), path), path);
    onRead(++done, total);
    return array;
  };
  const setOf = async ({ images, labels }: IdxPair<File>): Promise<ImageSet> =>
    imagesFromIdx(await read(images), await read(labels), images.path);
  const trainSet = await setOf(train);
  const testSet = test && (await setOf(test));
  const classes = trainSet.labels.reduce((most, label) => Math.max(most, label + 1), 0);
  return makeDataset(
    {
      name,
      source: `IDX files dropped on the Lab`,
      classes: Array.from({ length: classes }, (_, label) => String(label)),
      flip: false,
      padding: "zero",
      train: trainSet,
      ...(testSet && { test: testSet }),
    },
    { seed },
  );
}

async function openFolders(
  { name, classes, splits, ignored }: Extract<Dropped<File>, { kind: "images" }>,
  size: number,
  seed: number,
  { signal, onRead, onNote }: ReadingHooks,
): Promise<Dataset> {
  const lists = Object.entries(splits) as [SplitName, readonly LabelledFile<File>[]][];
  const total = lists.reduce((sum, [, list]) => sum + list.length, 0);
  if (3 * size * size * total > mostPixels)
    throw new SabokError(
      `${total.toLocaleString("en")} images of ${size}×${size} pixels take ${((3 * size * size * total) / 2 ** 30).toFixed(1)} GiB, ` +
        `more than the ${mostPixels / 2 ** 30} GiB the Lab takes; choose a smaller image size, or drop fewer images.`,
    );
  if (ignored > 0)
    onNote(`${ignored} ${ignored === 1 ? "file is" : "files are"} no image of a class and not read.`);
  let done = 0;
  const tell = (): void => onRead(++done, total);
  const sets: Partial<Record<SplitName, ImageSet>> = {};
  for (const [split, list] of lists) sets[split] = await decodeAll(list, size, signal, tell);
  const isGrey = Object.values(sets).every(hasNoColour);
  const final = (set: ImageSet): ImageSet => (isGrey ? firstChannel(set) : set);
  const { train, validation, test } = sets;
  // A lone val/ folder is what is held out, so it is the test.
  const heldOut = test ?? validation;
  return makeDataset(
    {
      name,
      source: `${total} images dropped on the Lab, as ${size}×${size}`,
      classes,
      flip:
        !classes.every((label) => /^(\p{L}|\p{N}+)$/u.test(label)) &&
        !classes.some((label) => /left|right/i.test(label)),
      padding: "reflect",
      train: final(train!),
      ...(heldOut && { test: final(heldOut) }),
      ...(validation && test && { validation: final(validation) }),
    },
    { seed },
  );
}

async function decodeAll(
  list: readonly LabelledFile<File>[],
  size: number,
  signal: AbortSignal,
  tell: () => void,
): Promise<ImageSet> {
  const plane = size * size;
  const pixels = new Uint8Array(list.length * 3 * plane);
  let next = 0;
  const decodeNext = async (): Promise<void> => {
    for (let at = next++; at < list.length; at = next++) {
      signal.throwIfAborted();
      const rgba = await decode(list[at]!, size);
      for (let i = 0; i < plane; i++)
        for (let channel = 0; channel < 3; channel++)
          pixels[(3 * at + channel) * plane + i] = rgba[4 * i + channel]!;
      tell();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, decodeNext));
  return {
    pixels,
    labels: Uint16Array.from(list, ({ label }) => label),
    count: list.length,
    channels: 3,
    height: size,
    width: size,
    files: list.map(({ path }) => path),
  };
}

/** RGBA of an image that covers size × size, what sticks out cut evenly from both sides; transparent parts become white. */
async function decode({ file, path }: NamedFile<File>, size: number): Promise<Uint8ClampedArray> {
  if (file.size > largestFile)
    throw new SabokError(
      `${path}: the file has ${Math.round(file.size / 2 ** 20)} MiB, more than the ${largestFile / 2 ** 20} MiB that are read; ` +
        "make it smaller: training brings it to a few pixels anyway.",
    );
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch (error) {
    throw new SabokError(
      `${path}: the browser cannot decode this image; it is damaged, too large, or no PNG, JPEG or WebP. Mend or remove it.`,
      { cause: error },
    );
  }
  const scale = size / Math.min(bitmap.width, bitmap.height);
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  const context = new OffscreenCanvas(size, size).getContext("2d", { willReadFrequently: true })!;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, size, size);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, (size - width) / 2, (size - height) / 2, width, height);
  bitmap.close();
  return context.getImageData(0, 0, size, size).data;
}

async function bytesOf(file: File, path: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    throw new SabokError(`${path}: the file cannot be read any more; drop it again.`, { cause: error });
  }
}

function hasNoColour({ pixels, count, height, width }: ImageSet): boolean {
  const plane = height * width;
  for (let image = 0; image < count; image++)
    for (let i = 3 * image * plane; i < (3 * image + 1) * plane; i++)
      if (pixels[i] !== pixels[i + plane] || pixels[i] !== pixels[i + 2 * plane]) return false;
  return true;
}

function firstChannel(set: ImageSet): ImageSet {
  const plane = set.height * set.width;
  const pixels = new Uint8Array(set.count * plane);
  for (let image = 0; image < set.count; image++)
    pixels.set(set.pixels.subarray(3 * image * plane, (3 * image + 1) * plane), image * plane);
  return { ...set, pixels, channels: 1 };
}
