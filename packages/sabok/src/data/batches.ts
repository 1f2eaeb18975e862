// From a split to the arrays a network is fed: float32 images and target rows, and the same ones again for the same
// (seed, epoch, step), so that training resumes in the middle of an epoch as if it had never stopped.
import { Random, SabokError, hashName, invariant, mix32, uniformAt } from "../core/index.ts";
import { type Augmentation, draws, imageWriter } from "./augmentation.ts";
import type { ChannelStatistics } from "./channelStatistics.ts";
import type { Split } from "./dataset.ts";

/** One batch of N rows; the rows from `count` on are padding: zeros, with label −1. */
export interface Batch {
  /** [N,C,H,W], normalised. */
  readonly images: Float32Array;
  /** [N,classes]: rows that sum to 1. */
  readonly targets: Float32Array;
  /** [N]: the class of each image (of the first of the two that mixup mixes). */
  readonly labels: Int32Array;
  /** [N]: where each image stands in the split's image set. */
  readonly indices: Uint32Array;
  /** The number of real rows. */
  count: number;
}

export interface BatchOptions {
  /** N: the rows of every batch. */
  readonly batch: number;
  readonly classes: number;
  readonly statistics: ChannelStatistics;
}

export interface TrainingOptions extends BatchOptions {
  readonly seed: number;
  readonly augmentation?: Augmentation;
  /** Whether the last partial batch of an epoch is left out ("drop", as when absent) or kept. */
  readonly last?: "drop" | "keep";
}

export interface TrainingBatches {
  readonly batch: number;
  /** Batches in an epoch. */
  readonly steps: number;
  /** Images in an epoch. */
  readonly count: number;
  /** Batch `step` (0 … steps−1) of epoch `epoch`, written over `into` where it is given. */
  load(epoch: number, step: number, into?: Batch): Batch;
}

export interface EvaluationBatches {
  readonly batch: number;
  readonly steps: number;
  readonly count: number;
  /** Batch `step` (0 … steps−1), in the split's order, written over `into` where it is given. */
  load(step: number, into?: Batch): Batch;
}

/** The order of the images in an epoch: a permutation of 0 … count−1 that depends on the seed and the epoch only. */
export function epochOrder(count: number, seed: number, epoch: number): Uint32Array {
  return new Random(streamSeed("order", seed, epoch)).permutation(count);
}

/** Shuffled, augmented batches for training. Throws a SabokError for a split smaller than one batch, unless the last is kept. */
export function trainingBatches(split: Split, options: TrainingOptions): TrainingBatches {
  const { batch, classes, seed, augmentation = {}, last = "drop" } = options;
  checkBatch(split, batch);
  const { images, indices } = split;
  if (last === "drop" && indices.length < batch)
    throw new SabokError(
      `batches: the split has ${indices.length} images, fewer than one batch of ${batch}; ` +
        `take a batch of at most ${indices.length}, or keep the last partial batch.`,
    );
  const steps = last === "drop" ? Math.floor(indices.length / batch) : Math.ceil(indices.length / batch);
  const size = images.channels * images.height * images.width;
  const write = imageWriter(images, options.statistics, augmentation);
  const { mixup = 0 } = augmentation;
  const other = mixup > 0 ? new Float32Array(size) : undefined;
  let order = { epoch: -1, positions: new Uint32Array() as Uint32Array };

  const load = (epoch: number, step: number, into = emptyBatch(split, options)): Batch => {
    invariant(step >= 0 && step < steps, `batch ${step} of ${steps}`);
    if (order.epoch !== epoch) order = { epoch, positions: epochOrder(indices.length, seed, epoch) };
    const drawSeed = streamSeed("augment", seed, epoch);
    const imageAt = (position: number) => indices[order.positions[position]!]!;
    startBatch(into, Math.min(batch, indices.length - step * batch), size);
    for (let row = 0; row < into.count; row++) {
      const position = step * batch + row;
      const image = imageAt(position);
      const label = images.labels[image]!;
      write(into.images, row * size, image, drawSeed, position);
      into.labels[row] = label;
      into.indices[row] = image;
      if (other === undefined) {
        into.targets[row * classes + label] = 1;
        continue;
      }
      const partnerPosition = Math.floor(uniformAt(drawSeed, draws.partner, position) * indices.length);
      const partner = imageAt(partnerPosition);
      const weight = betaAt(mixup, drawSeed, position);
      write(other, 0, partner, drawSeed, partnerPosition);
      mix(into.images, row * size, other, weight);
      into.targets[row * classes + label]! += weight;
      into.targets[row * classes + images.labels[partner]!]! += 1 - weight;
    }
    return into;
  };
  return { batch, steps, count: last === "drop" ? steps * batch : indices.length, load };
}

/** Batches in the split's own order, not augmented; the last one may have padding rows. */
export function evaluationBatches(split: Split, options: BatchOptions): EvaluationBatches {
  const { batch, classes } = options;
  checkBatch(split, batch);
  const { images, indices } = split;
  const steps = Math.ceil(indices.length / batch);
  const size = images.channels * images.height * images.width;
  const write = imageWriter(images, options.statistics);

  const load = (step: number, into = emptyBatch(split, options)): Batch => {
    invariant(step >= 0 && step < steps, `batch ${step} of ${steps}`);
    startBatch(into, Math.min(batch, indices.length - step * batch), size);
    for (let row = 0; row < into.count; row++) {
      const image = indices[step * batch + row]!;
      write(into.images, row * size, image, 0, 0);
      into.labels[row] = images.labels[image]!;
      into.indices[row] = image;
      into.targets[row * classes + images.labels[image]!] = 1;
    }
    return into;
  };
  return { batch, steps, count: indices.length, load };
}

function emptyBatch({ images }: Split, { batch, classes }: BatchOptions): Batch {
  return {
    images: new Float32Array(batch * images.channels * images.height * images.width),
    targets: new Float32Array(batch * classes),
    labels: new Int32Array(batch),
    indices: new Uint32Array(batch),
    count: 0,
  };
}

function startBatch(into: Batch, count: number, size: number): void {
  into.count = count;
  into.targets.fill(0);
  into.images.fill(0, count * size);
  into.labels.fill(-1, count);
  into.indices.fill(0, count);
}

function checkBatch(split: Split, batch: number): void {
  if (!Number.isInteger(batch) || batch < 1)
    throw new SabokError(`batches: got a batch of ${batch} images; expected a whole number of at least 1.`);
  if (split.indices.length === 0) throw new SabokError("batches: the split has no images.");
}

function streamSeed(name: string, seed: number, epoch: number): number {
  return mix32(mix32(seed ^ hashName(name)) + Math.imul(epoch, 0x9e3779b9));
}

/** A Beta(alpha, alpha) number as a quotient of Gamma numbers: X / (X + Y). */
function betaAt(alpha: number, seed: number, position: number): number {
  const random = new Random(mix32(mix32(position ^ seed) + draws.weight));
  const x = random.gamma(alpha);
  const y = random.gamma(alpha);
  return x + y > 0 ? x / (x + y) : 1; // both underflow only for an alpha so small that the weight is 0 or 1 anyway
}

function mix(out: Float32Array, offset: number, other: Float32Array, weight: number): void {
  for (let i = 0; i < other.length; i++)
    out[offset + i] = weight * out[offset + i]! + (1 - weight) * other[i]!;
}
