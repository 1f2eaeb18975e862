import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SabokError } from "../../core/index.ts";
import { classCounts, type Dataset, pixelsOf } from "../../data/index.ts";
import { imageFolder } from "./imageFolder.ts";
import type { DataProgress } from "./readOptions.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

const root = temporaryFolder(afterAll);
const shades = { cat: 40, dog: 120, owl: 200 } as const;

interface Picture {
  readonly width?: number;
  readonly height?: number;
  readonly grey?: boolean;
}

async function picture(path: string, shade: number, { width = 20, height = 16, grey = false }: Picture = {}) {
  await mkdir(dirname(path), { recursive: true });
  const background = grey ? { r: shade, g: shade, b: shade } : { r: shade, g: 255 - shade, b: 0 };
  const image = sharp({ create: { width, height, channels: 3, background } });
  await (grey ? image.toColourspace("b-w") : image).toFile(path);
}

/** Six images a class, two of each format. */
async function photos(folder: string, options: Picture = {}): Promise<string> {
  for (const [name, shade] of Object.entries(shades))
    for (const ending of ["png", "jpg", "webp"])
      for (const i of [0, 1]) await picture(join(folder, name, `${i}.${ending}`), shade, options);
  return folder;
}

let plain: string;
beforeAll(async () => {
  plain = await photos(join(root, "plain"));
});

/** A copy of the plain folder, to be spoilt. */
async function copy(name: string): Promise<string> {
  await cp(plain, join(root, name), { recursive: true });
  return join(root, name);
}

async function open(folder: string, options: Partial<Parameters<typeof imageFolder>[1]> = {}) {
  const lines: string[] = [];
  const dataset = await imageFolder(folder, { seed: 1, log: (line) => lines.push(line), ...options });
  return { dataset, lines };
}

function counts({ train, validation, test, classes }: Dataset): number[][] {
  return [train, validation, test].map((split) => classCounts(split, classes.length));
}

