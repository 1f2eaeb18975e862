// A classifier with batch norm that is trained on one distribution and tested on others.
import { Random, tensor } from "../../core/index.ts";
import type { Value } from "../../graph/index.ts";
import { batchNorm, linear, network, relu, type Network, type Weights } from "../../nn/index.ts";
import { toInference, withBatch } from "../../passes/index.ts";
import { createSession } from "../../runtime/index.ts";
import type { ChapterContext } from "../chapter.ts";
import { meanOf, varianceOf } from "../draw.ts";
import {
  agreement,
  classesOf,
  drawPoints,
  makeClouds,
  restated,
  trainOnPoints,
  type Points,
} from "../pointClassifier.ts";

const classes = 4;
const dimensions = 6;
const layers = 3;
const count = 2048;

/** Means and standard deviations of every coordinate in training and at the test. */
export interface Shift {
  readonly mean: number;
  readonly std: number;
  readonly testMean: number;
  readonly testStd: number;
}

export const scenarios = ["none", "recorded", "covariate", "labels"] as const;
export type Scenario = (typeof scenarios)[number];

const clouds = makeClouds(new Random(31), classes, dimensions, 0.6);
const unit = Math.sqrt(1 + 0.6 ** 2);

/** The class that x has whatever the distribution it was drawn from: the nearest centre, x in the units of training. */
function nearestCentre(x: ArrayLike<number>, offset: number, { mean, std }: Shift): number {
  const distance = (centre: Float64Array): number =>
    centre.reduce((sum, value, d) => sum + (((x[offset + d]! - mean) / std) * unit - value) ** 2, 0);
  const distances = clouds.centres.map(distance);
  return distances.indexOf(Math.min(...distances));
}

/**
 * Points of a scenario. "recorded": the same things seen through another instrument, x moved after the label is made.
 * "covariate": P(x) moves and P(y|x) stays, the label is made from the moved x. "labels": other class proportions.
 */
export function pointsOf(random: Random, scenario: Scenario, total: number, shift: Shift): Points {
  const shares = scenario === "labels" ? [0.94, 0.02, 0.02, 0.02] : undefined;
  const drawn = drawPoints(random, clouds, total, shares);
  const moved = scenario === "recorded" || scenario === "covariate";
  const [mean, std] = moved ? [shift.testMean, shift.testStd] : [shift.mean, shift.std];
  const before = drawn.x.data.map((value) => shift.mean + (shift.std * value) / unit);
  const x = drawn.x.data.map((value) => mean + (std * value) / unit);
  const source = scenario === "covariate" ? x : before;
  const labels = drawn.labels.map((_, i) => nearestCentre(source, i * dimensions, shift));
  return { x: { shape: [total, dimensions], data: x }, labels };
}

/** BN, then three times linear → BN → ReLU, then a classifier. */
function classifier(momentum: number): Network {
  return network(
    { x: [dimensions] },
    ({ x }) => {
      let h: Value = batchNorm(x, { momentum, name: "norm0" });
      for (let i = 1; i <= layers; i++)
        h = relu(
          batchNorm(linear(h, { out: 24, bias: false, name: `linear${i}` }), { momentum, name: `norm${i}` }),
        );
      return linear(h, { out: classes, name: "classifier" });
    },
    { seed: 9 },
  );
}

export interface ScenarioAccuracy {
  readonly scenario: Scenario;
  /** With the statistics of training. */
  readonly stored: number;
  /** With statistics estimated on unlabelled test data. */
  readonly adapted: number;
  /** With each test batch's own statistics, batches of 64 and of 4. */
  readonly batches64: number;
  readonly batches4: number;
}

export interface ShiftFindings {
  readonly accuracies: readonly ScenarioAccuracy[];
  /** Mean and variance behind each batch norm on recorded test data, by the statistics of training. */
  readonly depth: readonly { readonly mean: number; readonly variance: number }[];
  /** The share of points whose class depends on which batch of 4 they are in. */
  readonly companyDependent: number;
}

export async function shiftFindings(shift: Shift, context: ChapterContext): Promise<ShiftFindings> {
  const net = classifier(0.1);
  const weights = await trainOnPoints(
    net,
    (random, size) => pointsOf(random, "none", size, shift),
    { steps: 300, batch: 64, rate: 0.01, seed: 8 },
    context,
  );
  const inference = toInference(net.graph);
  const anew = classifier(1).graph;
  const accuracies: ScenarioAccuracy[] = [];
  for (const [i, scenario] of scenarios.entries()) {
    const test = pointsOf(new Random(100 + i), scenario, count, shift);
    const unlabelled = pointsOf(new Random(200 + i), scenario, count, shift);
    const adapted = await restated(anew, weights, unlabelled.x);
    accuracies.push({
      scenario,
      stored: agreement(await classesOf(inference, weights, test), test.labels),
      adapted: agreement(await classesOf(inference, adapted, test), test.labels),
      batches64: agreement(await classesOf(net.graph, weights, test, 64), test.labels),
      batches4: agreement(await classesOf(net.graph, weights, test, 4), test.labels),
    });
  }
  const recorded = pointsOf(new Random(101), "recorded", count, shift);
  return {
    accuracies,
    depth: await byDepth(net, weights, recorded),
    companyDependent: await company(net, weights, recorded),
  };
}

/** Mean and variance, over samples and units, behind each batch norm at inference. */
async function byDepth(net: Network, weights: Weights, { x }: Points) {
  const session = await createSession(withBatch(toInference(net.graph), count));
  session.setStates(weights);
  const found: { mean: number; variance: number }[] = [];
  await session.run(
    { x },
    {
      watch(value, read) {
        if (value.op !== "batchNorm") return;
        const data = read();
        const [rows, units] = value.type.shape as [number, number];
        const columns = Array.from({ length: units }, (_, u) =>
          Float64Array.from({ length: rows }, (_, r) => data[r * units + u]!),
        );
        found.push({
          mean: meanOf(columns.map((column) => Math.abs(meanOf(column)))),
          variance: meanOf(columns.map(varianceOf)),
        });
      },
    },
  );
  return found;
}

/** The points that get another class when the points are dealt into other batches of four. */
async function company(net: Network, weights: Weights, { x, labels }: Points): Promise<number> {
  const order = new Random(3).permutation(count);
  const dealt = tensor(
    [count, dimensions],
    Float32Array.from(
      { length: count * dimensions },
      (_, i) => x.data[order[Math.floor(i / dimensions)]! * dimensions + (i % dimensions)]!,
    ),
  );
  const usual = await classesOf(net.graph, weights, { x }, 4);
  const other = await classesOf(net.graph, weights, { x: dealt as Points["x"] }, 4);
  return labels.filter((_, i) => other[i] !== usual[order[i]!]).length / count;
}
