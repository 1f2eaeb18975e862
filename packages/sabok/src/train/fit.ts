// The training loop: epochs of steps over a data set, interruptible after any step and resumable to the same bits.
import { NonFiniteError, SabokError, type Tensor } from "../core/index.ts";
import {
  channelStatistics,
  evaluationBatches,
  trainingBatches,
  type Batch,
  type ChannelStatistics,
  type Dataset,
  type TrainingBatches,
} from "../data/index.ts";
import { isState, type Graph } from "../graph/index.ts";
import type { Network } from "../nn/index.ts";
import { createSession, type Session } from "../runtime/index.ts";
import { createEvaluationSession, evaluateClassifier, type Evaluation } from "./evaluate.ts";
import { findNonFinite } from "./findNonFinite.ts";
import type {
  Checkpoint,
  EpochMetrics,
  FitHooks,
  FitOptions,
  FitResult,
  NextStep,
  Progress,
} from "./fitOptions.ts";
import { nextTask } from "./nextTask.ts";
import { averagingAmountAt, learningRateAt, type Schedule } from "./schedule.ts";
import { averagedName, initialStates, trainingGraph } from "./trainingGraph.ts";

/** A pending signal or a page's events are let in this often, in milliseconds. */
const yieldEvery = 50;

/** The states to go back to for finding a non-finite value are renewed this often, in steps. */
const snapshotEvery = 64;

/**
 * Trains a classifier. The result depends on the network's weights, the data set and the options only: the same
 * seed gives the same bits, stopped and resumed or not.
 * Throws NonFiniteError, naming the step and the layer, where the loss leaves the finite range.
 */
export async function fit(
  network: Network,
  dataset: Dataset,
  options: FitOptions,
  hooks: FitHooks = {},
): Promise<FitResult> {
  const run = await FitRun.create(network, dataset, options, hooks);
  try {
    return await run.train();
  } finally {
    run.close();
  }
}

class FitRun {
  private epoch = 0;
  private step = 0;
  private running = { loss: 0, correct: 0, seen: 0, seconds: 0 };
  /** The learning rates of this epoch's steps so far. */
  private rates: number[] = [];
  private history: EpochMetrics[] = [];
  private readonly schedule: Schedule;
  private readonly batches: TrainingBatches;
  private readonly statistics: ChannelStatistics;
  private readonly network: Network;
  private readonly dataset: Dataset;
  private readonly options: FitOptions;
  private readonly hooks: FitHooks;
  private readonly session: Session;
  private readonly evaluation: Session;

  private constructor(
    network: Network,
    dataset: Dataset,
    options: FitOptions,
    hooks: FitHooks,
    session: Session,
    evaluation: Session,
  ) {
    this.network = network;
    this.dataset = dataset;
    this.options = options;
    this.hooks = hooks;
    this.session = session;
    this.evaluation = evaluation;
    this.statistics = options.statistics ?? channelStatistics(dataset.train);
    const { batch, seed, augmentation } = options;
    this.batches = trainingBatches(dataset.train, {
      batch,
      classes: dataset.classes.length,
      statistics: this.statistics,
      seed,
      augmentation,
    });
    this.schedule = {
      peak: options.learningRate,
      warmupSteps: Math.round(options.warmupEpochs * this.batches.steps),
      totalSteps: options.epochs * this.batches.steps,
    };
    if (hooks.resume) this.restore(hooks.resume);
    else session.setStates(initialStates(session.graph, network.weights));
  }

  static async create(
    network: Network,
    dataset: Dataset,
    options: FitOptions,
    hooks: FitHooks,
  ): Promise<FitRun> {
    const {
      batch,
      optimizer,
      smoothing,
      averageDecay,
      threads = 1,
      trainable,
      freezeStatistics = false,
    } = options;
    const graph = trainingGraph(network.graph, {
      batch,
      optimizer,
      smoothing,
      average: averageDecay > 0,
      freezeStatistics,
      ...(trainable && { trainable }),
    });
    const session = await createSession(graph, { threads });
    const evaluation = await createEvaluationSession(network.graph, batch, { threads });
    return new FitRun(network, dataset, options, hooks, session, evaluation);
  }