describe("imageFolder", () => {
  it("reads PNG, JPEG and WebP of one class a folder", async () => {
    const progress: DataProgress[] = [];
    const { dataset, lines } = await open(plain, { onProgress: (step) => progress.push(step) });
    expect(lines).toEqual([]);
    expect(dataset).toMatchObject({
      name: "plain",
      classes: ["cat", "dog", "owl"],
      channels: 3,
      height: 16,
      width: 20,
    });
    expect(dataset.augmentation).toEqual({ shift: 2, padding: "reflect", flip: true });
    expect(counts(dataset)).toEqual([
      [4, 4, 4],
      [1, 1, 1],
      [1, 1, 1],
    ]);
    const { images } = dataset.train;
    expect(images.files!.slice(0, 3)).toEqual(["cat/0.jpg", "cat/0.png", "cat/0.webp"]);
    for (let i = 0; i < images.count; i++) {
      const shade = Object.values(shades)[images.labels[i]!]!;
      expect(Math.abs(pixelsOf(images, i)[0]! - shade)).toBeLessThan(4);
      expect(Math.abs(pixelsOf(images, i)[320]! - (255 - shade))).toBeLessThan(4);
    }
    for (const task of ["headers", "decode"]) {
      const steps = progress.filter((step) => step.task === task).map((step) => step.done);
      expect(steps).toEqual(Array.from({ length: 18 }, (_, i) => i + 1));
    }
  });

  it("reads the same pixels and splits again", async () => {
    const [first, second] = [await open(plain), await open(plain)];
    expect(second.dataset).toEqual(first.dataset);
  });

  it("takes train/ and test/, a lone val/ as the test, and all three", async () => {
    const folder = join(root, "divided");
    await photos(join(folder, "train"));
    await photos(join(folder, "val"));
    expect(counts((await open(folder)).dataset)).toEqual([
      [5, 5, 5],
      [1, 1, 1],
      [6, 6, 6],
    ]);
    await photos(join(folder, "test"));
    await rm(join(folder, "test", "owl"), { recursive: true });
    expect(counts((await open(folder)).dataset)).toEqual([
      [6, 6, 6],
      [6, 6, 6],
      [6, 6, 0],
    ]);
    await picture(join(folder, "test", "cow", "0.png"), 9);
    await expect(open(folder)).rejects.toThrow(
      /test\/cow: no training images have this class; they have cat, dog, owl/,
    );
  });

  it("passes over what stands beside train/, and takes a class named train for a class", async () => {
    const folder = await photos(join(root, "beside", "train"));
    await picture(join(root, "beside", "sketches", "a.png"), 9);
    const beside = await open(join(root, "beside"));
    expect(beside.lines).toEqual([
      `${join(root, "beside", "sketches")} is not read: beside train/ only test/ and val/ are`,
    ]);
    expect(beside.dataset.classes).toEqual(["cat", "dog", "owl"]);
    for (const i of [0, 1, 2]) await picture(join(folder, "train", `${i}.png`), 77);
    expect((await open(folder)).dataset.classes).toEqual(["cat", "dog", "owl", "train"]);
    await mkdir(join(root, "beside", "test"));
    await expect(open(join(root, "beside"))).rejects.toThrow(/beside\/test: has no class folders/);
  });

  it("resizes mixed sizes and says so once", async () => {
    const folder = await copy("mixed");
    await picture(join(folder, "dog", "large.png"), shades.dog, { width: 64, height: 48 });
    const { dataset, lines } = await open(folder);
    expect(lines).toEqual([`${folder}: images of mixed sizes, all resized to 16x16`]);
    expect(dataset).toMatchObject({ height: 16, width: 16 });
  });

  it("resizes to the asked size, and large images without being asked", async () => {
    const asked = await open(plain, { size: 12 });
    expect(asked.dataset).toMatchObject({ height: 12, width: 12 });
    expect(asked.lines).toEqual([`${plain}: images of 16x20 resized to 12x12`]);
    const large = await open(await photos(join(root, "large"), { width: 200, height: 150 }));
    expect(large.dataset).toMatchObject({ height: 96, width: 96 });
  });

  it("reads grey images as grey, and grey among colour as RGB, said once", async () => {
    const grey = await open(await photos(join(root, "grey"), { grey: true }));
    // WebP has no grey of its own, so its images count as colour.
    expect(grey.lines).toEqual([`${join(root, "grey")}: 12 grey and 6 colour images: all are read as RGB`]);
    for (const name of Object.keys(shades))
      for (const i of [0, 1]) await rm(join(root, "grey", name, `${i}.webp`));
    expect((await open(join(root, "grey"))).dataset.channels).toBe(1);
    const folder = await copy("some-grey");
    await picture(join(folder, "dog", "grey.png"), 99, { grey: true });
    const some = await open(folder);
    expect(some.lines).toEqual([`${folder}: 1 grey and 18 colour images: all are read as RGB`]);
    expect(some.dataset.channels).toBe(3);
  });

  it("does not flip letters and digits, nor what is left and right", async () => {
    for (const names of [
      ["0", "12"],
      ["b", "d"],
      ["turn-left", "turn-right"],
    ]) {
      const folder = join(root, names.join("-"));
      for (const name of names) for (const i of [0, 1, 2]) await picture(join(folder, name, `${i}.png`), 9);
      expect((await open(folder)).dataset.augmentation.flip).toBe(false);
    }
  });

  it("names images that do not decode, or skips and lists them", async () => {
    const folder = await copy("bad");
    await writeFile(join(folder, "cat", "text.png"), "not an image");
    const whole = await readFile(join(folder, "dog", "0.jpg"));
    await writeFile(join(folder, "dog", "short.jpg"), whole.subarray(0, whole.length * 0.7));
    await expect(open(folder)).rejects.toThrow(SabokError);
    await expect(open(folder)).rejects.toThrow(
      /2 of 20 images do not decode:\n {2}.*cat\/text\.png: .*unsupported image format\n {2}.*dog\/short\.jpg: .*\n.*skipBad \(--skip-bad\)/,
    );
    const { dataset, lines } = await open(folder, { skipBad: true });
    expect(lines[0]).toBe(`${folder}: 2 of 20 images do not decode and are skipped:`);
    expect(lines.slice(1).map((line) => /(cat|dog)\/\w+\.\w+/.exec(line)?.[0])).toEqual([
      "cat/text.png",
      "dog/short.jpg",
    ]);
    expect(dataset.train.images.count).toBe(18);
    expect(dataset.train.images.pixels).toEqual((await open(plain)).dataset.train.images.pixels);
  });

  it("refuses a class left without images by skipping", async () => {
    const folder = await copy("all-bad");
    await rm(join(folder, "owl"), { recursive: true });
    await mkdir(join(folder, "owl"));
    await writeFile(join(folder, "owl", "a.png"), "");
    await expect(open(folder, { skipBad: true })).rejects.toThrow(/class "owl" has no readable image/);
  });

  it("refuses an empty class folder and says what other files it passed over", async () => {
    const folder = await copy("empty");
    await writeFile(join(folder, "cat", "notes.txt"), "");
    expect((await open(folder)).lines).toEqual([
      `files in ${folder} that do not end in .png .jpg .jpeg .webp and are not read: 1`,
    ]);
    await mkdir(join(folder, "emu"));
    await expect(open(folder)).rejects.toThrow(/empty\/emu: the class folder is empty: it has no \.png/);
  });

  it("refuses one class only, no class folders, and a folder that is not there", async () => {
    await picture(join(root, "one", "cat", "0.png"), 1);
    await expect(open(join(root, "one"))).rejects.toThrow(
      /one: has one class only, "cat"; a classifier needs two/,
    );
    await expect(open(join(plain, "cat"))).rejects.toThrow(
      /cat: holds 6 images and no class folders; put the images/,
    );
    await mkdir(join(root, "nothing"));
    await expect(open(join(root, "nothing"))).rejects.toThrow(/holds neither images nor class folders/);
    await expect(open(join(root, "plane"))).rejects.toThrow(/plane: no such folder. Did you mean .*plain\?/);
    await expect(open(join(root, "x", "y"))).rejects.toThrow(/Its folder .*x does not exist either/);
  });
});
