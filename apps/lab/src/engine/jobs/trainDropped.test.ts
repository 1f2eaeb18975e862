import { describe, expect, test } from "vitest";
import { sortDropped, type NamedFile } from "./trainDropped.ts";

const named = (...paths: string[]): NamedFile<number>[] => paths.map((path, file) => ({ path, file }));

describe("images", () => {
  test("one folder a class, in order of name, below whatever was dropped", () => {
    const dropped = sortDropped(
      named("photos/dog/2.png", "photos/cat/1.JPG", "photos/dog/1.webp", "photos/notes.txt"),
    );
    expect(dropped).toEqual({
      kind: "images",
      name: "photos",
      classes: ["cat", "dog"],
      ignored: 1,
      splits: {
        train: [
          { path: "photos/cat/1.JPG", file: 1, label: 0 },
          { path: "photos/dog/1.webp", file: 2, label: 1 },
          { path: "photos/dog/2.png", file: 0, label: 1 },
        ],
      },
    });
  });

  test("two class folders dropped side by side", () => {
    const dropped = sortDropped(named("cat/1.png", "dog/1.png"));
    expect(dropped).toMatchObject({ kind: "images", name: "dropped images", classes: ["cat", "dog"] });
  });

  test("train, val and test folders above the classes; what lies elsewhere is ignored", () => {
    const dropped = sortDropped(
      named(
        "p/train/a/1.png",
        "p/train/b/1.png",
        "p/val/a/2.png",
        "p/test/b/2.png",
        "p/other/a/3.png",
        "p/x.png",
      ),
    );
    expect(dropped).toMatchObject({
      classes: ["a", "b"],
      ignored: 2,
      splits: {
        train: [{ label: 0 }, { label: 1 }],
        validation: [{ path: "p/val/a/2.png", label: 0 }],
        test: [{ path: "p/test/b/2.png", label: 1 }],
      },
    });
  });

  test("a folder train that holds images itself is a class", () => {
    const dropped = sortDropped(named("p/train/1.png", "p/ship/1.png"));
    expect(dropped).toMatchObject({ classes: ["ship", "train"] });
  });

  test("hidden files are passed over", () => {
    const dropped = sortDropped(named("p/.thumbs/a/1.png", "p/a/1.png", "p/b/1.png", "p/.DS_Store"));
    expect(dropped).toMatchObject({ classes: ["a", "b"], ignored: 0 });
  });

  test.each<[string, string[], RegExp]>([
    ["nothing that can be read", ["a/notes.txt"], /Got 1 file without an image .* drop a folder/],
    ["one class", ["p/a/1.png", "p/a/2.png"], /one class only, "(p|a)" among 2 images/],
    ["images without folders", ["1.png", "2.png"], /2 images; a classifier needs two/],
    [
      "a test class that is not trained",
      ["p/train/a/1.png", "p/train/b/1.png", "p/test/c/1.png"],
      /p\/test\/c\/1\.png: no training images have the class "c"; they have a, b/,
    ],
  ])("%s is refused", (_, paths, message) => {
    expect(() => sortDropped(named(...paths))).toThrow(message);
  });
});

describe("IDX files", () => {
  const [images, labels] = ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"];

  test("pairs of images and labels by their names, with a dash or a dot", () => {
    const dropped = sortDropped(
      named(
        `mnist/${images}`,
        "mnist/train-labels.idx1-ubyte",
        "mnist/t10k-images-idx3-ubyte",
        "mnist/t10k-labels-idx1-ubyte",
      ),
    );
    expect(dropped).toEqual({
      kind: "idx",
      name: "mnist",
      train: {
        images: { path: `mnist/${images}`, file: 0 },
        labels: { path: "mnist/train-labels.idx1-ubyte", file: 1 },
      },
      test: {
        images: { path: "mnist/t10k-images-idx3-ubyte", file: 2 },
        labels: { path: "mnist/t10k-labels-idx1-ubyte", file: 3 },
      },
    });
  });

  test("training files alone are enough", () => {
    expect(sortDropped(named(images!, labels!))).toMatchObject({ kind: "idx", name: "IDX files" });
  });

  test("half a pair, and test images alone, are refused", () => {
    expect(() => sortDropped(named(images!))).toThrow(
      /came without its labels; drop train-labels-idx1-ubyte\.gz with it/,
    );
    expect(() => sortDropped(named("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"))).toThrow(
      /Only test images/,
    );
  });
});