  close(): void {
    this.session.close();
    this.evaluation.close();
  }

  async train(): Promise<FitResult> {
    const { epochs } = this.options;
    if (!this.hooks.resume) await this.hooks.onEpoch?.(undefined, this.checkpoint());
    while (this.epoch < epochs) {
      if (!(await this.trainEpoch())) return this.result(true);
      const metrics = await this.epochMetrics();
      this.history.push(metrics);
      this.epoch++;
      this.step = 0;
      this.running = { loss: 0, correct: 0, seen: 0, seconds: 0 };
      this.rates = [];
      await this.hooks.onEpoch?.(metrics, this.checkpoint());
    }
    return this.result(false);
  }

  /** False where the signal stopped it before the epoch's end. */
  private async trainEpoch(): Promise<boolean> {
    let batch: Batch | undefined;
    let yielded = performance.now();
    let snapshot = { step: this.step, states: this.session.getStates() };
    while (this.step < this.batches.steps) {
      if (this.hooks.signal?.aborted) return false;
      this.rates[this.step] = await this.nextRate();
      if (this.hooks.signal?.aborted) return false;
      if (this.step - snapshot.step >= snapshotEvery)
        snapshot = { step: this.step, states: this.session.getStates() };
      const begun = performance.now();
      batch = this.batches.load(this.epoch, this.step, batch);
      const { loss, logits } = await this.session.run(this.feeds(this.step, batch));
      if (!Number.isFinite(loss!.data[0])) throw await this.nonFinite(snapshot);
      const correct = countCorrect(logits!, batch);
      this.running.loss += loss!.data[0]! * batch.count;
      this.running.correct += correct;
      this.running.seen += batch.count;
      this.running.seconds += (performance.now() - begun) / 1000;
      this.step++;
      this.hooks.onStep?.(this.progress(loss!.data[0]!, correct / batch.count));
      if (performance.now() - yielded < yieldEvery) continue;
      await nextTask();
      yielded = performance.now();
    }
    return true;
  }

  /** The coming step's learning rate: the schedule's, unless the hook gives another. */
  private async nextRate(): Promise<number> {
    const { epoch, step, hooks } = this;
    const learningRate = learningRateAt(this.schedule, this.stepOfRun(step));
    if (!hooks.beforeStep) return learningRate;
    const weights: NextStep["weights"] = (which) =>
      which === "kept" ? this.keptWeights() : this.session.getStates(statesNames(this.network.graph));
    const rate = (await hooks.beforeStep({ epoch, step, learningRate, weights })) ?? learningRate;
    if (rate >= 0 && Number.isFinite(rate)) return rate;
    throw new SabokError(
      `beforeStep gave the learning rate ${rate} for step ${step + 1} of epoch ${epoch + 1}; expected a finite number of at least 0.`,
    );
  }

  /** Of a step of this epoch: its number in the whole run, from 0. */
  private stepOfRun(step: number): number {
    return this.epoch * this.batches.steps + step;
  }

  private feeds(step: number, batch: Batch): Record<string, Float32Array> {
    const [input] = Object.keys(this.network.graph.inputs);
    return {
      [input!]: batch.images,
      target: batch.targets,
      rate: Float32Array.of(this.rates[step]!),
      averaging: Float32Array.of(averagingAmountAt(this.options.averageDecay, this.stepOfRun(step))),
    };
  }

  private async nonFinite(snapshot: {
    step: number;
    states: ReadonlyMap<string, Tensor>;
  }): Promise<NonFiniteError> {
    const failed = this.stepOfRun(this.step) + 1;
    const feedsOf = (step: number) => this.feeds(step, this.batches.load(this.epoch, step));
    const where = await findNonFinite(this.session, snapshot.states, snapshot.step, this.step, feedsOf);
    return new NonFiniteError(
      `The loss left the finite range at step ${failed} (epoch ${this.epoch + 1}, batch ${this.step + 1}): ${where}. ` +
        `The last checkpoint is kept. Try a lower learning rate (now ${this.options.learningRate}, at this step ${this.rates[this.step]}) or a longer warm-up.`,
    );
  }

