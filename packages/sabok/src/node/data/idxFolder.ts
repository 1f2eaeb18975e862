// The IDX files of MNIST and its relatives in a folder, gzipped or not, with a dash or a dot before "idx".
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { SabokError } from "../../core/index.ts";
import { gunzip, type ImageSet, imagesFromIdx, parseIdx } from "../../data/index.ts";

const pattern = /(train|t10k|test)-(images[-.]idx3|labels[-.]idx1)-ubyte(\.gz)?$/;

/** Whether a folder (which need not exist) holds the IDX files of training images. */
export async function hasIdxFiles(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  return names.some((name) => pattern.exec(name)?.[1] === "train");
}

/** Reads train and, where they are, test images. Throws a SabokError where one file of a pair is missing or damaged. */
export async function readIdxFolder(folder: string): Promise<{ train: ImageSet; test?: ImageSet }> {
  const found: Partial<Record<"train" | "test", Partial<Record<"images" | "labels", string>>>> = {};
  for (const name of (await readdir(folder)).sort()) {
    const match = pattern.exec(name);
    if (match === null) continue;
    const part = (found[match[1] === "train" ? "train" : "test"] ??= {});
    part[match[2]!.startsWith("images") ? "images" : "labels"] ??= name;
  }
  const read = async (part: "train" | "test"): Promise<ImageSet> => {
    const { images, labels } = found[part] ?? {};
    if (images === undefined || labels === undefined)
      throw new SabokError(
        `${folder}: has ${images ?? labels ?? "no IDX file"} but not the ${images === undefined ? "images" : "labels"} ` +
          `that belong to it (${part === "train" ? "train" : "t10k"}-${images === undefined ? "images-idx3" : "labels-idx1"}-ubyte).`,
      );
    const [imageArray, labelArray] = await Promise.all(
      [images, labels].map(async (name) => {
        const path = join(folder, name);
        return parseIdx(await gunzip(await readFile(path), path), path);
      }),
    );
    return imagesFromIdx(imageArray!, labelArray!, join(folder, images));
  };
  const train = await read("train");
  return found.test === undefined ? { train } : { train, test: await read("test") };
}
