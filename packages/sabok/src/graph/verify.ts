// Checks what every pass must leave true: order, operators, shapes, and states written at most once.
import { formatShape, invariant, sameShape, sizeOf, type Tensor } from "../core/index.ts";
import type { Graph } from "./graph.ts";
import { isLeaf, isState, type Value } from "./value.ts";
import type { OperatorTable } from "./operator.ts";

/** Throws where the graph breaks a rule; `after` names the pass that made it. Returns the graph. */
export function verifyGraph(graph: Graph, ops: OperatorTable, after: string): Graph {
  const seen = new Set<Value>();
  for (const value of graph.values) {
    const where = `after ${after}: ${value.op} "${value.name}"`;
    for (const input of value.inputs)
      invariant(seen.has(input), `${where} comes before its operand ${input.op} "${input.name}"`);
    if (isLeaf(value)) verifyLeaf(graph, value, where);
    else {
      const spec = ops[value.op];
      invariant(spec, `${where}: no such operator`);
      const type = spec.infer(
        value.inputs.map((input) => input.type),
        value.attrs,
        where,
      );
      invariant(
        sameShape(type.shape, value.type.shape) && type.dtype === value.type.dtype,
        `${where} has shape ${formatShape(value.type.shape)}, its rule says ${formatShape(type.shape)}`,
      );
    }
    seen.add(value);
  }
  const names = new Set<string>();
  for (const value of graph.values.filter(isState)) {
    invariant(!names.has(value.name), `after ${after}: two states are named "${value.name}"`);
    names.add(value.name);
  }
  const written = new Set<Value>();
  for (const { state, value } of graph.updates) {
    invariant(isState(state), `after ${after}: update of ${state.op} "${state.name}", which is not a state`);
    invariant(!written.has(state), `after ${after}: "${state.name}" is updated twice`);
    invariant(
      sameShape(state.type.shape, value.type.shape),
      `after ${after}: update of "${state.name}" has another shape`,
    );
    written.add(state);
  }
  return graph;
}

function verifyLeaf(graph: Graph, value: Value, where: string): void {
  if (value.op === "input")
    invariant(graph.inputs[value.name] === value, `${where} is not among the graph's inputs`);
  if (value.op === "constant") {
    const tensor = value.attrs["tensor"] as Tensor;
    invariant(tensor.data.length === sizeOf(value.type.shape), `${where}: its data does not fill its shape`);
  }
}
