// The last layer of a classifier, and the same network with another number of classes.
import { Random, SabokError, hashName, mix32, type Tensor } from "../core/index.ts";
import {
  isState,
  makeValue,
  rewriteGraph,
  shapeOf,
  verifyGraph,
  type Graph,
  type Value,
} from "../graph/index.ts";
import { opTable } from "../ops/index.ts";

/** The layer that makes the logits. */
export interface Head {
  /** As messages name it: "classifier.1". */
  readonly name: string;
  /** [classes, features], or [classes, features, 1, 1] of a convolution. */
  readonly weight: Value;
  readonly bias: Value | undefined;
}

/** What may stand between the last layer and the output without making it another one. */
const passedBy: ReadonlySet<string> = new Set([
  "flatten",
  "reshape",
  "softmax",
  "logSoftmax",
  "globalAveragePool",
]);

/** The last layer of a graph with one output; undefined where the output is not made by a linear layer or a convolution. */
export function headOf(graph: Graph): Head | undefined {
  const outputs = Object.values(graph.outputs);
  let value = outputs[0]!;
  if (outputs.length !== 1) return undefined;
  while (passedBy.has(value.op)) value = value.inputs[0]!;
  const bias = value.op === "biasAdd" ? value.inputs[1]! : undefined;
  if (bias) value = value.inputs[0]!;
  const weight = value.inputs[1];
  if ((value.op !== "linear" && value.op !== "conv2d") || !weight || !isState(weight)) return undefined;
  if (bias && !isState(bias)) return undefined;
  return { name: weight.name.replace(/\.?weight$/, "") || weight.name, weight, bias };
}

/** The names of the states of a head. */
export function statesOfHead({ weight, bias }: Head): string[] {
  return bias ? [weight.name, bias.name] : [weight.name];
}

/** A graph whose output is the logits: without the softmax that published models often end with. */
export function withoutSoftmax(graph: Graph): Graph {
  const outputs = Object.entries(graph.outputs);
  const [name, value] = outputs[0]!;
  if (outputs.length !== 1 || value.op !== "softmax") return graph;
  const last = new Set([value]);
  return verifyGraph(
    rewriteGraph({ ...graph, outputs: { [name]: value } }, opTable, (step) =>
      last.has(step.value) ? step.inputs[0]! : null,
    ),
    opTable,
    "withoutSoftmax",
  );
}

/**
 * The same network for another number of classes; `weights` has the new head's first numbers, drawn by the seed (normal,
 * deviation 0.01, bias 0), and all others as they were. Throws a SabokError where the graph has no head.
 */
export function withClasses(
  { graph, weights }: { readonly graph: Graph; readonly weights: ReadonlyMap<string, Tensor> },
  classes: number,
  seed: number,
): { graph: Graph; weights: Map<string, Tensor> } {
  const logits = withoutSoftmax(graph);
  const head = headOf(logits);
  if (!head)
    throw new SabokError(
      "The model does not end with a linear layer or a convolution whose outputs are the classes, so its head cannot be swapped.",
    );
  const drawn = new Map<string, Tensor>(weights);
  const swapped = new Map<Value, Value>();
  for (const state of [head.weight, head.bias]) {
    if (!state) continue;
    const shape = [classes, ...shapeOf(state).slice(1)];
    swapped.set(state, makeValue({ ...state, type: { ...state.type, shape } }));
    const random = new Random(mix32(mix32(seed) ^ hashName(state.name)));
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    if (state === head.weight) for (let i = 0; i < data.length; i++) data[i] = 0.01 * random.normal();
    drawn.set(state.name, { shape, data });
  }
  const rewritten = rewriteGraph(logits, opTable, ({ value }) => swapped.get(value) ?? null);
  return { graph: verifyGraph(rewritten, opTable, "withClasses"), weights: drawn };
}
