// One training run in the worker: the library's own recipe, held and steered by the page, looked into as it goes.
import type { Dataset } from "sabok/data";
import {
  fitImages,
  loadRun,
  memoryStore,
  runFiles,
  type ChosenNetwork,
  type FitEvent,
  type NetworkChoice,
  type TrainingChoices,
} from "sabok/recipes";
import type { EpochMetrics, NextStep, Progress } from "sabok/train";
import { version } from "../../../package.json";
import type { JobContext } from "../job.ts";
import { RunControls, trainRuns } from "./trainControls.ts";
import { openImages, type ImageSource } from "./trainImages.ts";
import { Looks, type HeldOut, type Look } from "./trainLooks.ts";

export interface TrainRequest {
  /** What the page calls the run, for `trainSteer`. */
  readonly run: string;
  readonly source: ImageSource;
  readonly network: NetworkChoice;
  readonly training: TrainingChoices;
  readonly threads: number;
  /** Whether it waits before the first step. */
  readonly held: boolean;
  /** The command that does the same, for the report. */
  readonly command: string;
}

/** One step, or the mean of a few. */
export interface StepPoint {
  /** Steps done, this one included. */
  readonly step: number;
  readonly loss: number;
  readonly accuracy: number;
  readonly rate: number;
}

export type TrainReport =
  | { readonly kind: "reading"; readonly done: number; readonly total: number }
  | { readonly kind: "note"; readonly text: string }
  | {
      readonly kind: "data";
      readonly name: string;
      readonly source: string;
      readonly classes: readonly string[];
      readonly counts: { readonly train: number; readonly validation: number; readonly test: number };
      /** [channels, height, width]. */
      readonly shape: readonly number[];
    }
  | { readonly kind: "network"; readonly chosen: ChosenNetwork }
  | {
      readonly kind: "training";
      readonly epochs: number;
      readonly batch: number;
      /** Of an epoch. */
      readonly steps: number;
      readonly peak: number;
      readonly backend: string;
    }
  | { readonly kind: "pictures"; readonly pictures: readonly HeldOut[] }
  | {
      readonly kind: "steps";
      readonly points: readonly StepPoint[];
      readonly progress: Progress;
      /** Over the last seconds by the clock, looks included, holds not. */
      readonly imagesPerSecond: number;
    }
  | { readonly kind: "epoch"; readonly metrics: EpochMetrics }
  | { readonly kind: "look"; readonly look: Look }
  | { readonly kind: "held" | "going" | "testing" };

export interface TrainResult {
  readonly onnx: Uint8Array;
  readonly report: string;
  readonly test: { readonly accuracy: number; readonly loss: number; readonly count: number };
  /** The largest difference of the folded network's logits, and the batch norms folded. */
  readonly folding: { readonly layers: number; readonly largestDifference: number };
  readonly seconds: number;
  readonly backend: string;
}

/** Reports of steps go out this often, in milliseconds. */
const reportEvery = 200;
/** The speed is that of the last so many milliseconds. */
const speedWindow = 4000;
const watched = 30;

