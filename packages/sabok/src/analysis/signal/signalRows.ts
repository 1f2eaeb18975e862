// The rows of a signal: the layers, and the sums in which skips and branches meet, for those carry the signal through depth.
import { shapeOf, usersOf, type Graph, type Value } from "../../graph/index.ts";
import { activationNames } from "../../ops/index.ts";
import { layersOf, type Layer } from "../cost.ts";

const activations: ReadonlySet<string> = new Set(activationNames);

/** What a row of a sum begins with. */
export const sumOfBranches = "sum of branches";

/** Layers and sums in the graph's order; the activation behind a sum belongs to it. */
export function signalRows(graph: Graph): readonly Layer[] {
  const layers = layersOf(graph).filter(({ values }) => values[0]!.inputs.length > 0);
  const users = usersOf(graph);
  const fed = new Set<Value>();
  for (const value of graph.values)
    if (value.op === "input" || value.inputs.some((operand) => fed.has(operand))) fed.add(value);
  const sums = graph.values.flatMap((value): Layer[] => {
    const joins =
      value.op === "add" && value.inputs.every((operand) => fed.has(operand) && sameShape(operand, value));
    if (!joins) return [];
    const [next] = users.get(value) ?? [];
    const behind = next && activations.has(next.op) ? [next] : [];
    return [
      {
        name: value.name,
        op: [sumOfBranches, ...behind.map(({ op }) => op)].join(", "),
        values: [value, ...behind],
      },
    ];
  });
  return [...layers, ...sums].sort((a, b) => a.values.at(-1)!.id - b.values.at(-1)!.id);
}

function sameShape(a: Value, b: Value): boolean {
  return shapeOf(a).join() === shapeOf(b).join();
}
