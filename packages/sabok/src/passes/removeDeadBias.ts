// A bias directly before a batch norm does nothing: the norm subtracts it again with the mean.
import { invariant, type Tensor } from "../core/index.ts";
import {
  isState,
  makeGraph,
  rewriteGraph,
  usersOf,
  verifyGraph,
  type Graph,
  type Value,
} from "../graph/index.ts";
import { opTable } from "../ops/index.ts";

export interface WithoutDeadBias {
  readonly graph: Graph;
  readonly weights: Map<string, Tensor>;
  /** The names of the biases that were removed. */
  readonly removed: readonly string[];
}

/**
 * Removes each bias that only batch norms read. The running mean contains the bias, so it is lowered by it
 * (removing the bias alone would change the inference output). Works on training and on inference graphs.
 */
export function removeDeadBias(graph: Graph, weights: ReadonlyMap<string, Tensor>): WithoutDeadBias {
  const users = usersOf(graph);
  const result = new Map(weights);
  const dead = new Map<Value, Value>();
  for (const sum of graph.values.filter((value) => value.op === "biasAdd")) {
    const bias = sum.inputs[1]!;
    const means = runningMeans(graph, sum, users.get(sum)!);
    if (!means || !isState(bias) || users.get(bias)!.length > 1 || Object.values(graph.outputs).includes(sum))
      continue;
    dead.set(sum, bias);
    const data = weights.get(bias.name);
    invariant(data, `no data for "${bias.name}"`);
    for (const mean of means) {
      const old = result.get(mean.name)!;
      result.set(mean.name, {
        shape: old.shape,
        data: Float32Array.from(old.data, (m, c) => m - data.data[c]!),
      });
    }
    result.delete(bias.name);
  }
  const rewritten = rewriteGraph(
    graph,
    opTable,
    ({ value, inputs }) => (dead.has(value) ? inputs[0]! : null),
    {
      updates: (updates) => updates.filter(({ state }) => ![...dead.values()].includes(state)),
    },
  );
  const clean = verifyGraph(makeGraph(rewritten), opTable, "removeDeadBias");
  return { graph: clean, weights: result, removed: [...dead.values()].map((bias) => bias.name) };
}

/** The running means of the batch norms that read `sum`, or null where something else reads it too. */
function runningMeans(graph: Graph, sum: Value, readers: readonly Value[]): Value[] | null {
  const means = new Set<Value>();
  for (const reader of readers) {
    if (reader.op === "batchNorm" && reader.inputs[0] === sum) {
      const mean = reader.inputs[3]!;
      if (isState(mean)) means.add(mean);
      else if (mean.op !== "batchMean" || mean.inputs[0] !== sum) return null;
    } else if (reader.op === "batchMean") {
      for (const { state, value } of graph.updates)
        if (value.op === "movingAverage" && value.inputs[1] === reader) means.add(state);
    } else if (reader.op !== "batchVariance") return null;
  }
  return readers.some((reader) => reader.op === "batchNorm") ? [...means] : null;
}
