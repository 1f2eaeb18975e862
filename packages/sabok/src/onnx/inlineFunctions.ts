// A model's own functions, written out: every call becomes the nodes of the function's body under names of its own.
import { SabokError } from "../core/index.ts";
import type { Message } from "./schema.ts";

type Node = Message<"NodeProto">;
type Function = Message<"FunctionProto">;

/** Calls may nest this deep, and a model may grow to this many nodes. */
const deepest = 32;
const mostNodes = 1_000_000;

/** The nodes of a graph without calls of functions. Throws SabokError where functions call each other without end. */
export function inlineFunctions(nodes: readonly Node[], functions: readonly Function[]): readonly Node[] {
  if (functions.length === 0) return nodes;
  const bodies = new Map(functions.map((body) => [keyOf(body.domain, body.name), body]));
  const written: Node[] = [];
  const write = (list: readonly Node[], depth: number): void => {
    for (const node of list) {
      const body = bodies.get(keyOf(node.domain, node.opType));
      if (!body) written.push(node);
      else if (depth >= deepest || written.length > mostNodes)
        throw new SabokError(`The function ${body.name ?? ""} calls itself, or functions nest too deep.`);
      else
        write(
          calledWith(body, node, `${node.name || node.output[0] || body.name || ""}#${written.length}`),
          depth + 1,
        );
    }
  };
  write(nodes, 0);
  return written;
}

function keyOf(domain = "", name = ""): string {
  return `${domain === "ai.onnx" ? "" : domain}.${name}`;
}

/** The body's nodes with the call's tensors and attributes put in. */
function calledWith(body: Function, call: Node, scope: string): Node[] {
  const names = new Map<string, string>([["", ""]]);
  body.input.forEach((name, i) => names.set(name, call.input[i] ?? ""));
  body.output.forEach((name, i) => names.set(name, call.output[i] || `${scope}/${name}`));
  const renamed = (name: string): string => names.get(name) ?? `${scope}/${name}`;
  const given = new Map(
    [...body.attributeProto, ...call.attribute].map((attribute) => [attribute.name ?? "", attribute]),
  );
  return body.node.map((node) => ({
    ...node,
    name: `${scope}/${node.name || node.opType || ""}`,
    input: node.input.map(renamed),
    output: node.output.map(renamed),
    attribute: node.attribute.flatMap((attribute) => {
      if (attribute.refAttrName === undefined) return [attribute];
      const value = given.get(attribute.refAttrName);
      return value ? [{ ...value, name: attribute.name ?? "" }] : [];
    }),
  }));
}
