// How each operator is said in ONNX, one rule an operator. A new operator does not compile until it has one here.
import { SabokError, formatShape, type Shape } from "../core/index.ts";
import { attributesOf, shapeOf, type Value } from "../graph/index.ts";
import {
  affine,
  averagePool2d,
  batchNorm,
  concat,
  conv2d,
  conv2dInputGradient,
  gridSample,
  leakyRelu,
  maxPool2d,
  mean,
  opTable,
  pad,
  power,
  reshape,
  resize,
  roiAlign,
  argMax,
  compare,
  elementary,
  gather,
  gatherElements,
  product,
  reduceMax,
  remainder,
  roiPool,
  slice,
  softmax,
  sum,
  topKIndices,
  transpose,
  type ElementaryName,
  type OpName,
} from "../ops/index.ts";
import type { MaxPool2dAttrs } from "../ops/pooling.ts";
import type { AttributeInit } from "./onnxWriter.ts";

/** The place of one value: what a rule may read and write. */
export interface ExportSite {
  readonly value: Value;
  readonly opset: number;
  /** The shapes of the operands and of the result as ONNX may rely on them: -1 where a dimension follows the batch. */
  readonly shapes: readonly Shape[];
  readonly shape: Shape;
  /** The operands' tensors. */
  readonly inputs: readonly string[];
  /** A bias that is added to the result and to be taken in: [] or [its tensor]. */
  readonly bias: readonly string[];
  /** A node on the way; returns the tensor of its output, or of one of its outputs. */
  node(
    opType: string,
    inputs: readonly string[],
    attrs?: Readonly<Record<string, AttributeInit>>,
    output?: number,
  ): string;
  /** The node that makes the value. */
  result(opType: string, inputs: readonly string[], attrs?: Readonly<Record<string, AttributeInit>>): void;
  scalar(value: number): string;
  list(values: readonly number[]): string;
  floats(values: readonly number[]): string;
}

type ExportRule = (site: ExportSite) => void;

const int = (value: number): AttributeInit => ({ int: value });
const float = (value: number): AttributeInit => ({ float: value });
const ints = (values: readonly number[]): AttributeInit => ({ ints: values });
const string = (value: string): AttributeInit => ({ string: value });
const flag = (value: boolean): AttributeInit => ({ int: value ? 1 : 0 });

/** The same operator in ONNX, operand for operand. */
const same = (opType: string, attrs: Readonly<Record<string, AttributeInit>> = {}): ExportRule => {
  return (site) => site.result(opType, site.inputs, attrs);
};

/** lowerForOnnx takes the operator apart. */
const lowered = "lowered";

/** Why an operator is not exported. */
const refused = {
  training: "it belongs to training: export the inference graph (toInference)",
  gradient: "it is a gradient, which ONNX has no operator for",
} as const;

/** ONNX's element types that a Cast names. */
const [castToFloat, castToInt64, castToBool] = [{ to: int(1) }, { to: int(7) }, { to: int(9) }];

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

