// The same network for other input shapes: another batch, another image size.
import { SabokError, formatShape, nearestNames, type Shape } from "../core/index.ts";
import { makeValue, rebuild, rewriteGraph, shapeOf, verifyGraph, type Graph } from "../graph/index.ts";
import { opTable } from "../ops/index.ts";

/**
 * Infers every shape anew from the given input shapes, by name; inputs not named keep theirs.
 * Throws ShapeError where a layer does not fit the new size (a fully connected layer after a flatten, say).
 */
export function withInputShapes(graph: Graph, shapes: Readonly<Record<string, Shape>>): Graph {
  for (const name of Object.keys(shapes))
    if (!(name in graph.inputs)) {
      const known = Object.keys(graph.inputs);
      throw new SabokError(
        `The graph has no input "${name}"; its inputs are ${known.join(", ")}. Did you mean ${nearestNames(name, known)[0] ?? known[0]}?`,
      );
    }
  const resized = rewriteGraph(graph, opTable, ({ value, inputs }) => {
    if (value.op === "input") {
      const shape = shapes[value.name];
      if (!shape || formatShape(shape) === formatShape(shapeOf(value))) return null;
      return makeValue({ ...value, type: { ...value.type, shape } });
    }
    // The Bessel correction of a running variance depends on the number of values a channel has.
    if (
      value.op === "movingAverage" &&
      value.attrs["correction"] !== 1 &&
      inputs[1]!.op === "batchVariance"
    ) {
      const [batch, , ...rest] = shapeOf(inputs[1]!.inputs[0]!);
      const count = rest.reduce((a, b) => a * b, batch!);
      return rebuild(
        { ...value, inputs: [], attrs: { ...value.attrs, correction: count / (count - 1) } },
        inputs,
        opTable,
      );
    }
    return null;
  });
  return verifyGraph(resized, opTable, "withInputShapes");
}

/** The same network for another batch size: the first axis of every input. */
export function withBatch(graph: Graph, batch: number): Graph {
  return withInputShapes(
    graph,
    Object.fromEntries(
      Object.entries(graph.inputs).map(([name, input]) => [name, [batch, ...shapeOf(input).slice(1)]]),
    ),
  );
}
