import { describe, expect, it } from "vitest";
import type { Augmentation } from "./augmentation.ts";
import { epochOrder, evaluationBatches, trainingBatches } from "./batches.ts";
import { channelStatistics, normalizePixels } from "./channelStatistics.ts";
import { pixelsOf, wholeSplit } from "./dataset.ts";
import { noiseImages } from "./testImages.ts";

const classes = 5;
const split = wholeSplit(noiseImages(53, classes, 3));
const statistics = channelStatistics(split);
const augmentation: Augmentation = {
  shift: 2,
  padding: "reflect",
  flip: true,
  erase: { probability: 0.5, area: [0.1, 0.3] },
  mixup: 0.4,
};
const options = { batch: 8, classes, statistics, seed: 7, augmentation };
const imageSize = 3 * 64;

describe("trainingBatches", () => {
  it("gives the same batch again for the same seed, epoch and step, in any order", () => {
    const first = trainingBatches(split, options);
    const second = trainingBatches(split, options);
    const places = [0, 1, 2].flatMap((epoch) => [0, 1, 5].map((step) => [epoch, step] as const));
    const batches = places.map(([epoch, step]) => first.load(epoch, step));
    for (const [i, [epoch, step]] of [...places.entries()].reverse())
      expect(second.load(epoch, step)).toEqual(batches[i]);
    expect(batches[0]!.images).not.toEqual(batches[3]!.images);
    expect(trainingBatches(split, { ...options, seed: 8 }).load(0, 0)).not.toEqual(batches[0]);
  });

  it("makes the same images whatever the batch size", () => {
    const small = trainingBatches(split, { ...options, batch: 4 });
    const large = trainingBatches(split, options).load(3, 2);
    const halves = [4, 5].map((step) => small.load(3, step));
    expect([...large.images]).toEqual(halves.flatMap((half) => [...half.images]));
    expect([...large.targets]).toEqual(halves.flatMap((half) => [...half.targets]));
  });

  it("shows every image once an epoch, each epoch in another order", () => {
    const batches = trainingBatches(split, { ...options, last: "keep" });
    expect([batches.steps, batches.count]).toEqual([7, 53]);
    const seen = Array.from({ length: batches.steps }, (_, step) => {
      const { indices, count } = batches.load(1, step);
      return [...indices.subarray(0, count)];
    }).flat();
    expect([...seen].sort((a, b) => a - b)).toEqual([...split.indices]);
    expect(seen).toEqual([...epochOrder(53, 7, 1)]);
    expect(epochOrder(53, 7, 1)).not.toEqual(epochOrder(53, 7, 2));
  });

  it("drops the last partial batch or keeps it with its real count", () => {
    const dropping = trainingBatches(split, options);
    expect([dropping.steps, dropping.count]).toEqual([6, 48]);
    const batch = trainingBatches(split, { ...options, last: "keep" }).load(0, 6, dropping.load(0, 0));
    expect(batch.count).toBe(5);
    expect(batch.images.subarray(5 * imageSize).every((value) => value === 0)).toBe(true);
    expect(batch.targets.subarray(5 * classes).every((value) => value === 0)).toBe(true);
    expect([...batch.labels.subarray(5)]).toEqual([-1, -1, -1]);
  });

  it("writes one-hot rows without mixup", () => {
    const { targets, labels } = trainingBatches(split, { ...options, augmentation: {} }).load(0, 0);
    labels.forEach((label, row) =>
      expect([...targets.subarray(row * classes, (row + 1) * classes)]).toEqual(
        Array.from({ length: classes }, (_, c) => (c === label ? 1 : 0)),
      ),
    );
  });

  it("mixes rows that sum to 1, images by the same weight", () => {
    const mixup = trainingBatches(split, { ...options, augmentation: { mixup: 1 } });
    const plain = trainingBatches(split, { ...options, augmentation: {} });
    let mixed = 0;
    for (let step = 0; step < mixup.steps; step++) {
      const batch = mixup.load(0, step);
      const { images, labels } = plain.load(0, step);
      for (let row = 0; row < 8; row++) {
        const target = [...batch.targets.subarray(row * classes, (row + 1) * classes)];
        expect(target.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6);
        const weight = target[labels[row]!]!;
        if (target.filter((value) => value > 0).length < 2) continue;
        mixed++;
        const partners = split.indices.filter((index) => {
          const own = images.subarray(row * imageSize, (row + 1) * imageSize);
          const other = normalizePixels(pixelsOf(split.images, index), 64, statistics);
          const row0 = batch.images.subarray(row * imageSize, (row + 1) * imageSize);
          return row0.every(
            (value, i) => Math.abs(value - weight * own[i]! - (1 - weight) * other[i]!) < 1e-5,
          );
        });
        expect(partners.length).toBe(1);
        expect(target[split.images.labels[partners[0]!]!]).toBeCloseTo(1 - weight, 6);
      }
    }
    expect(mixed).toBeGreaterThan(20);
  });

  it("stays finite for a mixup alpha so small that both Gamma draws vanish", () => {
    const { targets } = trainingBatches(split, { ...options, augmentation: { mixup: 1e-6 } }).load(0, 0);
    expect(targets.every(Number.isFinite)).toBe(true);
  });

  it("refuses a split smaller than one batch, an empty one, and a batch that is no size", () => {
    expect(() => trainingBatches(split, { ...options, batch: 64 })).toThrow(
      /the split has 53 images, fewer than one batch of 64; take a batch of at most 53/,
    );
    expect(trainingBatches(split, { ...options, batch: 64, last: "keep" }).load(0, 0).count).toBe(53);
    expect(() => trainingBatches({ ...split, indices: new Uint32Array() }, options)).toThrow(/no images/);
    expect(() => trainingBatches(split, { ...options, batch: 0 })).toThrow(/got a batch of 0/);
  });

  it("assembles at least 20,000 augmented 28x28 images a second", { retry: 3 }, () => {
    const many = wholeSplit(noiseImages(4096, 10, 1, 28, 28));
    const flip = { shift: 3, flip: true };
    const batches = trainingBatches(many, {
      batch: 64,
      classes: 10,
      statistics: { mean: [0.3], std: [0.3] },
      seed: 1,
      augmentation: flip,
    });
    const batch = batches.load(0, 0);
    const start = performance.now();
    for (let step = 0; step < batches.steps; step++) batches.load(1, step, batch);
    expect(batches.count / (performance.now() - start)).toBeGreaterThan(20);
  });
});

describe("evaluationBatches", () => {
  it("goes through the split in its order, unchanged, and reports the real count of the last batch", () => {
    const part = { images: split.images, indices: Uint32Array.of(4, 50, 2) };
    const batches = evaluationBatches(part, { batch: 2, classes, statistics });
    expect([batches.steps, batches.count]).toEqual([2, 3]);
    const batch = batches.load(0);
    expect([...batch.indices]).toEqual([4, 50]);
    expect([...batch.images.subarray(imageSize)]).toEqual([
      ...normalizePixels(pixelsOf(split.images, 50), 64, statistics),
    ]);
    const last = batches.load(1, batch);
    expect(last).toBe(batch);
    expect([last.count, ...last.labels, ...last.indices]).toEqual([1, 2, -1, 2, 0]);
    expect([...last.targets]).toEqual([0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
  });
});
