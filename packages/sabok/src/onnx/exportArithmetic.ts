// How ONNX says sabok's arithmetic, activations, reductions and comparisons.
import { attributesOf } from "../graph/index.ts";
import {
  affine,
  argMax,
  batchNorm,
  compare,
  elementary,
  leakyRelu,
  mean,
  power,
  product,
  reduceMax,
  remainder,
  softmax,
  sum,
  topKIndices,
  type ElementaryName,
} from "../ops/index.ts";
import {
  castToBool,
  castToFloat,
  castToInt64,
  flag,
  float,
  int,
  same,
  type ExportRule,
} from "./exportSite.ts";

/** ONNX's names of the elementary functions; those in the second table give truth values. */
const elementaryOperators: Readonly<
  Record<Exclude<ElementaryName, "truncate" | "isNaN" | "isInfinite">, string>
> = {
  abs: "Abs",
  sign: "Sign",
  floor: "Floor",
  ceil: "Ceil",
  round: "Round",
  sin: "Sin",
  cos: "Cos",
  tan: "Tan",
  asin: "Asin",
  acos: "Acos",
  atan: "Atan",
  sinh: "Sinh",
  cosh: "Cosh",
  asinh: "Asinh",
  acosh: "Acosh",
  atanh: "Atanh",
  erf: "Erf",
  softplus: "Softplus",
  softsign: "Softsign",
};

export const exportArithmetic = {
  linear: ({ inputs, bias, result }) => result("Gemm", [...inputs, ...bias], { transB: int(1) }),
  matmul: same("MatMul"),
  biasAdd({ inputs: [x, b], shapes, node, list, result }) {
    const axes = [...shapes[0]!.keys()].filter((axis) => axis !== 1);
    result("Add", [x!, node("Unsqueeze", [b!, list(axes)])]);
  },
  batchNorm: ({ value, inputs, result }) =>
    result("BatchNormalization", inputs, { epsilon: float(attributesOf(value, batchNorm).epsilon) }),

  relu: same("Relu"),
  relu6: ({ inputs: [x], scalar, result }) => result("Clip", [x!, scalar(0), scalar(6)]),
  leakyRelu: ({ value, inputs, result }) =>
    result("LeakyRelu", inputs, { alpha: float(attributesOf(value, leakyRelu).slope) }),
  sigmoid: same("Sigmoid"),
  hardSigmoid: same("HardSigmoid", { alpha: float(1 / 6), beta: float(0.5) }),
  hardSwish: same("HardSwish"),
  tanh: same("Tanh"),
  softmax: ({ value, inputs, result }) =>
    result("Softmax", inputs, { axis: int(attributesOf(value, softmax).axis) }),
  logSoftmax: ({ value, inputs, result }) =>
    result("LogSoftmax", inputs, { axis: int(attributesOf(value, softmax).axis) }),

  add: same("Add"),
  sub: same("Sub"),
  mul: same("Mul"),
  div: same("Div"),
  exp: same("Exp"),
  log: same("Log"),
  power: ({ value, inputs: [x], scalar, result }) =>
    result("Pow", [x!, scalar(attributesOf(value, power).exponent)]),
  affine({ value, inputs: [x], node, scalar, result }) {
    const { scale, offset } = attributesOf(value, affine);
    if (offset === 0) result("Mul", [x!, scalar(scale)]);
    else result("Add", [scale === 1 ? x! : node("Mul", [x!, scalar(scale)]), scalar(offset)]);
  },

  sum({ value, inputs: [x], list, result }) {
    const { axes, keepDims } = attributesOf(value, sum);
    result("ReduceSum", axes.length === 0 ? [x!] : [x!, list(axes)], { keepdims: flag(keepDims) });
  },
  mean({ value, inputs: [x], list, result }) {
    const { axes, keepDims } = attributesOf(value, mean);
    result("ReduceMean", axes.length === 0 ? [x!] : [x!, list(axes)], { keepdims: flag(keepDims) });
  },

  elementary({ value, inputs, node, result }) {
    const { function: name } = attributesOf(value, elementary);
    if (name === "truncate") result("Cast", [node("Cast", inputs, castToInt64)], castToFloat);
    else if (name === "isNaN") result("Cast", [node("IsNaN", inputs)], castToFloat);
    else if (name === "isInfinite") result("Cast", [node("IsInf", inputs)], castToFloat);
    else result(elementaryOperators[name], inputs);
  },
  compare({ value, inputs, node, result }) {
    const { relation } = attributesOf(value, compare);
    const opType = { equal: "Equal", notEqual: "Equal", less: "Less", lessOrEqual: "LessOrEqual" }[relation];
    const holds = node(opType, inputs);
    result("Cast", [relation === "notEqual" ? node("Not", [holds]) : holds], castToFloat);
  },
  maximum: same("Max"),
  minimum: same("Min"),
  select: ({ inputs: [condition, a, b], node, result }) =>
    result("Where", [node("Cast", [condition!], castToBool), a!, b!]),
  exponentiate: same("Pow"),
  remainder({ value, inputs: [a, b], node, result }) {
    if (attributesOf(value, remainder).truncated) result("Mod", [a!, b!], { fmod: int(1) });
    else result("Sub", [a!, node("Mul", [b!, node("Floor", [node("Div", [a!, b!])])])]);
  },
  reduceMax({ value, inputs: [x], list, result }) {
    const { axes, keepDims } = attributesOf(value, reduceMax);
    result("ReduceMax", axes.length === 0 ? [x!] : [x!, list(axes)], { keepdims: flag(keepDims) });
  },
  product({ value, inputs: [x], list, result }) {
    const { axes, keepDims } = attributesOf(value, product);
    result("ReduceProd", axes.length === 0 ? [x!] : [x!, list(axes)], { keepdims: flag(keepDims) });
  },
  argMax({ value, inputs, node, result }) {
    const { axis, keepDims, last } = attributesOf(value, argMax);
    const attrs = { axis: int(axis), keepdims: flag(keepDims), select_last_index: flag(last) };
    result("Cast", [node("ArgMax", inputs, attrs)], castToFloat);
  },
  topKIndices({ value, inputs: [x], list, node, result }) {
    const { axis, k, largest } = attributesOf(value, topKIndices);
    const attrs = { axis: int(axis), largest: flag(largest), sorted: int(1) };
    result("Cast", [node("TopK", [x!, list([k])], attrs, 1)], castToFloat);
  },
} satisfies Readonly<Record<string, ExportRule>>;
