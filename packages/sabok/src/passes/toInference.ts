// A training graph becomes an inference graph: running statistics for the batch's, no dropout, nothing written back.
import { opTable } from "../ops/index.ts";
import { rewriteGraph, verifyGraph, type Graph } from "../graph/index.ts";
import { runningStates } from "./freezeStatistics.ts";

/**
 * The inference form of a training graph. A batch statistic is replaced by the state whose moving average it feeds:
 * that update is what links the two.
 */
export function toInference(graph: Graph): Graph {
  const running = runningStates(graph);
  const inference = rewriteGraph(
    graph,
    opTable,
    ({ value, inputs, rewritten }) => {
      if (value.op === "dropout") return inputs[0]!;
      const state = running.get(value);
      return state ? rewritten(state) : null;
    },
    { updates: () => [] },
  );
  return verifyGraph(inference, opTable, "toInference");
}
