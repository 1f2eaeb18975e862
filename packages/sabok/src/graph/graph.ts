// A network: named outputs, the inputs and states they read, and what a run writes back into the states.
import { invariant } from "../core/index.ts";
import type { Value } from "./value.ts";

/** At the end of a run, `state` takes the data of `value`. All updates read the states as they were before. */
export interface Update {
  readonly state: Value;
  readonly value: Value;
}

export interface Graph {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly outputs: Readonly<Record<string, Value>>;
  readonly updates: readonly Update[];
  /** Every value the outputs and updates need, each after its inputs. */
  readonly values: readonly Value[];
}

/** A graph of the given ends; values that no end needs are not in it. */
export function makeGraph(ends: {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly outputs: Readonly<Record<string, Value>>;
  readonly updates?: readonly Update[];
}): Graph {
  const updates = ends.updates ?? [];
  const roots = [
    ...Object.values(ends.outputs),
    ...updates.flatMap((update) => [update.state, update.value]),
  ];
  return { inputs: ends.inputs, outputs: ends.outputs, updates, values: reachable(roots) };
}

/** The values that the roots depend on, the roots included, in topological order. */
export function reachable(roots: Iterable<Value>): Value[] {
  const seen = new Set<Value>();
  const stack = [...roots];
  for (let value = stack.pop(); value; value = stack.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    stack.push(...value.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** For each value, the values that read it (once per operand). */
export function usersOf(graph: Graph): Map<Value, Value[]> {
  const users = new Map<Value, Value[]>(graph.values.map((value) => [value, []]));
  for (const value of graph.values) for (const input of value.inputs) users.get(input)!.push(value);
  return users;
}

/** The parameters, or the buffers, by name, in order of creation. */
export function statesOf(graph: Graph, kind: "parameter" | "buffer"): Map<string, Value> {
  const states = new Map<string, Value>();
  for (const value of graph.values) {
    if (value.op !== kind) continue;
    invariant(!states.has(value.name), `two ${kind}s are named "${value.name}"`);
    states.set(value.name, value);
  }
  return states;
}
