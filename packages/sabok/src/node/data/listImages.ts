// The image files of a folder, by split and class, from names alone: nothing is opened.
import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { SabokError } from "../../core/index.ts";
import type { SplitName } from "../../data/index.ts";
import { imageEndings, reason } from "./readImage.ts";

export interface ImageFile {
  readonly path: string;
  readonly label: number;
}

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
 * The classes of a folder (its sub-folders, or those of its train/ folder) and the image files of each split, in order
 * of name. Throws a SabokError for empty class folders, fewer than two classes and test classes that are not trained.
 */
export async function listImages(
  folder: string,
  log: (line: string) => void,
): Promise<{ classes: string[]; files: Partial<Record<SplitName, ImageFile[]>> }> {
  const { folders, images } = await listFolder(folder);
  const trainFolder = folders.find((name) => splitFolders[name.toLowerCase()] === "train");
  const train = trainFolder === undefined ? undefined : await listFolder(join(folder, trainFolder));
  // A folder "train" that holds images itself is a class: photographs of trains.
  if (train === undefined || train.images.length > 0 || train.folders.length === 0) {
    if (folders.length === 0)
      throw new SabokError(
        `${folder}: holds ${images.length === 0 ? "neither images nor class folders" : `${images.length} images and no class folders`}; ` +
          "put the images of each class into a sub-folder named after it.",
      );
    if (images.length > 0)
      log(`images directly in ${folder} belong to no class and are not read: ${images.length}`);
    return { classes: folders, files: { train: await listClasses(folder, folders, folders, log) } };
  }
  const classes = train.folders;
  const files: Partial<Record<SplitName, ImageFile[]>> = {};
  for (const name of folders) {
    const split = splitFolders[name.toLowerCase()];
    if (split === undefined) {
      log(`${join(folder, name)} is not read: beside train/ only test/ and val/ are`);
      continue;
    }
    if (files[split] !== undefined)
      throw new SabokError(
        `${folder}: two of its folders (${folders.join(", ")}) mean the ${split} images; keep one.`,
      );
    const own = (await listFolder(join(folder, name))).folders;
    files[split] = await listClasses(join(folder, name), own, classes, log);
  }
  return { classes, files };
}

async function listClasses(
  folder: string,
  folders: readonly string[],
  classes: readonly string[],
  log: (line: string) => void,
): Promise<ImageFile[]> {
  if (folders.length === 0)
    throw new SabokError(
      `${folder}: has no class folders; put the images of each class into a sub-folder named after it.`,
    );
  if (classes.length < 2)
    throw new SabokError(
      `${folder}: has one class only, "${classes[0]}"; a classifier needs two at least: add a folder for another class.`,
    );
  const files: ImageFile[] = [];
  let ignored = 0;
  for (const name of folders) {
    const label = classes.indexOf(name);
    if (label < 0)
      throw new SabokError(
        `${join(folder, name)}: no training images have this class; they have ${classes.join(", ")}.`,
      );
    const { images, others } = await listFolder(join(folder, name));
    if (images.length === 0)
      throw new SabokError(
        `${join(folder, name)}: the class folder is empty: it has no ${imageEndings.join(" ")} file; add images or remove it.`,
      );
    ignored += others;
    for (const image of images) files.push({ path: join(folder, name, image), label });
  }
  if (ignored > 0)
    log(`files in ${folder} that do not end in ${imageEndings.join(" ")} and are not read: ${ignored}`);
  return files;
}

async function listFolder(folder: string): Promise<{ folders: string[]; images: string[]; others: number }> {
  const folders: string[] = [];
  const images: string[] = [];
  let others = 0;
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw new SabokError(`${folder}: cannot be read: ${reason(error)}.`, { cause: error });
  });
  for (const entry of entries) {
    if (entry.name.startsWith(".")) continue;
    const kind = entry.isSymbolicLink() ? await stat(join(folder, entry.name)).catch(() => undefined) : entry;
    if (kind?.isDirectory()) folders.push(entry.name);
    else if ((imageEndings as readonly string[]).includes(extname(entry.name).toLowerCase()))
      images.push(entry.name);
    else others++;
  }
  return { folders: folders.sort(), images: images.sort(), others };
}
