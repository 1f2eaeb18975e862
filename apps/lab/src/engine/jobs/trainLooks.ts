// Looks into a network while it trains: how the signal travels through its layers, how far batch norm's running statistics
// are from those of the images, and what it takes held-out images for. Compiled once a run.
import {
  signalProbe,
  statisticsProbe,
  type LayerSignal,
  type SignalProbe,
  type StatisticsProbe,
} from "sabok/analysis";
import { evaluationBatches, pixelsOf, type Dataset, type ImageSet, type Split } from "sabok/data";
import { createEvaluationSession, evaluateClassifier, type NextStep } from "sabok/train";
import type { Graph, Session, Tensor } from "sabok";

/** One reading of all. */
export interface Look {
  /** Steps done when it was taken. */
  readonly step: number;
  readonly layers: readonly Pick<LayerSignal, "name" | "meanSquare" | "gradient" | "gradientToWeight">[];
  /** By batch norm: see StatisticsShift in sabok/analysis. */
  readonly norms: readonly { readonly name: string; readonly shift: number; readonly ratio: number }[];
  /** For each held-out picture. */
  readonly guesses: readonly { readonly predicted: number; readonly confidence: number }[];
  /** What the look took, in milliseconds. */
  readonly took: number;
}

/** A held-out image as a canvas has it. */
export interface HeldOut {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  readonly label: number;
}

interface Statistics {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Looks take at most this share of the time. */
const share = 0.05;
/** At least this long between looks while the run goes, in milliseconds. */
const pause = 400;
const signalImages = 16;
const normImages = 64;

export class Looks {
  readonly pictures: readonly HeldOut[];
  private nextAt = 0;
  private taken = 0;
  private readonly signals: SignalProbe;
  private readonly statistics: StatisticsProbe;
  private readonly guesser: Session;
  private readonly heldOut: ReturnType<typeof evaluationBatches>;
  private readonly signalBatch: { images: Float32Array; labels: Int32Array };
  private readonly normBatch: Float32Array;

  private constructor(
    dataset: Dataset,
    statistics: Statistics,
    indices: Uint32Array,
    sessions: { signals: SignalProbe; norms: StatisticsProbe; guesser: Session },
  ) {
    const split = dataset.validation.indices.length > 0 ? dataset.validation : dataset.test;
    const classes = dataset.classes.length;
    const batches = (of: Split, batch: number) => evaluationBatches(of, { batch, classes, statistics });
    const count = (wanted: number): number => Math.min(wanted, dataset.train.indices.length);
    this.signals = sessions.signals;
    this.statistics = sessions.norms;
    this.guesser = sessions.guesser;
    this.heldOut = batches({ images: split.images, indices }, indices.length);
    this.pictures = Array.from(indices, (index) => pictureOf(split.images, index));
    const { images, labels } = batches(dataset.train, count(signalImages)).load(0);
    this.signalBatch = { images, labels };
    this.normBatch = batches(dataset.train, count(normImages)).load(0).images;
  }

  /** `pictures` is how many held-out images are watched. */
  static async create(
    graph: Graph,
    dataset: Dataset,
    statistics: Statistics,
    pictures: number,
  ): Promise<Looks> {
    const split = dataset.validation.indices.length > 0 ? dataset.validation : dataset.test;
    const indices = spread(split, dataset.classes.length, pictures);
    const count = (wanted: number): number => Math.min(wanted, dataset.train.indices.length);
    return new Looks(dataset, statistics, indices, {
      signals: await signalProbe(graph, { batch: count(signalImages) }),
      norms: await statisticsProbe(graph, count(normImages)),
      guesser: await createEvaluationSession(graph, indices.length),
    });
  }

  /** Whether enough time has gone by since the last look. */
  isDue(now: number): boolean {
    return now >= this.nextAt;
  }

  async take(step: number, weights: NextStep["weights"]): Promise<Look> {
    const begun = performance.now();
    const trained = weights("trained");
    const layers = await this.signals.measure(trained, this.signalBatch.images, this.signalBatch.labels);
    const norms = await this.statistics.measure(trained, this.normBatch);
    const guesses = await this.guess(weights("kept"));
    const ended = performance.now();
    const took = ended - begun;
    // The first one also pays for warming up, so the next is not long in coming.
    this.nextAt = ended + (this.taken++ === 0 ? pause : Math.max(pause, took * (1 / share - 1)));
    return {
      step,
      took,
      guesses,
      layers: layers.map(({ name, meanSquare, gradient, gradientToWeight }) => ({
        name,
        meanSquare,
        gradient,
        gradientToWeight,
      })),
      norms: [...norms].map(([name, { shift, ratio }]) => ({ name, shift, ratio })),
    };
  }

  close(): void {
    this.signals.close();
    this.statistics.close();
    this.guesser.close();
  }

  private async guess(weights: ReadonlyMap<string, Tensor>): Promise<Look["guesses"]> {
    this.guesser.setStates(weights);
    const { predictions } = await evaluateClassifier(this.guesser, this.heldOut);
    return predictions.map(({ predicted, confidence }) => ({ predicted, confidence }));
  }
}

/** So many images of a split, the classes in turn, so that each is seen. */
export function spread({ images, indices }: Split, classes: number, wanted: number): Uint32Array {
  const members = Array.from({ length: classes }, (): number[] => []);
  for (const index of indices) members[images.labels[index]!]!.push(index);
  const chosen: number[] = [];
  for (let turn = 0; chosen.length < Math.min(wanted, indices.length); turn++)
    for (const own of members) if (own[turn] !== undefined && chosen.length < wanted) chosen.push(own[turn]!);
  return Uint32Array.from(chosen);
}

function pictureOf(images: ImageSet, index: number): HeldOut {
  const { width, height, channels, labels } = images;
  const plane = width * height;
  const pixels = pixelsOf(images, index);
  const data = new Uint8ClampedArray(4 * plane);
  for (let i = 0; i < plane; i++) {
    for (let channel = 0; channel < 3; channel++)
      data[4 * i + channel] = pixels[(channels === 1 ? 0 : channel) * plane + i]!;
    data[4 * i + 3] = 255;
  }
  return { width, height, data, label: labels[index]! };
}
