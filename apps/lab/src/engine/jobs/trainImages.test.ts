// What can be read without a browser's decoder: IDX files, and everything that is refused before anything is decoded.
import { describe, expect, test } from "vitest";
import { openImages, type ImageSource, type ReadingHooks } from "./trainImages.ts";

const hooks = (): ReadingHooks & { read: [number, number][]; notes: string[] } => {
  const read: [number, number][] = [];
  const notes: string[] = [];
  return {
    read,
    notes,
    signal: new AbortController().signal,
    onRead: (done, total) => read.push([done, total]),
    onNote: (text) => notes.push(text),
  };
};

/** An IDX file of unsigned bytes. */
function idx(shape: readonly number[], data: readonly number[]): Uint8Array<ArrayBuffer> {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint32(0, 0x0800 + shape.length);
  shape.forEach((size, axis) => header.setUint32(4 + 4 * axis, size));
  return Uint8Array.from([...new Uint8Array(header.buffer), ...data]);
}

const dropped = (files: Record<string, BlobPart>, size = 32): ImageSource => ({
  kind: "dropped",
  size,
  files: Object.entries(files).map(([path, content]) => ({
    path,
    file: new File([content], path.split("/").at(-1)!),
  })),
});

const pixels = Array.from({ length: 20 * 4 }, (_, i) => i);
const labels = Array.from({ length: 20 }, (_, i) => i % 2);
const training = {
  "mnist/train-images-idx3-ubyte": idx([20, 2, 2], pixels),
  "mnist/train-labels-idx1-ubyte": idx([20], labels),
};

describe("IDX files", () => {
  test("become a data set, with the splits drawn from the training images", async () => {
    const told = hooks();
    const {
      name,
      classes,
      channels,
      height,
      train,
      validation,
      test: held,
    } = await openImages(dropped(training), 1, told);
    expect([name, classes, channels, height]).toEqual(["mnist", ["0", "1"], 1, 2]);
    expect([train, validation, held].map(({ indices }) => indices.length)).toEqual([14, 2, 4]);
    expect(told.read).toEqual([
      [1, 2],
      [2, 2],
    ]);
  });

  test("that are cut short are named", async () => {
    const broken = { ...training, "mnist/train-images-idx3-ubyte": idx([20, 2, 2], pixels.slice(0, 50)) };
    await expect(openImages(dropped(broken), 1, hooks())).rejects.toThrow(
      /mnist\/train-images-idx3-ubyte: cut short: shape \[20,2,2\] takes 96 bytes, the file has 66/,
    );
  });
});

describe("images that are too much", () => {
  test("more pixels than the Lab takes are refused before anything is decoded", async () => {
    const file = new File([], "x.png");
    const files = Array.from({ length: 34_000 }, (_, i) => ({
      path: `p/${i % 2 ? "a" : "b"}/${i}.png`,
      file,
    }));
    await expect(openImages({ kind: "dropped", size: 128, files }, 1, hooks())).rejects.toThrow(
      /34,000 images of 128×128 pixels take 1\.6 GiB, more than the 1\.5 GiB the Lab takes; choose a smaller image size/,
    );
  });

  test("a file of very many bytes is named and not decoded", async () => {
    const huge = new File([new Uint8Array(65 * 2 ** 20)], "1.png");
    const files = ["p/a/1.png", "p/b/1.png"].map((path) => ({ path, file: huge }));
    await expect(openImages({ kind: "dropped", size: 8, files }, 1, hooks())).rejects.toThrow(
      /p\/a\/1\.png: the file has 65 MiB, more than the 64 MiB that are read/,
    );
  });
});