  private async epochMetrics(): Promise<EpochMetrics> {
    const { loss, correct, seen, seconds } = this.running;
    const metrics: EpochMetrics = {
      epoch: this.epoch + 1,
      loss: loss / seen,
      accuracy: correct / seen,
      learningRate: this.rates.at(-1)!,
      imagesPerSecond: seen / seconds,
      seconds,
    };
    if (this.dataset.validation.indices.length === 0) return metrics;
    const validation = await this.evaluate();
    return { ...metrics, validation: { loss: validation.loss, accuracy: validation.accuracy } };
  }

  private evaluate(): Promise<Evaluation> {
    this.evaluation.setStates(this.keptWeights());
    const { batch } = this.options;
    const classes = this.dataset.classes.length;
    return evaluateClassifier(
      this.evaluation,
      evaluationBatches(this.dataset.validation, { batch, classes, statistics: this.statistics }),
    );
  }

  private keptWeights(): Map<string, Tensor> {
    const averaged = this.options.averageDecay > 0;
    const names = new Set(statesNames(this.session.graph));
    const wanted = statesNames(this.network.graph).map(
      (name) => [name, averaged && names.has(averagedName(name)) ? averagedName(name) : name] as const,
    );
    const states = this.session.getStates(wanted.map(([, from]) => from));
    return new Map(wanted.map(([name, from]) => [name, states.get(from)!]));
  }

  private progress(batchLoss: number, batchAccuracy: number): Progress {
    const { loss, correct, seen, seconds } = this.running;
    const { epochs, batch } = this.options;
    const imagesPerSecond = seen / seconds;
    const remaining = (epochs - this.epoch) * this.batches.steps - this.step;
    return {
      epoch: this.epoch + 1,
      epochs,
      step: this.step,
      steps: this.batches.steps,
      loss: loss / seen,
      accuracy: correct / seen,
      batchLoss,
      batchAccuracy,
      learningRate: this.rates[this.step - 1]!,
      imagesPerSecond,
      remainingSeconds: (remaining * batch) / imagesPerSecond,
    };
  }

  private checkpoint(): Checkpoint {
    return {
      epoch: this.epoch,
      step: this.step,
      running: { ...this.running },
      history: [...this.history],
      states: this.session.getStates(),
    };
  }

  private restore(checkpoint: Checkpoint): void {
    const expected = statesNames(this.session.graph);
    const missing = expected.filter((name) => !checkpoint.states.has(name));
    if (missing.length > 0)
      throw new SabokError(
        `The checkpoint is of another network or other options: it lacks ${missing.length} of ${expected.length} states ("${missing[0]}" the first).`,
      );
    this.session.setStates(checkpoint.states);
    this.epoch = checkpoint.epoch;
    this.step = checkpoint.step;
    this.running = { ...checkpoint.running };
    this.history = [...checkpoint.history];
  }

  private result(stopped: boolean): FitResult {
    return {
      network: { graph: this.network.graph, weights: this.keptWeights() },
      history: this.history,
      stopped,
      checkpoint: this.checkpoint(),
      statistics: this.statistics,
      backend: this.session.backend,
    };
  }
}

function statesNames(graph: Graph): string[] {
  return graph.values.filter(isState).map((value) => value.name);
}

function countCorrect(logits: Tensor, batch: Batch): number {
  const classes = logits.shape[1]!;
  let correct = 0;
  for (let row = 0; row < batch.count; row++) {
    const values = logits.data.subarray(row * classes, (row + 1) * classes);
    const label = batch.labels[row]!;
    if (values.every((value) => value <= values[label]!)) correct++;
  }
  return correct;
}
