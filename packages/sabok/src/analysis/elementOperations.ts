// What the MAC convention leaves out: additions, comparisons and function values, one number at a time, by kind.
import { sizeOf } from "../core/index.ts";
import { shapeOf, type Graph, type Value } from "../graph/index.ts";
import { activationNames, type ActivationName } from "../ops/index.ts";
import { batchOf, forwardValues } from "./cost.ts";

/** Operations on single numbers for one image; an exponential counts as one. They are no part of MACs or FLOPs. */
export interface ElementOperations {
  readonly bias: number;
  /** A product and a sum a number: batch norm as it is, not folded. */
  readonly batchNorm: number;
  readonly activation: number;
  readonly pooling: number;
  /** Skips, gates, resizing, softmax. */
  readonly other: number;
}

/** Something whose cost depends on data or is not defined, so that the totals are partial. */
export interface Uncounted {
  readonly name: string;
  readonly op: string;
  readonly reason: string;
}

const perActivation: Readonly<Record<ActivationName, number>> = {
  relu: 1,
  relu6: 2,
  leakyRelu: 2,
  sigmoid: 3,
  hardSigmoid: 4,
  hardSwish: 5,
  silu: 4,
  tanh: 1,
};

type Kind = keyof ElementOperations;

const kernelArea = ({ attrs }: Value): number =>
  (attrs["kernel"] as readonly number[]).reduce((a, b) => a * b, 1);
const perOutput =
  (kind: Kind, operations: number) =>
  (value: Value): [Kind, number] => [kind, operations * sizeOf(shapeOf(value))];
const perInput =
  (kind: Kind, operations: number) =>
  (value: Value): [Kind, number] => [kind, operations * sizeOf(shapeOf(value.inputs[0]!))];

const counts: Readonly<Record<string, (value: Value) => [Kind, number]>> = {
  biasAdd: perOutput("bias", 1),
  fusedConv2d: perOutput("bias", 1),
  fusedLinear: perOutput("bias", 1),
  batchNorm: perOutput("batchNorm", 2),
  ...Object.fromEntries(activationNames.map((name) => [name, perOutput("activation", perActivation[name])])),
  // k² − 1 sums or comparisons, and a division for the mean.
  maxPool2d: (value) => ["pooling", (kernelArea(value) - 1) * sizeOf(shapeOf(value))],
  averagePool2d: (value) => ["pooling", kernelArea(value) * sizeOf(shapeOf(value))],
  globalAveragePool: perInput("pooling", 1),
  mean: perInput("pooling", 1),
  sum: perInput("pooling", 1),
  product: perInput("pooling", 1),
  reduceMax: perInput("pooling", 1),
  argMax: perInput("other", 1),
  ...Object.fromEntries(
    ["elementary", "compare", "maximum", "minimum", "select", "exponentiate", "remainder"].map((name) => [
      name,
      perOutput("other", 1),
    ]),
  ),
  add: perOutput("other", 1),
  sub: perOutput("other", 1),
  mul: perOutput("other", 1),
  div: perOutput("other", 1),
  exp: perOutput("other", 1),
  log: perOutput("other", 1),
  power: perOutput("other", 1),
  affine: perOutput("other", 2),
  softmax: perOutput("other", 4),
  logSoftmax: perOutput("other", 4),
  // Three interpolations of a product and two sums.
  resize: (value) => ["other", (value.attrs["mode"] === "nearest" ? 0 : 9) * sizeOf(shapeOf(value))],
  gridSample: (value) => ["other", (value.attrs["mode"] === "nearest" ? 0 : 9) * sizeOf(shapeOf(value))],
};

/** Operators that move numbers and compute nothing, or whose work is all in their MACs. */
const free: ReadonlySet<string> = new Set([
  "conv2d",
  "conv2dInputGradient",
  "conv2dWeightGradient",
  "linear",
  "matmul",
  "reshape",
  "flatten",
  "transpose",
  "concat",
  "slice",
  "sliceGradient",
  "pad",
  "broadcastTo",
  "dropout",
  "gather",
  "gatherElements",
  "batchMean",
  "batchVariance", // of a training graph: the inference form has none
]);

/** The element operations of a forward pass for one image, and what could not be counted. */
export function elementOperations(graph: Graph): {
  readonly counted: ElementOperations;
  readonly uncounted: readonly Uncounted[];
} {
  const counted: Record<Kind, number> = { bias: 0, batchNorm: 0, activation: 0, pooling: 0, other: 0 };
  const uncounted: Uncounted[] = [];
  const batch = batchOf(graph);
  for (const value of forwardValues(graph)) {
    const { activation } = value.attrs;
    if (typeof activation === "string" && activation in perActivation)
      counted.activation += (perActivation[activation as ActivationName] * sizeOf(shapeOf(value))) / batch;
    const count = counts[value.op];
    if (count) {
      const [kind, operations] = count(value);
      counted[kind] += operations / batch;
    } else if (!free.has(value.op))
      uncounted.push({ name: value.name, op: value.op, reason: reasonFor(value) });
  }
  return { counted, uncounted };
}

function reasonFor({ op }: Value): string {
  if (op.startsWith("roi")) return "how many pixels a box holds depends on the data";
  return op === "topKIndices" || op === "nonMaxSuppression"
    ? "how many comparisons it makes depends on the data"
    : "there is no count for this operator";
}
