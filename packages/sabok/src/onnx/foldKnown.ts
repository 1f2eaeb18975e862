// What a model of TensorFlow's formats computes from numbers of its own: shape arithmetic, weights kept in another type or order.
import { interpret } from "../backends/reference/index.ts";
import { sizeOf, type Tensor } from "../core/index.ts";
import { makeGraph, type Value } from "../graph/index.ts";
import type { ChannelsLastContext, ChannelsLastNode, ChannelsLastTensor } from "./channelsLast.ts";

/** What a rule makes: one result, or several. */
export type Made = ChannelsLastTensor | readonly ChannelsLastTensor[];

/** What is known at import is computed up to this many numbers. */
const largestFolded = 1 << 20;

/**
 * The results of a rule as numbers, where all operands of its node are known; undefined where they are not, or are too many.
 * @param nameOf what a result's numbers are called where they become a weight
 * @param nodeOf the node with the given context and operands
 */
export function foldKnown<Node extends ChannelsLastNode>(
  { g }: ChannelsLastContext,
  operands: readonly (ChannelsLastTensor | undefined)[],
  nameOf: (result: number) => string,
  nodeOf: (context: ChannelsLastContext, operands: readonly (ChannelsLastTensor | undefined)[]) => Node,
  rule: (node: Node) => Made,
): ChannelsLastTensor[] | undefined {
  if (operands.length === 0 || operands.some((operand) => operand && operand.kind !== "known"))
    return undefined;
  // Without names, numbers become constants.
  const nameless = operands.map((operand) =>
    operand?.kind === "known" ? { ...operand, name: "" } : undefined,
  );
  const node = nodeOf({ g, weights: new Map(), states: new Map() }, nameless);
  const numbers = listOf(rule(node)).map((result, i): ChannelsLastTensor | undefined => {
    if (result.kind !== "known") {
      const tensor = computed(node.inFileOrder(result.value, result.kind));
      return tensor && { kind: "known", name: nameOf(i), tensor };
    }
    const same = operands.find((operand) => operand?.kind === "known" && operand.tensor === result.tensor);
    return same ?? { ...result, name: nameOf(i) };
  });
  return numbers.every((tensor) => tensor !== undefined) ? numbers : undefined;
}

/** What a rule made, as a list. */
export function listOf(made: Made): readonly ChannelsLastTensor[] {
  return Array.isArray(made) ? (made as readonly ChannelsLastTensor[]) : [made as ChannelsLastTensor];
}

/** The numbers of a value made of constants, where they are few enough. */
function computed(value: Value): Tensor | undefined {
  const graph = makeGraph({ inputs: {}, outputs: { value } });
  if (graph.values.some(({ type }) => sizeOf(type.shape) > largestFolded)) return undefined;
  return interpret(graph, {}).outputs["value"];
}