export const exportRules = {
  conv2d({ value, inputs, bias, result }) {
    const { stride, dilation, padding, groups } = attributesOf(value, conv2d);
    result("Conv", [...inputs, ...bias], {
      kernel_shape: ints(kernelOf(value)),
      strides: ints(stride),
      dilations: ints(dilation),
      pads: ints(padding),
      group: int(groups),
    });
  },
  // ONNX's weight is [C, M/group, KH, KW] for C input and M output channels: w [O, C/groups, KH, KW] as it stands.
  conv2dInputGradient({ value, inputs, bias, shapes, result }) {
    const { stride, dilation, padding, groups, size } = attributesOf(value, conv2dInputGradient);
    const kernel = kernelOf(value);
    const outputPadding = [0, 1].map(
      (axis) =>
        size[axis]! -
        ((shapes[0]![axis + 2]! - 1) * stride[axis]! -
          padding[axis]! -
          padding[axis + 2]! +
          dilation[axis]! * (kernel[axis]! - 1) +
          1),
    );
    result("ConvTranspose", [...inputs, ...bias], {
      kernel_shape: ints(kernel),
      strides: ints(stride),
      dilations: ints(dilation),
      pads: ints(padding),
      output_padding: ints(outputPadding),
      group: int(groups),
    });
  },
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
  // A dimension of 1 keeps the operand's own, whatever the batch.
  broadcastTo: ({ inputs: [x], shape, list, result }) =>
    result("Expand", [x!, list(shape.map((dimension) => Math.max(dimension, 1)))]),

  reshape({ value, inputs: [x], shape, list, result }) {
    const given = attributesOf(value, reshape).shape;
    const from = shapeOf(value.inputs[0]!);
    // 0 copies the operand's dimension: what follows the batch, so that the one -1 there may be stays free.
    const to = shape.map((dimension, axis) =>
      dimension === -1 && given[axis] !== -1 && from[axis] === given[axis] ? 0 : dimension,
    );
    const open = to.includes(-1);
    result("Reshape", [
      x!,
      list(to.map((dimension, axis) => (!open && given[axis] === -1 ? -1 : dimension))),
    ]);
  },
  flatten: same("Flatten", { axis: int(1) }),
  transpose: ({ value, inputs, result }) =>
    result("Transpose", inputs, { perm: ints(attributesOf(value, transpose).permutation) }),
  concat: ({ value, inputs, result }) =>
    result("Concat", inputs, { axis: int(attributesOf(value, concat).axis) }),
  slice({ value, inputs: [x], list, result }) {
    const { starts, steps } = attributesOf(value, slice);
    const [from, to] = [shapeOf(value.inputs[0]!), shapeOf(value)];
    const cut = [...from.keys()].filter((axis) => from[axis] !== to[axis]);
    const ends = cut.map((axis) => starts[axis]! + (to[axis]! - 1) * steps[axis]! + 1);
    const pick = (values: readonly number[]) => list(cut.map((axis) => values[axis]!));
    if (cut.length === 0) result("Identity", [x!]);
    else result("Slice", [x!, pick(starts), list(ends), list(cut), pick(steps)]);
  },
  pad({ value, inputs: [x], list, scalar, result }) {
    const { before, after, value: filling } = attributesOf(value, pad);
    result("Pad", [x!, list([...before, ...after]), scalar(filling)]);
  },

  maxPool2d({ value, inputs, opset, result }) {
    result("MaxPool", inputs, poolWindow(value, attributesOf(value, maxPool2d), opset));
  },
  averagePool2d({ value, inputs, opset, result }) {
    const { countIncludePad, ...attrs } = attributesOf(value, averagePool2d);
    const { dilations: _, ...window } = poolWindow(value, { ...attrs, dilation: [1, 1] }, opset);
    result("AveragePool", inputs, { ...window, count_include_pad: flag(countIncludePad) });
  },
  globalAveragePool: same("GlobalAveragePool"),

  resize({ value, inputs: [x], shapes: [from], list, floats, result }) {
    const { size, mode, coordinates, scale } = attributesOf(value, resize);
    const byScale = scale.length > 0 && coordinates !== "alignCorners";
    // An axis that keeps its length is copied, whatever the factor.
    const factors = scale.map((factor, axis) => (from![axis + 2] === size[axis] ? 1 : factor));
    if (byScale && factors.some((factor, axis) => Math.floor(from![axis + 2]! * factor) !== size[axis]))
      throw new SabokError(
        `resize "${value.name}": ONNX makes ⌊length·factor⌋ pixels, which is not size ${formatShape(size)} for scale ${formatShape(scale)}.`,
      );
    result("Resize", byScale ? [x!, "", floats(factors)] : [x!, "", "", list(size)], {
      axes: ints([2, 3]),
      mode: string(mode === "nearest" ? "nearest" : "linear"),
      coordinate_transformation_mode: string(
        { asymmetric: "asymmetric", halfPixel: "half_pixel", alignCorners: "align_corners" }[coordinates],
      ),
      ...(mode === "nearest"
        ? { nearest_mode: string(coordinates === "asymmetric" ? "floor" : "round_prefer_ceil") }
        : {}),
    });
  },
  gridSample({ value, inputs, opset, result }) {
    const { mode, padding, alignCorners } = attributesOf(value, gridSample);
    result("GridSample", inputs, {
      mode: string(mode === "bilinear" && opset >= 20 ? "linear" : mode),
      padding_mode: string(padding),
      align_corners: flag(alignCorners),
    });
  },
  roiAlign({ value, inputs: [x, rois], node, list, result }) {
    const { outputSize, spatialScale, samplingRatio, aligned } = attributesOf(value, roiAlign);
    const image = node("Slice", [rois!, list([0]), list([1]), list([1]), list([1])]);
    const box = node("Slice", [rois!, list([1]), list([5]), list([1]), list([1])]);
    const index = node("Cast", [node("Squeeze", [image, list([1])])], { to: int(7) });
    result("RoiAlign", [x!, box, index], {
      mode: string("avg"),
      output_height: int(outputSize[0]),
      output_width: int(outputSize[1]),
      sampling_ratio: int(Math.max(samplingRatio, 0)),
      spatial_scale: float(spatialScale),
      coordinate_transformation_mode: string(aligned ? "half_pixel" : "output_half_pixel"),
    });
  },
  roiPool({ value, inputs, result }) {
    const { outputSize, spatialScale } = attributesOf(value, roiPool);
    result("MaxRoiPool", inputs, { pooled_shape: ints(outputSize), spatial_scale: float(spatialScale) });
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
  gather({ value, inputs: [x, indices], node, result }) {
    const { axis } = attributesOf(value, gather);
    result("Gather", [x!, node("Cast", [indices!], castToInt64)], { axis: int(axis) });
  },
  gatherElements({ value, inputs: [x, indices], node, result }) {
    const { axis } = attributesOf(value, gatherElements);
    result("GatherElements", [x!, node("Cast", [indices!], castToInt64)], { axis: int(axis) });
  },
  nonMaxSuppression: {
    refused: "ONNX's NonMaxSuppression gives as many rows as boxes stay, sabok's fills up with rows of -1",
  },

  fusedConv2d: lowered,
  fusedLinear: lowered,
  silu: lowered,
  channelSum: lowered,
  batchMean: lowered,
  batchVariance: lowered,
  sumTo: lowered,
  crossEntropy: lowered,

  dropout: { refused: refused.training },
  movingAverage: { refused: refused.training },
  sgdMomentum: { refused: refused.training },
  sgdStep: { refused: refused.training },
  adamMoment1: { refused: refused.training },
  adamMoment2: { refused: refused.training },
  adamStep: { refused: refused.training },
  lerp: { refused: refused.training },

  activationGradient: { refused: refused.gradient },
  gatherGradient: { refused: refused.gradient },
  gatherElementsGradient: { refused: refused.gradient },
  batchNormGradientSums: { refused: refused.gradient },
  batchNormInputGradient: { refused: refused.gradient },
  conv2dWeightGradient: { refused: refused.gradient },
  crossEntropyGradient: { refused: refused.gradient },
  maxPool2dGradient: { refused: refused.gradient },
  maxPool2dSelect: { refused: refused.gradient },
  averagePool2dGradient: { refused: refused.gradient },
  resizeGradient: { refused: refused.gradient },
  sliceGradient: { refused: refused.gradient },
  gridSampleInputGradient: { refused: refused.gradient },
  gridSampleGridGradient: { refused: refused.gradient },
  roiAlignGradient: { refused: refused.gradient },
  roiPoolGradient: { refused: refused.gradient },
  roiPoolSelect: { refused: refused.gradient },
} satisfies Record<OpName, ExportRule | typeof lowered | { readonly refused: string }>;

/** The rule of an operator by name. */
export function exportRuleOf(op: string): ExportRule | typeof lowered | { readonly refused: string } {
  if (!Object.hasOwn(opTable, op)) return { refused: "sabok has no such operator" };
  return exportRules[op as OpName];
}

/** Operators that take a bias in, when the value is nothing but the operand of one biasAdd. */
export const takesBias: ReadonlySet<string> = new Set<OpName>(["conv2d", "conv2dInputGradient", "linear"]);

function kernelOf(value: Value): readonly number[] {
  return shapeOf(value.inputs[1]!).slice(2);
}

/**
 * A pooling's window in ONNX. Before opset 22 the standard's shape rule keeps a last window that begins in the padding, which
 * PyTorch, ONNX Runtime and sabok drop. There ceil_mode is set only where it makes the map larger, and along an axis that
 * drops its last window the padding ends where the window before it does.
 */
function poolWindow(
  value: Value,
  { kernel, stride, dilation, padding, ceilMode }: MaxPool2dAttrs,
  opset: number,
) {
  const [from, to] = [shapeOf(value.inputs[0]!), shapeOf(value)];
  const pads = [...padding];
  let roundUp = ceilMode;
  if (ceilMode && opset < 22) {
    // How far the padded map reaches beyond the last window; negative where part of that window lies outside.
    const left = [0, 1].map((axis) => {
      const extent = dilation[axis]! * (kernel[axis]! - 1) + 1;
      return (
        from[axis + 2]! + padding[axis]! + padding[axis + 2]! - (to[axis + 2]! - 1) * stride[axis]! - extent
      );
    });
    roundUp = left.some((pixels) => pixels < 0);
    for (const [axis, pixels] of left.entries()) if (roundUp && pixels > 0) pads[axis + 2]! -= pixels;
    if (pads.some((pixels) => pixels < 0))
      throw new SabokError(
        `${value.op} "${value.name}": its last window is dropped along one axis and kept along the other; ONNX can say that from opset 22 on.`,
      );
  }
  return {
    kernel_shape: ints(kernel),
    strides: ints(stride),
    dilations: ints(dilation),
    pads: ints(pads),
    ceil_mode: flag(roundUp),
  };
}
