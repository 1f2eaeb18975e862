// What was dropped, judged by names alone: IDX files, or folders of images with their classes and splits. As `sabok fit`
// reads a folder on disk.
import { SabokError } from "sabok";

export type SplitName = "train" | "validation" | "test";

/** A dropped file as the page names it: "photos/train/cat/1.jpg". */
export interface NamedFile<File> {
  readonly path: string;
  readonly file: File;
}

export interface LabelledFile<File> extends NamedFile<File> {
  readonly label: number;
}

export type Dropped<File> =
  | {
      readonly kind: "images";
      readonly name: string;
      readonly classes: readonly string[];
      readonly splits: Readonly<Partial<Record<SplitName, readonly LabelledFile<File>[]>>> & {
        readonly train: readonly LabelledFile<File>[];
      };
      /** Files that are no images, or in no class. */
      readonly ignored: number;
    }
  | {
      readonly kind: "idx";
      readonly name: string;
      readonly train: IdxPair<File>;
      readonly test?: IdxPair<File>;
    };

export interface IdxPair<File> {
  readonly images: NamedFile<File>;
  readonly labels: NamedFile<File>;
}

const imageEnding = /\.(png|jpe?g|webp)$/i;
const idxName = /(train|t10k|test)-(images[-.]idx3|labels[-.]idx1)-ubyte(\.gz)?$/i;
const splitFolders: Readonly<Record<string, SplitName>> = {
  train: "train",
  training: "train",
  val: "validation",
  valid: "validation",
  validation: "validation",
  test: "test",
  testing: "test",
};

/**
 * Reads the names: the four IDX files of MNIST and its relatives, or one folder a class, which may stand below train/,
 * val/ and test/. Throws a SabokError that says what is missing.
 */
export function sortDropped<File>(files: readonly NamedFile<File>[]): Dropped<File> {
  const visible = files.filter(({ path }) => !path.split("/").some((part) => part.startsWith(".")));
  const idx = visible.filter(({ path }) => idxName.test(path));
  if (idx.length > 0) return sortIdx(idx);
  const images = visible.filter(({ path }) => imageEnding.test(path));
  if (images.length === 0)
    throw new SabokError(
      `Got ${visible.length} ${visible.length === 1 ? "file" : "files"} without an image (.png .jpg .jpeg .webp) or an IDX file among them; ` +
        "drop a folder with one sub-folder of images a class, or train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz.",
    );
  return sortImages(images, visible.length - images.length);
}

function sortIdx<File>(files: readonly NamedFile<File>[]): Dropped<File> {
  const find = (part: RegExp, kind: "images" | "labels"): NamedFile<File> | undefined =>
    files.find(({ path }) => {
      const match = idxName.exec(path)!;
      return part.test(match[1]!) && match[2]!.toLowerCase().startsWith(kind);
    });
  const pair = (part: RegExp, name: string): IdxPair<File> | undefined => {
    const [images, labels] = [find(part, "images"), find(part, "labels")];
    if (!images && !labels) return undefined;
    if (images && labels) return { images, labels };
    throw new SabokError(
      `${(images ?? labels)!.path} came without its ${images ? "labels" : "images"}; drop ${name}-${images ? "labels-idx1" : "images-idx3"}-ubyte.gz with it.`,
    );
  };
  const [train, test] = [pair(/^train$/i, "train"), pair(/^(t10k|test)$/i, "t10k")];
  if (!train)
    throw new SabokError(
      "Only test images were dropped; drop train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz too.",
    );
  const folder = train.images.path.split("/").at(-2);
  return { kind: "idx", name: folder ?? "IDX files", train, ...(test && { test }) };
}

function sortImages<File>(files: readonly NamedFile<File>[], others: number): Dropped<File> {
  const paths = files.map(({ path }) => path.split("/"));
  // What all files share is the folder that was dropped; a class must remain below it.
  let shared = 0;
  const isShared = (): boolean => paths.every((parts) => parts[shared] === paths[0]![shared]);
  while (isShared() && paths.some((parts) => parts.length > shared + 2)) shared++;
  const name = shared > 0 ? paths[0]![shared - 1]! : "dropped images";
  const entries = files
    .map((file, i) => ({ ...file, parts: paths[i]!.slice(shared) }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const splitOf = (parts: readonly string[]): SplitName | undefined =>
    parts.length > 2 ? splitFolders[parts[0]!.toLowerCase()] : undefined;
  const isSplit = entries.some(({ parts }) => splitOf(parts) === "train");
  const found: Partial<Record<SplitName, (NamedFile<File> & { className: string })[]>> = {};
  let ignored = others;
  for (const { parts, path, file } of entries) {
    const split = isSplit ? splitOf(parts) : "train";
    const className = parts[isSplit ? 1 : 0]!;
    if (split === undefined || parts.length !== (isSplit ? 3 : 2)) ignored++;
    else (found[split] ??= []).push({ path, file, className });
  }
  const classes = [...new Set((found.train ?? []).map(({ className }) => className))].sort();
  if (classes.length < 2)
    throw new SabokError(
      `Found ${classes.length === 0 ? "no class" : `one class only, "${classes[0]}"`} among ${files.length} ${files.length === 1 ? "image" : "images"}; ` +
        "a classifier needs two at least: drop a folder that holds one sub-folder of images a class.",
    );
  const labelled = Object.entries(found).map(([split, list]) => [
    split,
    list.map(({ path, file, className }) => {
      const label = classes.indexOf(className);
      if (label < 0)
        throw new SabokError(
          `${path}: no training images have the class "${className}"; they have ${classes.join(", ")}.`,
        );
      return { path, file, label };
    }),
  ]);
  return { kind: "images", name, classes, ignored, splits: Object.fromEntries(labelled) };
}
