// A training graph whose batch norms no longer look at the batch: for training a part of a network on top of a frozen one.
import { opTable } from "../ops/index.ts";
import { rewriteGraph, verifyGraph, type Graph, type Value } from "../graph/index.ts";

/** The state that stands for each batch statistic in inference: the one whose moving average it feeds. */
export function runningStates({ updates }: Graph): Map<Value, Value> {
  return new Map(
    updates.flatMap(({ state, value }) =>
      value.op === "movingAverage" ? [[value.inputs[1]!, state] as const] : [],
    ),
  );
}

/**
 * The same training graph with batch norm by the running statistics, which stay as they are; dropout and counters remain. It
 * is what PyTorch does with its norms in `eval()` and the rest in `train()`.
 */
export function freezeStatistics(graph: Graph): Graph {
  const running = runningStates(graph);
  const states = new Set([...running.values()].map(({ name }) => name));
  const frozen = rewriteGraph(
    graph,
    opTable,
    ({ value, rewritten }) => {
      const state = running.get(value);
      return state ? rewritten(state) : null;
    },
    { updates: (updates) => updates.filter(({ state }) => !states.has(state.name)) },
  );
  return verifyGraph(frozen, opTable, "freezeStatistics");
}
