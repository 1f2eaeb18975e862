// A graph as text, a value a line: for people, error messages and snapshot tests.
import { formatShape } from "../core/index.ts";
import type { Graph } from "./graph.ts";
import { isLeaf, type AttributeValue, type Value } from "./value.ts";

/** One line a value: "%3 = conv2d(%0, %1) {groups: 1, …} [1,16,16,16]  features.0.0". */
export function printGraph(graph: Graph): string {
  const number = new Map<Value, number>(graph.values.map((value, i) => [value, i]));
  const reference = (value: Value): string => `%${number.get(value)}`;
  const lines = graph.values.map((value) => {
    const operands = isLeaf(value) ? "" : `(${value.inputs.map(reference).join(", ")})`;
    const attrs = Object.entries(value.attrs).map(([key, attr]) => `${key}: ${formatAttribute(attr)}`);
    const braces = attrs.length > 0 ? ` {${attrs.join(", ")}}` : "";
    return `${reference(value)} = ${value.op}${operands}${braces} ${formatShape(value.type.shape)}  ${value.name}`.trimEnd();
  });
  for (const [name, value] of Object.entries(graph.outputs))
    lines.push(`output ${name} = ${reference(value)}`);
  for (const { state, value } of graph.updates)
    lines.push(`update ${reference(state)} = ${reference(value)}  ${state.name}`);
  return lines.join("\n");
}

function formatAttribute(attr: AttributeValue): string {
  if (typeof attr !== "object") return String(attr);
  if ("kind" in attr) return attr.kind;
  if ("data" in attr) return `tensor${formatShape(attr.shape)}`;
  return formatShape(attr);
}
