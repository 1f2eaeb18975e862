// One training step as one graph: forward, loss, gradients, optimiser, averaged weights. A step is one run of it.
import { SabokError, type Tensor } from "../core/index.ts";
import {
  GraphBuilder,
  isState,
  makeGraph,
  shapeOf,
  statesOf,
  verifyGraph,
  type Graph,
  type Update,
  type Value,
} from "../graph/index.ts";
import { gradients } from "../autodiff/index.ts";
import { affine, crossEntropy, lerp, opTable } from "../ops/index.ts";
import { freezeStatistics, fuseActivation, withBatch } from "../passes/index.ts";
import { optimizerStep, type Optimizer } from "./optimizer.ts";

export interface TrainingGraphOptions {
  readonly batch: number;
  readonly optimizer: Optimizer;
  /** Label smoothing of the cross-entropy. */
  readonly smoothing: number;
  /** Keep an exponential moving average of every weight and running statistic, as states "average.<name>". */
  readonly average: boolean;
  /** Only these parameters are trained; default all. */
  readonly trainable?: (name: string) => boolean;
  /** Batch norm by the running statistics, which then stay as they are; default by the batch's. */
  readonly freezeStatistics?: boolean;
}

/** The name of the averaged copy of a state. */
export function averagedName(name: string): string {
  return `average.${name}`;
}

/**
 * The graph of one training step. Inputs: the network's own, `target` [N,K], and the scalars `rate` (learning rate)
 * and, with averaging, `averaging` (how far the average moves). Outputs: `loss` [] and `logits` [N,K].
 */
export function trainingGraph(network: Graph, options: TrainingGraphOptions): Graph {
  const bound = withBatch(network, options.batch);
  const forward = fuseActivation(options.freezeStatistics ? freezeStatistics(bound) : bound);
  const logits = soleOutput(forward);
  const g = new GraphBuilder();
  const target = g.input("target", shapeOf(logits));
  const rate = g.input("rate", []);
  const loss = g.at("loss", () => g.apply(crossEntropy, [logits, target], { smoothing: options.smoothing }));
  const parameters = [...statesOf(forward, "parameter").values()].filter(
    ({ name }) => options.trainable?.(name) ?? true,
  );
  const slopes = gradients(g, loss, parameters);
  const count = g.at("optimizer", () => g.buffer("step", [], { kind: "constant", value: 0 }));
  const step = g.at("optimizer.step", () => g.apply(affine, [count], { offset: 1 }));
  g.update(count, step);
  const updated = new Map<Value, Value>(forward.updates.map(({ state, value }) => [state, value]));
  for (const [i, parameter] of parameters.entries()) {
    const next = optimizerStep(g, options.optimizer, parameter, slopes[i]!, { rate, step });
    g.update(parameter, next);
    updated.set(parameter, next);
  }
  if (options.average) addAverages(g, updated);
  const own = g.finish({ loss, logits });
  const updates: Update[] = [...forward.updates, ...own.updates];
  const graph = makeGraph({
    inputs: { ...forward.inputs, ...own.inputs },
    outputs: { loss, logits },
    updates,
  });
  return verifyGraph(graph, opTable, "trainingGraph");
}

/** The states a training session begins with: the weights, their averages equal to them, all else zero. */
export function initialStates(graph: Graph, weights: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const states = new Map<string, Tensor>();
  for (const state of graph.values.filter(isState)) {
    const source = state.name.startsWith(averagedName(""))
      ? state.name.slice(averagedName("").length)
      : state.name;
    const size = shapeOf(state).reduce((a, b) => a * b, 1);
    states.set(state.name, weights.get(source) ?? { shape: shapeOf(state), data: new Float32Array(size) });
  }
  return states;
}

function addAverages(g: GraphBuilder, updated: ReadonlyMap<Value, Value>): void {
  const amount = g.input("averaging", []);
  for (const [state, next] of updated) {
    // Counters are not weights.
    if (shapeOf(state).length === 0) continue;
    const average = g.at("average", () =>
      g.buffer(state.name, shapeOf(state), { kind: "constant", value: 0 }),
    );
    g.update(
      average,
      g.at(average.name, () => g.apply(lerp, [average, next, amount])),
    );
  }
}

function soleOutput(graph: Graph): Value {
  const outputs = Object.entries(graph.outputs);
  if (outputs.length !== 1)
    throw new SabokError(
      `Training needs a network with one output, the logits; this one has ${outputs.map(([name]) => name).join(", ")}.`,
    );
  return outputs[0]![1];
}
