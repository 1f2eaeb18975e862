// The one way to change a graph: walk it in order and say, for each value, what takes its place.
import { invariant, type TensorType } from "../core/index.ts";
import { makeGraph, type Graph, type Update } from "./graph.ts";
import { isLeaf, makeValue, type Value } from "./value.ts";
import type { OperatorTable } from "./operator.ts";

export interface RewriteStep {
  /** The value of the old graph. */
  readonly value: Value;
  /** Its operands, already rewritten. */
  readonly inputs: readonly Value[];
  /** What an old value has become: any leaf, or a value that stands earlier in the graph. */
  readonly rewritten: (old: Value) => Value;
}

export interface RewriteOptions {
  /** The updates of the new graph, from the old ones with both ends rewritten. Default: all of them. */
  readonly updates?: (updates: readonly Update[]) => readonly Update[];
}

/**
 * A new graph in which each value is what `replace` returns for it, or, where that is null, itself over its
 * rewritten operands (shapes inferred anew). Values nothing uses any more fall away.
 */
export function rewriteGraph(
  graph: Graph,
  ops: OperatorTable,
  replace: (step: RewriteStep) => Value | null,
  options: RewriteOptions = {},
): Graph {
  const map = new Map<Value, Value>();
  const rewritten = (old: Value): Value => {
    const value = map.get(old);
    invariant(value, `rewrite asked for ${old.op} "${old.name}" before it was reached`);
    return value;
  };
  for (const value of leavesFirst(graph)) {
    const inputs = value.inputs.map(rewritten);
    map.set(value, replace({ value, inputs, rewritten }) ?? rebuild(value, inputs, ops));
  }
  const mapAll = (record: Readonly<Record<string, Value>>): Record<string, Value> =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, rewritten(value)]));
  const updates = graph.updates.map(({ state, value }) => ({
    state: rewritten(state),
    value: rewritten(value),
  }));
  return makeGraph({
    inputs: mapAll(graph.inputs),
    outputs: mapAll(graph.outputs),
    updates: options.updates?.(updates) ?? updates,
  });
}

/** The value itself where no operand changed, else the same operator over the new operands. */
export function rebuild(value: Value, inputs: readonly Value[], ops: OperatorTable): Value {
  if (inputs.every((input, i) => input === value.inputs[i])) return value;
  invariant(!isLeaf(value), `leaf "${value.name}" has operands`);
  const spec = ops[value.op];
  invariant(spec, `no operator named "${value.op}"`);
  const types: TensorType[] = inputs.map((input) => input.type);
  const type = spec.infer(types, value.attrs, `${value.op} "${value.name}"`);
  return makeValue({ op: value.op, inputs, attrs: value.attrs, type, name: value.name });
}

/** The leaves, unused inputs among them, before all that is computed: a replacement may read any leaf. */
function leavesFirst(graph: Graph): Set<Value> {
  return new Set([...Object.values(graph.inputs), ...graph.values.filter(isLeaf), ...graph.values]);
}
