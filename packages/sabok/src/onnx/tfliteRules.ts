// Every TFLite operator that is imported, by name. Quantised values are the real numbers they stand for, so QUANTIZE and DEQUANTIZE
// pass their operand on.
import type { Value } from "../graph/index.ts";
import {
  affine,
  compare,
  div,
  elementary,
  exp,
  hardSwish,
  leakyRelu,
  log,
  logSoftmax,
  mean,
  power,
  product,
  reduceMax,
  relu,
  relu6,
  sigmoid,
  softmax,
  sum,
  tanh,
  type ElementaryName,
} from "../ops/index.ts";
import type { ChannelsLastTensor } from "./channelsLast.ts";
import {
  elu,
  extreme,
  pairwise,
  prelu,
  raised,
  reduced,
  resized,
  sameForm,
  squaredDifference,
  total,
} from "./channelsLastRules.ts";
import type { TfliteNode } from "./tfliteNode.ts";
import { tfliteParts } from "./tfliteParts.ts";
import { tfliteSpatial, type TfliteRule } from "./tfliteSpatial.ts";

/** A function of each number. */
const each =
  (build: (node: TfliteNode, x: Value) => Value): TfliteRule =>
  (node) =>
    sameForm(node, 0, (x) => build(node, x));

const elementaryOf = (name: ElementaryName): TfliteRule =>
  each((node, x) => node.apply(elementary, [x], { function: name }));

const rules: Readonly<Record<string, TfliteRule>> = {
  ...tfliteSpatial,
  ...tfliteParts,
  QUANTIZE: (node) => node.operand(0),
  DEQUANTIZE: (node) => node.operand(0),
  CAST(node) {
    const type = node.results[0]?.type;
    if (type === "bool")
      return sameForm(node, 0, (x) => node.apply(compare, [x, node.constant([0])], { relation: "notEqual" }));
    return node.isWhole
      ? sameForm(node, 0, (x) => node.apply(elementary, [x], { function: "truncate" }))
      : node.operand(0);
  },

  ADD: (node) => activated(node, pairwise(node, "add")),
  SUB: (node) => activated(node, pairwise(node, "sub")),
  MUL: (node) => activated(node, pairwise(node, "mul")),
  DIV(node) {
    const y = pairwise(node, "div");
    return node.isWhole ? truncated(node, y) : activated(node, y);
  },
  MAXIMUM: (node) => pairwise(node, "maximum"),
  MINIMUM: (node) => pairwise(node, "minimum"),
  ADD_N: total,
  SQUARED_DIFFERENCE: squaredDifference,
  POW: raised,
  NEG: each((node, x) => node.apply(affine, [x], { scale: -1 })),
  EXP: each((node, x) => node.apply(exp, [x])),
  LOG: each((node, x) => node.apply(log, [x])),
  SQRT: each((node, x) => node.apply(power, [x], { exponent: 0.5 })),
  RSQRT: each((node, x) => node.apply(power, [x], { exponent: -0.5 })),
  SQUARE: each((node, x) => node.apply(power, [x], { exponent: 2 })),
  ABS: elementaryOf("abs"),
  FLOOR: elementaryOf("floor"),
  CEIL: elementaryOf("ceil"),
  ROUND: elementaryOf("round"),
  SIN: elementaryOf("sin"),
  COS: elementaryOf("cos"),

  RELU: each((node, x) => node.apply(relu, [x])),
  RELU6: each((node, x) => node.apply(relu6, [x])),
  RELU_N1_TO_1: each((node, x) => node.within(x, -1, 1)),
  RELU_0_TO_1: each((node, x) => node.within(x, 0, 1)),
  LEAKY_RELU: each((node, x) => node.apply(leakyRelu, [x], { slope: node.float(0, 0) })),
  HARD_SWISH: each((node, x) => node.apply(hardSwish, [x])),
  LOGISTIC: each((node, x) => node.apply(sigmoid, [x])),
  TANH: each((node, x) => node.apply(tanh, [x])),
  ELU: elu,
  PRELU: prelu,
  SOFTMAX(node) {
    const beta = node.float(0, 1);
    const axis = node.isMap(0) ? 1 : -1;
    return sameForm(node, 0, (x) => {
      const scaled = beta === 1 ? x : node.apply(affine, [x], { scale: beta });
      return node.apply(softmax, [scaled], { axis });
    });
  },
  LOG_SOFTMAX: (node) =>
    sameForm(node, 0, (x) => node.apply(logSoftmax, [x], { axis: node.isMap(0) ? 1 : -1 })),
  // x/√max(Σx², ε²) over the last axis, with ε = 1e-6
  L2_NORMALIZATION(node) {
    const axis = node.isMap(0) ? 1 : -1;
    const y = sameForm(node, 0, (x) => {
      const squares = node.apply(power, [x], { exponent: 2 });
      const total = node.apply(sum, [squares], { axes: [axis], keepDims: true });
      const above = node.apply(relu, [node.apply(affine, [total], { offset: -1e-12 })]);
      const held = node.apply(affine, [above], { offset: 1e-12 });
      return node.apply(div, [x, node.apply(power, [held], { exponent: 0.5 })]);
    });
    return activated(node, y);
  },

  MEAN: (node) => reduced(node, mean, node.numbers(1), node.flag(0)),
  SUM: (node) => reduced(node, sum, node.numbers(1), node.flag(0)),
  REDUCE_MAX: (node) => reduced(node, reduceMax, node.numbers(1), node.flag(0)),
  REDUCE_MIN: (node) =>
    reduced(node, reduceMax, node.numbers(1), node.flag(0), (x) => node.apply(affine, [x], { scale: -1 })),
  REDUCE_PROD: (node) => reduced(node, product, node.numbers(1), node.flag(0)),
  ARG_MAX: (node) => extreme(node, 1),
  ARG_MIN: (node) => extreme(node, -1),

  RESIZE_BILINEAR: (node) =>
    resized(node, "bilinear", { alignCorners: node.flag(2), halfPixel: node.flag(3) }),
  RESIZE_NEAREST_NEIGHBOR: (node) =>
    resized(node, "nearest", { alignCorners: node.flag(0), halfPixel: node.flag(1) }),
};

export const tfliteRules: ReadonlyMap<string, TfliteRule> = new Map(Object.entries(rules));

/** A result after the activation that its operator is fused with. */
function activated(node: TfliteNode, y: ChannelsLastTensor): ChannelsLastTensor {
  return y.kind === "known" ? y : { kind: y.kind, value: node.activated(y.value, 0) };
}

function truncated(node: TfliteNode, y: ChannelsLastTensor): ChannelsLastTensor {
  if (y.kind === "known") return y;
  return { kind: y.kind, value: node.apply(elementary, [y.value], { function: "truncate" }) };
}