/** Runs to the end, or to `finish`. Undefined where it was stopped. Throws what the recipe throws. */
export async function train(
  request: TrainRequest,
  context: JobContext<TrainReport>,
): Promise<TrainResult | undefined> {
  const { run, source, network, training, threads, held, command } = request;
  const { signal } = context;
  const controls = new RunControls(signal, held);
  const store = memoryStore(run);
  const steps = new StepReports(context.progress);
  let dataset: Dataset | undefined;
  let looks: Looks | undefined;
  let options: { readonly epochSteps: number; readonly peak: number } | undefined;
  trainRuns.set(run, controls);

  const open = async (_: unknown, seed: number): Promise<Dataset> =>
    openImages(source, seed, {
      signal,
      onRead: throttled((done, total) => context.progress({ kind: "reading", done, total })),
      onNote: (text) => context.progress({ kind: "note", text }),
    });

  const onEvent = (event: FitEvent): void => {
    if (event.type === "data") context.progress(describe((dataset = event.dataset)));
    if (event.type === "network") context.progress({ kind: "network", chosen: event.chosen });
    if (event.type === "note") context.progress({ kind: "note", text: event.text });
    if (event.type === "training") {
      const { epochs, batch, learningRate: peak } = event.options;
      const epochSteps = Math.floor(dataset!.train.indices.length / batch);
      options = { epochSteps, peak };
      steps.batch = batch;
      context.progress({ kind: "training", epochs, batch, steps: epochSteps, peak, backend: event.backend });
    }
    if (event.type === "step") steps.add(event.progress);
    if (event.type === "epoch") {
      steps.flush();
      context.progress({ kind: "epoch", metrics: event.metrics });
    }
    if (event.type === "testing") {
      steps.flush();
      context.progress({ kind: "testing" });
    }
  };

  const beforeStep = async (next: NextStep): Promise<number | undefined> => {
    const { epochSteps, peak } = options!;
    const done = next.epoch * epochSteps + next.step;
    looks ??= await openLooks();
    if (controls.isHeld || looks.isDue(performance.now()))
      context.progress({ kind: "look", look: await looks.take(done, next.weights) });
    await controls.pass(
      () => steps.hold(),
      () => steps.go(),
    );
    steps.begin();
    return controls.peak === undefined ? undefined : next.learningRate * (controls.peak / peak);
  };

  const openLooks = async (): Promise<Looks> => {
    const { graph, statistics } = await loadRun(store);
    const opened = await Looks.create(graph, dataset!, statistics, watched);
    context.progress({ kind: "pictures", pictures: opened.pictures });
    return opened;
  };

  try {
    const outcome = await fitImages(
      { source: { data: nameOf(source) }, network, training, provenance: { command, version } },
      open,
      store,
      { onEvent, beforeStep, signal, enough: controls.enough.signal, threads },
    );
    if (outcome.stopped) return undefined;
    const { weights } = await loadRun(store);
    if (looks) context.progress({ kind: "look", look: await looks.take(steps.done, () => new Map(weights)) });
    const onnx = (await store.read(runFiles.onnx))!;
    const { test, folding, seconds, backend } = outcome;
    context.transfer([onnx.buffer as ArrayBuffer]);
    return {
      onnx,
      report: new TextDecoder().decode(await store.read(runFiles.report)),
      test: { accuracy: test.accuracy, loss: test.loss, count: test.count },
      folding: { layers: folding.layers, largestDifference: folding.largestDifference },
      seconds,
      backend,
    };
  } finally {
    looks?.close();
    trainRuns.delete(run);
  }
}

/** Gathers steps and sends them a few times a second, with the speed by the clock. */
class StepReports {
  batch = 0;
  /** Steps done. */
  done = 0;
  private points: StepPoint[] = [];
  private last: Progress | undefined;
  private sent = 0;
  private images = 0;
  private heldSince: number | undefined;
  private heldFor = 0;
  private readonly marks: { readonly at: number; readonly images: number }[] = [];
  private readonly send: (report: TrainReport) => void;

  constructor(send: (report: TrainReport) => void) {
    this.send = send;
  }

  /** Called before each step; the speed is counted from the first. */
  begin(): void {
    if (this.marks.length === 0) this.marks.push({ at: this.clock(), images: 0 });
  }

  add(progress: Progress): void {
    const { epoch, steps, step, batchLoss, batchAccuracy, learningRate } = progress;
    this.done = (epoch - 1) * steps + step;
    this.points.push({
      step: this.done,
      loss: batchLoss,
      accuracy: batchAccuracy,
      rate: learningRate,
    });
    this.last = progress;
    this.images += this.batch;
    if (performance.now() - this.sent > reportEvery) this.flush();
  }

  flush(): void {
    if (this.points.length === 0 || !this.last) return;
    const now = { at: this.clock(), images: this.images };
    this.marks.push(now);
    while (this.marks.length > 2 && now.at - this.marks[1]!.at > speedWindow) this.marks.shift();
    const from = this.marks[0]!;
    this.send({
      kind: "steps",
      points: this.points,
      progress: this.last,
      imagesPerSecond: (1000 * (now.images - from.images)) / (now.at - from.at),
    });
    this.points = [];
    this.sent = performance.now();
  }

  hold(): void {
    this.flush();
    this.heldSince = performance.now();
    this.send({ kind: "held" });
  }

  go(): void {
    if (this.heldSince === undefined) return;
    this.heldFor += performance.now() - this.heldSince;
    this.heldSince = undefined;
    this.send({ kind: "going" });
  }

  /** Milliseconds that the run was not held. */
  private clock(): number {
    return performance.now() - this.heldFor;
  }
}

function describe({
  name,
  source,
  classes,
  train,
  validation,
  test,
  channels,
  height,
  width,
}: Dataset): TrainReport {
  const counts = {
    train: train.indices.length,
    validation: validation.indices.length,
    test: test.indices.length,
  };
  return { kind: "data", name, source, classes, counts, shape: [channels, height, width] };
}

function nameOf(source: ImageSource): string {
  return source.kind === "fashion-mnist" ? source.kind : "dropped images";
}

/** Passes on a count about ten times a second, and its end. */
function throttled(tell: (done: number, total: number) => void): (done: number, total: number) => void {
  let told = 0;
  return (done, total) => {
    const now = performance.now();
    if (done < total && now - told < 100) return;
    told = now;
    tell(done, total);
  };
}
