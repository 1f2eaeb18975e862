// The same wiring with one channel in every map. Where every kernel is a plain mean and every channel is treated alike,
// all channels of a map carry the same numbers, so one of them shows what all do, at a small part of the work.
import { normalizeAxis, sizeOf, type Tensor } from "../../core/index.ts";
import {
  GraphBuilder,
  attributesOf,
  isLeaf,
  isState,
  makeValue,
  mapSizeOf,
  rewriteGraph,
  shapeOf,
  type Graph,
  type Value,
} from "../../graph/index.ts";
import { activationNames, add, affine, batchNorm, concat, conv2d, opTable } from "../../ops/index.ts";

/** Operators that treat all channels alike and keep their number. */
const channelwise: ReadonlySet<string> = new Set([
  ...activationNames,
  "affine",
  "averagePool2d",
  "biasAdd",
  "batchNorm",
  "dropout",
  "maxPool2d",
  "resize",
]);

/** Operators that join maps of one size. */
const joining: ReadonlySet<string> = new Set(["add", "sub", "mul"]);

/** The graph of one image input with one channel in every map; undefined where an operator tells channels apart. */
export function oneChannel(graph: Graph): Graph | undefined {
  if (!graph.values.every((value) => isLeaf(value) || isAlike(value))) return undefined;
  const g = new GraphBuilder();
  const weights = new Map<Value, Value>();
  const weightOf = (weight: Value): Value => {
    const known = weights.get(weight);
    if (known) return known;
    const [height, width] = mapSizeOf(weight);
    const own = g.parameter(`mean.${weights.size}`, [1, 1, height, width], { kind: "constant", value: 1 });
    weights.set(weight, own);
    return own;
  };
  return rewriteGraph(graph, opTable, ({ value, inputs }) => {
    const [x] = inputs;
    switch (value.op) {
      case "input": {
        const [batch, , height, width] = shapeOf(value);
        return makeValue({ ...value, type: { ...value.type, shape: [batch!, 1, height!, width!] } });
      }
      case "conv2d": {
        const own = weightOf(value.inputs[1]!);
        return g.at(value.name, () =>
          g.apply(conv2d, [x!, own], { ...attributesOf(value, conv2d), groups: 1 }),
        );
      }
      case "biasAdd":
        return x!;
      case "batchNorm": {
        const { epsilon } = attributesOf(value, batchNorm);
        return g.at(value.name, () => g.apply(affine, [x!], { scale: 1 / Math.sqrt(1 + epsilon) }));
      }
      case "concat":
        return g.at(value.name, () => meanOfParts(g, value, inputs));
      default:
        return null;
    }
  });
}

function isAlike(value: Value): boolean {
  const { op, inputs } = value;
  if (channelwise.has(op)) return true;
  if (op === "conv2d") return isMean(inputs[1]!);
  if (op === "concat")
    return normalizeAxis(attributesOf(value, concat).axis, shapeOf(value).length, "concat") === 1;
  if (!joining.has(op)) return false;
  const size = shapeOf(value).join();
  return inputs.every(
    (input) => !(isState(input) || input.op === "constant") && shapeOf(input).join() === size,
  );
}

/** What a positive network makes of a convolution's weights, and of a maximum pooling's window. */
function isMean(weight: Value): boolean {
  if (isState(weight)) return true;
  if (weight.op !== "constant") return false;
  const { shape, data } = weight.attrs["tensor"] as Tensor;
  const mean = 1 / sizeOf(shape.slice(1));
  return data.every((x) => Math.abs(x - mean) < 1e-6 * mean);
}

/** A mean over concatenated channels is the mean of the parts, each by its number of channels. */
function meanOfParts(g: GraphBuilder, joined: Value, parts: readonly Value[]): Value {
  const channels = shapeOf(joined)[1]!;
  return joined.inputs
    .map((part, i) => g.apply(affine, [parts[i]!], { scale: shapeOf(part)[1]! / channels }))
    .reduce((sum, part) => g.apply(add, [sum, part]));
}
