// The image files of a folder, by split and class, from names alone: nothing is opened.
import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { SabokError } from "../../core/index.ts";
import type { SplitName } from "../../data/index.ts";
import { imageEndings } from "./readImage.ts";

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
  const splits = folders.map((name) => splitFolders[name.toLowerCase()]);
  const divided = splits.includes("train") && splits.every((split) => split !== undefined);
  if (!divided) {
    if (folders.length === 0)
      throw new SabokError(
        `${folder}: holds ${images.length === 0 ? "neither images nor class folders" : `${images.length} images and no class folders`}; ` +
          "put the images of each class into a sub-folder named after it.",
      );
    if (images.length > 0)
      log(`${images.length} images directly in ${folder} belong to no class and are not read`);
    return { classes: folders, files: { train: await listClasses(folder, folders, folders, log) } };
  }
  const classes = (await listFolder(join(folder, folders[splits.indexOf("train")]!))).folders;
  const files: Partial<Record<SplitName, ImageFile[]>> = {};
  for (const [i, name] of folders.entries()) {
    const split = splits[i]!;
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
  if (folders.length < 2 && classes.length < 2)
    throw new SabokError(
      folders.length === 0
        ? `${folder}: has no class folders; put the images of each class into a sub-folder named after it.`
        : `${folder}: has one class only, "${folders[0]}"; a classifier needs two at least: add a folder for another class.`,
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
    log(`${ignored} files in ${folder} do not end in ${imageEndings.join(" ")} and are not read`);
  return files;
}

async function listFolder(folder: string): Promise<{ folders: string[]; images: string[]; others: number }> {
  const folders: string[] = [];
  const images: string[] = [];
  let others = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith(".")) continue;
    const kind = entry.isSymbolicLink() ? await stat(join(folder, entry.name)).catch(() => undefined) : entry;
    if (kind?.isDirectory()) folders.push(entry.name);
    else if ((imageEndings as readonly string[]).includes(extname(entry.name).toLowerCase()))
      images.push(entry.name);
    else others++;
  }
  return { folders: folders.sort(), images: images.sort(), others };
}
