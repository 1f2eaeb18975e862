// The reference backend: each value by its operator's float64 loops, in order. Slow, plain, and what all else is tested against.
import { SabokError, formatShape, invariant, sameShape, type Tensor } from "../../core/index.ts";
import { isLeaf, isState, type Graph, type Value } from "../../graph/index.ts";
import { opTable } from "../../ops/index.ts";

export interface ReferenceRun {
  readonly outputs: Record<string, Tensor>;
  /** What the run writes back: the new data of every updated state, by name. */
  readonly states: Map<string, Tensor>;
}

/**
 * Runs a graph once in float64.
 * @param feeds one tensor an input, by name
 * @param states the data of parameters and buffers, by name
 */
export function interpret(
  graph: Graph,
  feeds: Readonly<Record<string, Tensor>>,
  states: ReadonlyMap<string, Tensor> = new Map(),
): ReferenceRun {
  const results = new Map<Value, Tensor>();
  const resultOf = (value: Value): Tensor => results.get(value)!;
  for (const value of graph.values) {
    if (isLeaf(value)) results.set(value, leafData(value, feeds, states));
    else {
      const spec = opTable[value.op];
      invariant(spec, `no operator named "${value.op}"`);
      results.set(value, spec.reference(value.inputs.map(resultOf), value.attrs));
    }
  }
  return {
    outputs: Object.fromEntries(
      Object.entries(graph.outputs).map(([name, value]) => [name, resultOf(value)]),
    ),
    states: new Map(graph.updates.map(({ state, value }) => [state.name, resultOf(value)])),
  };
}

function leafData(
  value: Value,
  feeds: Readonly<Record<string, Tensor>>,
  states: ReadonlyMap<string, Tensor>,
): Tensor {
  if (value.op === "constant") return value.attrs["tensor"] as Tensor;
  const data = isState(value) ? states.get(value.name) : feeds[value.name];
  if (!data)
    throw new SabokError(
      `${value.op} "${value.name}" was not given; expected a tensor of shape ${formatShape(value.type.shape)}.`,
    );
  if (!sameShape(data.shape, value.type.shape))
    throw new SabokError(
      `${value.op} "${value.name}" was given shape ${formatShape(data.shape)}, expected ${formatShape(value.type.shape)}.`,
    );
  return data;
}
