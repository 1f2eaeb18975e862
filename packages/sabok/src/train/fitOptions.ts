// What a training run is asked for, what it tells while it runs, and what it gives.
import type { Tensor } from "../core/index.ts";
import type { Augmentation, ChannelStatistics } from "../data/index.ts";
import type { Network } from "../nn/index.ts";
import type { Optimizer } from "./optimizer.ts";

export interface FitOptions {
  readonly epochs: number;
  readonly batch: number;
  readonly optimizer: Optimizer;
  /** The peak learning rate; see schedule.ts. */
  readonly learningRate: number;
  readonly warmupEpochs: number;
  readonly smoothing: number;
  /** Decay of the averaged weights, 0 for none. The averaged weights are the ones kept. */
  readonly averageDecay: number;
  readonly augmentation: Augmentation;
  readonly seed: number;
  /** Threads that share the work; the result is the same for any number. Default 1. */
  readonly threads?: number;
  /** Only these parameters are trained; default all. */
  readonly trainable?: (name: string) => boolean;
  /** Batch norm by the running statistics, which then stay as they are; default by the batch's. */
  readonly freezeStatistics?: boolean;
  /** What images are normalised by; default the training split's own. */
  readonly statistics?: ChannelStatistics;
}

/** Everything a run needs to go on as if it had never stopped. */
export interface Checkpoint {
  /** The next step to run: epoch, and step within it, both from 0. */
  readonly epoch: number;
  readonly step: number;
  /** Sums over the steps of the unfinished epoch. */
  readonly running: {
    readonly loss: number;
    readonly correct: number;
    readonly seen: number;
    readonly seconds: number;
  };
  readonly history: readonly EpochMetrics[];
  readonly states: ReadonlyMap<string, Tensor>;
}

export interface EpochMetrics {
  /** From 1. */
  readonly epoch: number;
  /** Mean training loss, with smoothing and augmentation as trained. */
  readonly loss: number;
  /** Accuracy on the training batches as they were seen. */
  readonly accuracy: number;
  /** On the validation split with the kept weights; absent where the split is empty. */
  readonly validation?: { readonly loss: number; readonly accuracy: number };
  readonly learningRate: number;
  readonly imagesPerSecond: number;
  readonly seconds: number;
}

export interface Progress {
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  /** Means over the epoch so far. */
  readonly loss: number;
  readonly accuracy: number;
  /** Of the step just done. */
  readonly batchLoss: number;
  readonly batchAccuracy: number;
  readonly learningRate: number;
  readonly imagesPerSecond: number;
  readonly remainingSeconds: number;
}

/** A run between two steps: where a page looks into it. */
export interface NextStep {
  /** The step that comes next: epoch, and step within it, both from 0. */
  readonly epoch: number;
  readonly step: number;
  /** The learning rate that the schedule gives it. */
  readonly learningRate: number;
  /** Copies of the network's weights and running statistics: as trained so far, or as they would be kept (averaged). */
  weights(which: "trained" | "kept"): Map<string, Tensor>;
}

export interface FitHooks {
  /**
   * Called before each step; where it gives a promise the run waits for it, so a promise that stays open is a pause. The
   * number it gives is the step's learning rate, undefined leaves the schedule's. Waiting and looking change no bit of
   * the result; a changed rate does, and is not in the checkpoint: after a resume it is for this hook to give it again.
   */
  readonly beforeStep?: (next: NextStep) => number | undefined | Promise<number | undefined>;
  readonly onStep?: (progress: Progress) => void;
  /** Awaited after each epoch, and before the first: write the checkpoint here. */
  readonly onEpoch?: (metrics: EpochMetrics | undefined, checkpoint: Checkpoint) => void | Promise<void>;
  /** Stops after the step at hand; `fit` then returns with `stopped` and the checkpoint to go on from. */
  readonly signal?: AbortSignal;
  readonly resume?: Checkpoint;
}

export interface FitResult {
  /** The network with the kept weights: the averaged ones where there is an average. */
  readonly network: Network;
  readonly history: readonly EpochMetrics[];
  readonly stopped: boolean;
  readonly checkpoint: Checkpoint;
  readonly statistics: ChannelStatistics;
  readonly backend: string;
}
