import { describe, expect, it } from "vitest";
import { classCounts, formatClassCounts } from "./classCounts.ts";
import { type LoadedImages, makeDataset } from "./makeDataset.ts";
import { noiseImages } from "./testImages.ts";

const loaded: LoadedImages = {
  name: "noise",
  source: "a test",
  classes: ["a", "b"],
  flip: true,
  padding: "edge",
  train: noiseImages(200, 2),
};

describe("makeDataset", () => {
  it("draws the splits that the source lacks", () => {
    const dataset = makeDataset(loaded, { seed: 1 });
    expect(classCounts(dataset.train, 2)).toEqual([70, 70]);
    expect(classCounts(dataset.validation, 2)).toEqual([10, 10]);
    expect(classCounts(dataset.test, 2)).toEqual([20, 20]);
    expect(dataset.augmentation).toEqual({ shift: 1, padding: "edge", flip: true });
    expect(formatClassCounts(dataset)).toBe(
      [
        "class  train  validation  test",
        "a         70          10    20",
        "b         70          10    20",
        "all      140          20    40",
      ].join("\n"),
    );
  });

  it("keeps the splits that the source has", () => {
    const test = noiseImages(6, 2);
    const dataset = makeDataset({ ...loaded, test }, { seed: 1, validation: 0 });
    expect([dataset.train, dataset.validation, dataset.test].map((split) => split.indices.length)).toEqual([
      200, 0, 6,
    ]);
    expect(dataset.test.images).toBe(test);
  });

  it("resizes every split to the asked size", () => {
    const dataset = makeDataset({ ...loaded, test: noiseImages(6, 2, 1, 9, 9) }, { seed: 1, size: [16, 12] });
    expect(dataset).toMatchObject({ channels: 1, height: 16, width: 12, augmentation: { shift: 1 } });
    expect(dataset.test.images.pixels.length).toBe(6 * 16 * 12);
    expect(() => makeDataset(loaded, { seed: 1, size: 0 })).toThrow(/^size: got 0x0 pixels/);
  });

  it("lists at most as many classes as asked and adds up the others", () => {
    const classes = Array.from({ length: 40 }, (_, i) => `c${i}`);
    const many = makeDataset({ ...loaded, classes, train: noiseImages(400, 40) }, { seed: 1 });
    const lines = formatClassCounts(many, 5).split("\n");
    expect(lines.length).toBe(7);
    expect(lines[5]).toMatch(/^… 36 more +252 +36 +72$/);
  });

  it.each([
    [{ train: noiseImages(9, 3) }, /^noise: train image 2 has label 2, but there are 2 classes, 0 to 1/],
    [{ train: noiseImages(9, 1) }, /^noise: the training images belong to one class only/],
    [{ train: noiseImages(0, 1) }, /^noise: the training images belong to no class/],
    [{ train: noiseImages(2, 2) }, /^noise: no image is left for the test/],
  ])("refuses bad labels %#", (part, message) => {
    expect(() => makeDataset({ ...loaded, ...part }, { seed: 1 })).toThrow(message);
  });
});
