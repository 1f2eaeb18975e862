// Small classifiers of points, trained by the library's own training step within a second: what chapters train while one waits.
import { Random, type Tensor } from "../core/index.ts";
import { makeGraph, type Graph } from "../graph/index.ts";
import type { Network, Weights } from "../nn/index.ts";
import { fuseActivation, toInference, withBatch } from "../passes/index.ts";
import { createSession } from "../runtime/index.ts";
import { initialStates, learningRateAt, trainingGraph } from "../train/index.ts";
import type { ChapterContext } from "./chapter.ts";

/** Points as rows [count, dimensions], with their classes. */
export interface Points {
  readonly x: Tensor & { readonly data: Float32Array };
  readonly labels: readonly number[];
}

/** Classes as normal clouds around centres that the seed draws. */
export interface Clouds {
  readonly dimensions: number;
  readonly centres: readonly Float64Array[];
  /** The standard deviation of a cloud, in the unit of the centres' coordinates. */
  readonly spread: number;
}

export function makeClouds(random: Random, classes: number, dimensions: number, spread: number): Clouds {
  const centres = Array.from({ length: classes }, () =>
    Float64Array.from({ length: dimensions }, () => random.normal()),
  );
  return { dimensions, centres, spread };
}

/** `shares` are the classes' probabilities; default all equal. */
export function drawPoints(
  random: Random,
  { centres, dimensions, spread }: Clouds,
  count: number,
  shares?: readonly number[],
): Points {
  const x = new Float32Array(count * dimensions);
  const labels = Array.from({ length: count }, () => drawClass(random, centres.length, shares));
  for (const [i, label] of labels.entries())
    for (let d = 0; d < dimensions; d++)
      x[i * dimensions + d] = centres[label]![d]! + spread * random.normal();
  return { x: { shape: [count, dimensions], data: x }, labels };
}

function drawClass(random: Random, classes: number, shares?: readonly number[]): number {
  if (!shares) return random.integer(classes);
  let rest = random.uniform();
  for (const [label, share] of shares.entries()) if ((rest -= share) < 0) return label;
  return classes - 1;
}

export interface QuickTraining {
  readonly steps: number;
  readonly batch: number;
  readonly rate: number;
  readonly seed: number;
}

/** Trains by AdamW on fresh batches of `draw`; resolves to the states. */
export async function trainOnPoints(
  net: Network,
  draw: (random: Random, count: number) => Points,
  { steps, batch, rate, seed }: QuickTraining,
  { signal, onProgress }: ChapterContext = {},
): Promise<Weights> {
  const graph = trainingGraph(net.graph, {
    batch,
    optimizer: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
    smoothing: 0,
    average: false,
  });
  const session = await createSession(graph);
  session.setStates(initialStates(graph, net.weights));
  const random = new Random(seed);
  const schedule = { peak: rate, warmupSteps: Math.ceil(steps / 10), totalSteps: steps };
  const [input] = Object.keys(net.graph.inputs);
  const classes = net.graph.outputs["logits"]!.type.shape[1]!;
  for (let step = 0; step < steps; step++) {
    signal?.throwIfAborted();
    if (step % 50 === 0) onProgress?.(step / steps, "training");
    const { x, labels } = draw(random, batch);
    const target = new Float32Array(batch * classes);
    labels.forEach((label, i) => (target[i * classes + label] = 1));
    await session.run({ [input!]: x, target, rate: Float32Array.of(learningRateAt(schedule, step)) });
  }
  return session.getStates([...net.weights.keys()]);
}

/** The states after one run of the training graph on x: with batch norms of momentum 1, x's own running statistics. */
export async function restated(graph: Graph, weights: Weights, x: Tensor): Promise<Weights> {
  const own = withBatch(graph, x.shape[0]!);
  const session = await createSession(makeGraph({ ...own, outputs: {} }));
  session.setStates(weights);
  const [input] = Object.keys(graph.inputs);
  await session.run({ [input!]: x });
  const kept = session.getStates();
  return new Map([...weights, ...[...kept].filter(([name]) => /running_(mean|var)$/.test(name))]);
}

/** The classes a graph gives the points; batches of `batch` where it normalises by the batch's own statistics. */
export async function classesOf(
  graph: Graph,
  weights: Weights,
  { x }: Pick<Points, "x">,
  batch = x.shape[0]!,
): Promise<number[]> {
  const session = await createSession(fuseActivation(withBatch(graph, batch)));
  session.setStates(weights);
  const [input] = Object.keys(graph.inputs);
  const [count, dimensions] = x.shape as [number, number];
  const classes: number[] = [];
  for (let start = 0; start + batch <= count; start += batch) {
    const part = x.data.slice(start * dimensions, (start + batch) * dimensions);
    const logits = (await session.run({ [input!]: part }))["logits"]!;
    const width = logits.shape[1]!;
    for (let i = 0; i < batch; i++) {
      const row = logits.data.subarray(i * width, (i + 1) * width);
      classes.push(row.indexOf(row.reduce((a, b) => Math.max(a, b))));
    }
  }
  return classes;
}

/** The share of points whose class is found, by running statistics. */
export async function accuracyOn(net: Network, weights: Weights, points: Points): Promise<number> {
  return agreement(await classesOf(toInference(net.graph), weights, points), points.labels);
}

export function agreement(found: readonly number[], labels: readonly number[]): number {
  return found.filter((label, i) => label === labels[i]).length / found.length;
}
