// Which dimensions follow the batch: found by building the graph a second time with another batch and comparing shapes.
import { SabokError, ShapeError, invariant, type Shape } from "../core/index.ts";
import {
  GraphBuilder,
  attributesOf,
  isLeaf,
  rewriteGraph,
  shapeOf,
  type Attributes,
  type Graph,
  type Value,
} from "../graph/index.ts";
import { broadcastTo, opTable, reshape, slice, sumTo, type OpName } from "../ops/index.ts";

/** Attributes that hold the batch, rewritten for operands of another one. */
const rebatched: Partial<Record<OpName, (value: Value, inputs: readonly Value[]) => Attributes>> = {
  reshape(value, [x]) {
    const { shape } = attributesOf(value, reshape);
    const [before, after] = [shapeOf(value.inputs[0]!), shapeOf(x!)];
    // Samples stay whole and in order, so what follows the batch is the first dimension.
    const first = (shape[0]! * after[0]!) / before[0]!;
    return shape[0] === -1 || !Number.isInteger(first) ? { shape } : { shape: [first, ...shape.slice(1)] };
  },
  broadcastTo: (value, [x]) => ({
    shape: followFirst(attributesOf(value, broadcastTo).shape, value.inputs[0]!, x!),
  }),
  sumTo: (value, [x]) => ({ shape: followFirst(attributesOf(value, sumTo).shape, value.inputs[0]!, x!) }),
  slice(value, [x]) {
    const { starts, sizes, steps } = attributesOf(value, slice);
    const whole = starts[0] === 0 && steps[0] === 1;
    return { starts, steps, sizes: whole ? followFirst(sizes, value.inputs[0]!, x!) : sizes };
  },
};

/** Where a shape begins with the old operand's first dimension, it is to begin with the new one's. */
function followFirst(shape: Shape, before: Value, after: Value): Shape {
  const [from, to] = [shapeOf(before), shapeOf(after)];
  return shape.length === from.length && shape[0] === from[0] ? [to[0]!, ...shape.slice(1)] : shape;
}

/**
 * The graph for another batch: the inputs' common first dimension and all that follows it changed, values in the same order.
 * Throws SabokError where a value holds the batch fast.
 */
export function batchTwin(graph: Graph): Graph {
  const inputs = Object.entries(graph.inputs);
  const batch = inputs.map(([, input]) => shapeOf(input)[0]).find((dimension) => dimension !== undefined);
  if (batch === undefined) throw fixed("it has no input with a batch");
  const other = 2 * batch + 1;
  const g = new GraphBuilder();
  const replaced = new Map<Value, Value>();
  for (const [name, input] of inputs) {
    const [first, ...rest] = shapeOf(input);
    if (first === batch) replaced.set(input, g.input(name, [other, ...rest]));
  }
  return rewriteGraph(graph, opTable, ({ value, inputs: operands }) => {
    if (isLeaf(value)) return replaced.get(value) ?? null;
    if (operands.every((operand, i) => operand === value.inputs[i])) return null;
    const rule = Object.hasOwn(rebatched, value.op) ? rebatched[value.op as OpName] : undefined;
    const attrs = rule?.(value, operands) ?? value.attrs;
    try {
      return g.at(value.name, () => g.apply(opTable[value.op]!, operands, attrs));
    } catch (error) {
      if (error instanceof ShapeError) throw fixed(`with a batch of ${other}, ${error.message}`, error);
      throw error;
    }
  });
}

/**
 * Pairs the values of two lowered graphs that differ in their batch only.
 * Throws SabokError where a number other than a shape depends on the batch.
 */
export function pairTwins(graph: Graph, twin: Graph): Map<Value, Value> {
  const pairs = new Map<Value, Value>();
  for (const [name, input] of Object.entries(graph.inputs)) pairs.set(input, twin.inputs[name]!);
  for (const [name, output] of Object.entries(graph.outputs)) pairs.set(output, twin.outputs[name]!);
  for (const value of graph.values.toReversed()) {
    const other = pairs.get(value);
    invariant(other, `${value.op} "${value.name}" has no twin`);
    if (
      value.op !== other.op ||
      !(isLeaf(value) || Object.hasOwn(rebatched, value.op) || sameAttributes(value, other))
    )
      throw fixed(`${value.op} "${value.name}" computes with the size of the batch`);
    value.inputs.forEach((input, i) => pairs.set(input, other.inputs[i]!));
  }
  return pairs;
}

function sameAttributes(a: Value, b: Value): boolean {
  return a === b || JSON.stringify(a.attrs) === JSON.stringify(b.attrs);
}

function fixed(why: string, cause?: unknown): SabokError {
  return new SabokError(`This graph works for its own batch only: ${why}. Export it with batch: "fixed".`, {
    cause,
  });
}
