// How a network is trained unless the user says otherwise: every number of it stands here.
import { SabokError } from "../core/index.ts";
import type { Augmentation, Dataset } from "../data/index.ts";
import type { FitOptions, Optimizer } from "../train/index.ts";

/** What the user may decide about training; what is left out takes the default. */
export interface TrainingChoices {
  readonly epochs?: number;
  readonly batch?: number;
  readonly optimizer?: Optimizer["kind"];
  /** The peak learning rate. */
  readonly learningRate?: number;
  readonly weightDecay?: number;
  readonly warmupEpochs?: number;
  readonly smoothing?: number;
  /** Decay of the averaged weights; 0 for none. */
  readonly averageDecay?: number;
  /** Largest shift in pixels; 0 for none. */
  readonly shift?: number;
  readonly flip?: boolean;
  /** mixup's alpha; 0 for none. */
  readonly mixup?: number;
  readonly seed?: number;
}

export const defaults = {
  batch: 64,
  optimizer: "adamw",
  warmupEpochs: 1,
  smoothing: 0.1,
  averageDecay: 0.998,
  seed: 1,
  /** Epochs are as many as show the network about this many images … */
  imagesSeen: 160_000,
  /** … within these bounds. */
  epochs: { least: 12, most: 60 },
  /** Least steps of an epoch: data sets of few images take smaller batches. */
  leastSteps: 8,
  sgd: { learningRate: 0.1, weightDecay: 5e-4, momentum: 0.9, nesterov: true },
  adamw: { learningRate: 4e-3, weightDecay: 0.05, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  /** The learning rates above are for this batch; another batch scales SGD's in proportion and AdamW's by the root. */
  referenceBatch: 64,
  /** Where all of a network that has learnt elsewhere is trained on, the share of the learning rates above. */
  fineTuning: 0.1,
} as const;

/** The options of a training run on a data set. Throws a SabokError where they cannot be met. */
export function trainingOptions(choices: TrainingChoices, dataset: Dataset, fineTuning = false): FitOptions {
  const images = dataset.train.indices.length;
  const batch = choices.batch ?? defaultBatch(images);
  if (batch > images)
    throw new SabokError(
      `--batch ${batch} is more than the ${images} training images; take at most ${images}.`,
    );
  const kind = choices.optimizer ?? defaults.optimizer;
  const epochs = choices.epochs ?? defaultEpochs(images);
  return {
    epochs,
    batch,
    optimizer: optimizerOf(kind, choices.weightDecay),
    learningRate: choices.learningRate ?? defaultRate(kind, batch) * (fineTuning ? defaults.fineTuning : 1),
    warmupEpochs: Math.min(choices.warmupEpochs ?? defaults.warmupEpochs, epochs),
    smoothing: choices.smoothing ?? defaults.smoothing,
    averageDecay: choices.averageDecay ?? defaults.averageDecay,
    augmentation: augmentationOf(choices, dataset.augmentation),
    seed: choices.seed ?? defaults.seed,
  };
}

function defaultBatch(images: number): number {
  let batch: number = defaults.batch;
  while (batch > 2 && batch * defaults.leastSteps > images) batch /= 2;
  return batch;
}

function defaultEpochs(images: number): number {
  const { least, most } = defaults.epochs;
  return Math.min(most, Math.max(least, Math.round(defaults.imagesSeen / images)));
}

function defaultRate(kind: Optimizer["kind"], batch: number): number {
  const ratio = batch / defaults.referenceBatch;
  return defaults[kind].learningRate * (kind === "sgd" ? ratio : Math.sqrt(ratio));
}

function optimizerOf(kind: Optimizer["kind"], chosenDecay: number | undefined): Optimizer {
  const weightDecay = chosenDecay ?? defaults[kind].weightDecay;
  if (kind === "sgd") {
    const { momentum, nesterov } = defaults.sgd;
    return { kind, momentum, nesterov, weightDecay };
  }
  const { beta1, beta2, epsilon } = defaults.adamw;
  return { kind, beta1, beta2, epsilon, weightDecay };
}

/** The data set's own augmentation, with what the user decided in its place. */
function augmentationOf({ shift, flip, mixup }: TrainingChoices, own: Augmentation): Augmentation {
  return {
    ...own,
    ...(shift !== undefined && { shift }),
    ...(flip !== undefined && { flip }),
    ...(mixup !== undefined && { mixup }),
  };
}
