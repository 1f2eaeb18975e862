// Drops what no result depends on: updates of states that nothing reads, and with them all that only they need.
import {
  isState,
  makeGraph,
  reachable,
  verifyGraph,
  type Graph,
  type Update,
  type Value,
} from "../graph/index.ts";
import { opTable } from "../ops/index.ts";

/**
 * Keeps an update where an output, or another update that is kept, depends on its state. Values that no output and
 * no kept update needs are gone. Parameters are results of a training graph: their updates are always kept.
 */
export function deadCodeElimination(graph: Graph): Graph {
  const live = new Set<Value>(reachable(Object.values(graph.outputs)));
  let kept: Update[] = graph.updates.filter(({ state }) => live.has(state) || state.op === "parameter");
  for (;;) {
    for (const value of reachable(kept.map((update) => update.value))) if (isState(value)) live.add(value);
    const next = graph.updates.filter(({ state }) => live.has(state) || state.op === "parameter");
    if (next.length === kept.length) break;
    kept = next;
  }
  return verifyGraph(makeGraph({ ...graph, updates: kept }), opTable, "deadCodeElimination");
}
