// What changes nothing is taken out: operators that are the identity, rectifiers of what is rectified already.
import { rewriteGraph, verifyGraph } from "../../../graph/index.ts";
import { opTable } from "../../../ops/index.ts";
import { isIdle, isRedundant } from "../idle.ts";
import { nodeName } from "../reading.ts";
import type { Mended, WeightedGraph } from "./mended.ts";

/** Keeps the function and its gradients, on training and on inference graphs. */
export function removeIdle({ graph, weights }: WeightedGraph): Mended {
  const idle = graph.values.filter((value) => isIdle(value) || isRedundant(value));
  const gone = new Set(idle);
  const rewritten = rewriteGraph(graph, opTable, ({ value, inputs }) =>
    gone.has(value) ? inputs[0]! : null,
  );
  return {
    graph: verifyGraph(rewritten, opTable, "removeIdle"),
    weights,
    done: idle.map(
      (value) =>
        `Took out the ${value.op} ${nodeName(value)}, which ${isIdle(value) ? "does nothing" : "finds nothing to change"}.`,
    ),
  };
}
