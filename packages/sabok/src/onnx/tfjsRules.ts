// TensorFlow's operators in sabok's, as many as convolutional networks use.
import { normalizeAxis, type Shape } from "../core/index.ts";
import { shapeOf, type OpSpec, type Padding, type Pair, type Value } from "../graph/index.ts";
import {
  add,
  affine,
  averagePool2d,
  batchNorm,
  biasAdd,
  concat,
  conv2d,
  div,
  elementary,
  exp,
  leakyRelu,
  log,
  matmul,
  maxPool2d,
  maximum,
  mean,
  minimum,
  mul,
  pad,
  power,
  relu,
  relu6,
  reshape,
  resize,
  sigmoid,
  softmax,
  sub,
  sum,
  tanh,
  transpose,
} from "../ops/index.ts";
import type { TfjsNode, TfjsTensor } from "./tfjsNode.ts";

export type TfjsRule = (node: TfjsNode) => TfjsTensor;

const map = (value: Value): TfjsTensor => ({ kind: "map", value });
const plain = (value: Value): TfjsTensor => ({ kind: "plain", value });
const known = (shape: Shape, numbers: readonly number[]): TfjsTensor => ({
  kind: "known",
  name: "",
  tensor: { shape, data: Float64Array.from(numbers) },
});

export const tfjsRules: Readonly<Record<string, TfjsRule>> = {
  Identity: (node) => node.operand(0),
  StopGradient: (node) => node.operand(0),

  Conv2D: (node) => map(convolution(node)),
  _FusedConv2D: (node) => map(fused(node, convolution(node))),
  DepthwiseConv2dNative: (node) => map(depthwise(node)),
  FusedDepthwiseConv2dNative: (node) => map(fused(node, depthwise(node))),
  MatMul: (node) => plain(product(node)),
  _FusedMatMul: (node) => plain(fused(node, product(node))),
  BiasAdd: (node) => sameForm(node, 0, (x) => node.apply(biasAdd, [x, node.plain(1)])),
  FusedBatchNorm: (node) => map(normalized(node)),
  FusedBatchNormV2: (node) => map(normalized(node)),
  FusedBatchNormV3: (node) => map(normalized(node)),
  MaxPool: (node) => map(node.apply(maxPool2d, [node.map(0)], { ...poolWindow(node), dilation: [1, 1] })),
  AvgPool: (node) =>
    map(node.apply(averagePool2d, [node.map(0)], { ...poolWindow(node), countIncludePad: false })),

  Relu: (node) => sameForm(node, 0, (x) => node.apply(relu, [x])),
  Relu6: (node) => sameForm(node, 0, (x) => node.apply(relu6, [x])),
  LeakyRelu: (node) =>
    sameForm(node, 0, (x) => node.apply(leakyRelu, [x], { slope: node.float("alpha", 0.2) })),
  Sigmoid: (node) => sameForm(node, 0, (x) => node.apply(sigmoid, [x])),
  Tanh: (node) => sameForm(node, 0, (x) => node.apply(tanh, [x])),
  Exp: (node) => sameForm(node, 0, (x) => node.apply(exp, [x])),
  Log: (node) => sameForm(node, 0, (x) => node.apply(log, [x])),
  Neg: (node) => sameForm(node, 0, (x) => node.apply(affine, [x], { scale: -1 })),
  Abs: (node) => sameForm(node, 0, (x) => node.apply(elementary, [x], { function: "abs" })),
  Floor: (node) => sameForm(node, 0, (x) => node.apply(elementary, [x], { function: "floor" })),
  Softplus: (node) => sameForm(node, 0, (x) => node.apply(elementary, [x], { function: "softplus" })),
  Sqrt: (node) => sameForm(node, 0, (x) => node.apply(power, [x], { exponent: 0.5 })),
  Rsqrt: (node) => sameForm(node, 0, (x) => node.apply(power, [x], { exponent: -0.5 })),
  Square: (node) => sameForm(node, 0, (x) => node.apply(power, [x], { exponent: 2 })),
  Softmax: (node) => plain(node.apply(softmax, [node.plain(0)], { axis: -1 })),
  Add: (node) => paired(node, add),
  AddV2: (node) => paired(node, add),
  Sub: (node) => paired(node, sub),
  Mul: (node) => paired(node, mul),
  RealDiv: (node) => paired(node, div),
  Maximum: (node) => paired(node, maximum),
  Minimum: (node) => paired(node, minimum),
  AddN(node) {
    const isMap = node.operands.some(({ kind }) => kind === "map");
    const values = node.operands.map((_, i) => (isMap ? node.map(i) : node.plain(i)));
    const total = values.reduce((a, b) => node.apply(add, [a, b]));
    return isMap ? map(total) : plain(total);
  },
  Mean: (node) => reduced(node, mean),
  Sum: (node) => reduced(node, sum),

  Pad: (node) => padded(node, 0),
  PadV2: (node) => padded(node, node.numbers(2)[0]!),
  ConcatV2(node) {
    const parts = node.operands.slice(0, -1);
    const rank = node.shape(0).length;
    const axis = normalizeAxis(node.numbers(parts.length)[0]!, rank, node.where);
    if (!parts.some(({ kind }) => kind === "map"))
      return plain(
        node.apply(
          concat,
          parts.map((_, i) => node.plain(i)),
          { axis },
        ),
      );
    return map(
      node.apply(
        concat,
        parts.map((_, i) => node.map(i)),
        { axis: [0, 2, 3, 1][axis]! },
      ),
    );
  },
  Reshape(node) {
    const shape = node.numbers(1);
    const from = node.shape(0);
    // What keeps the batch holds for any batch.
    const keepsBatch = shape[0] === from[0] && shape[0] !== 1 && !shape.includes(-1);
    return plain(
      node.apply(reshape, [node.plain(0)], { shape: keepsBatch ? [-1, ...shape.slice(1)] : shape }),
    );
  },
  Squeeze(node) {
    const shape = node.shape(0);
    const given = node.ints("squeeze_dims")?.map((axis) => normalizeAxis(axis, shape.length, node.where));
    const rest = shape.filter((dimension, axis) => (given ? !given.includes(axis) : dimension !== 1));
    return plain(node.apply(reshape, [node.plain(0)], { shape: rest }));
  },
  ExpandDims(node) {
    const shape = [...node.shape(0)];
    shape.splice(normalizeAxis(node.numbers(1)[0]!, shape.length + 1, node.where), 0, 1);
    return plain(node.apply(reshape, [node.plain(0)], { shape }));
  },
  Transpose: (node) => plain(node.apply(transpose, [node.plain(0)], { permutation: node.numbers(1) })),
  ResizeBilinear: (node) => resized(node, "bilinear"),
  ResizeNearestNeighbor: (node) => resized(node, "nearest"),

  // Shape arithmetic is done here.
  Shape: (node) => known([node.shape(0).length], node.shape(0)),
  Pack(node) {
    const parts = node.operands.map((_, i) => node.numbers(i));
    if (parts.some(({ length }) => length !== 1)) node.refuse("it stacks more than single numbers");
    return known([parts.length], parts.flat());
  },
  StridedSlice(node) {
    const numbers = node.numbers(0);
    const [[begin], [end], [step]] = [1, 2, 3].map((i) => node.numbers(i)) as [number[], number[], number[]];
    if (node.shape(0).length !== 1 || step !== 1) node.refuse("it is none of shape arithmetic");
    if (node.int("shrink_axis_mask", 0) === 1) return known([], [numbers.at(begin!)!]);
    const first = (node.int("begin_mask", 0) & 1) === 1 ? 0 : begin;
    const part = numbers.slice(first, (node.int("end_mask", 0) & 1) === 1 ? undefined : end);
    return known([part.length], part);
  },
};

/** The same function of a map and of any other value. */
function sameForm(node: TfjsNode, position: number, build: (x: Value) => Value): TfjsTensor {
  return node.operand(position).kind === "map"
    ? map(build(node.map(position)))
    : plain(build(node.plain(position)));
}

function paired(node: TfjsNode, spec: OpSpec<string, object, 2>): TfjsTensor {
  const isMap = node.operands.some(({ kind }) => kind === "map");
  return isMap
    ? map(node.apply(spec, [node.overMap(0), node.overMap(1)]))
    : plain(node.apply(spec, [node.plain(0), node.plain(1)]));
}

/** Stride, dilation and padding along the two axes of a map. */
function windowOf(node: TfjsNode, kernel: Pair): { stride: Pair; dilation: Pair; padding: Padding } {
  if (node.string("data_format", "NHWC") !== "NHWC") node.refuse("its maps are not NHWC");
  const spatial = (name: string): Pair => {
    const list = node.ints(name) ?? [1, 1, 1, 1];
    return [list[1]!, list[2]!];
  };
  const [stride, dilation] = [spatial("strides"), spatial("dilations")];
  const way = node.string("padding", "VALID");
  if (way === "VALID") return { stride, dilation, padding: [0, 0, 0, 0] };
  if (way === "EXPLICIT") {
    const list = node.ints("explicit_paddings") ?? [];
    if (list.length !== 8) node.refuse(`its explicit_paddings are [${list}]`);
    return { stride, dilation, padding: [list[2]!, list[4]!, list[3]!, list[5]!] };
  }
  if (way !== "SAME") node.refuse(`its padding is "${way}"`);
  const totals = [0, 1].map((axis) => {
    const length = node.shape(0)[axis + 1]!;
    const extent = dilation[axis]! * (kernel[axis]! - 1) + 1;
    return Math.max((Math.ceil(length / stride[axis]!) - 1) * stride[axis]! + extent - length, 0);
  }) as [number, number];
  // The odd pixel goes to the end.
  const [top, left] = totals.map((total) => Math.floor(total / 2)) as [number, number];
  return { stride, dilation, padding: [top, left, totals[0] - top, totals[1] - left] };
}

function poolWindow(node: TfjsNode): { kernel: Pair; stride: Pair; padding: Padding } {
  const [, height, width] = node.ints("ksize") ?? node.refuse("it has no ksize");
  const kernel: Pair = [height!, width!];
  const { stride, padding } = windowOf(node, kernel);
  return { kernel, stride, padding };
}

/** A filter is [KH,KW,C,O]. */
function convolution(node: TfjsNode): Value {
  const [height, width, channels] = node.shape(1);
  const w = node.weight(1, [3, 2, 0, 1], ([kh, kw, c, o]) => [o!, c!, kh!, kw!]);
  const x = node.map(0);
  return node.apply(conv2d, [x, w], {
    ...windowOf(node, [height!, width!]),
    groups: shapeOf(x)[1]! / channels!,
  });
}

/** A depthwise filter is [KH,KW,C,M]: M outputs a channel, next to each other. */
function depthwise(node: TfjsNode): Value {
  const [height, width, channels] = node.shape(1);
  const w = node.weight(1, [2, 3, 0, 1], ([kh, kw, c, m]) => [c! * m!, 1, kh!, kw!]);
  return node.apply(conv2d, [node.map(0), w], { ...windowOf(node, [height!, width!]), groups: channels! });
}

function product(node: TfjsNode): Value {
  return node.apply(matmul, [node.plain(0), node.plain(1)], {
    transposeA: node.flag("transpose_a"),
    transposeB: node.flag("transpose_b"),
  });
}

/** What a fused operator does after its own: a bias, a batch norm that only scales is not fused, an activation. */
function fused(node: TfjsNode, y: Value): Value {
  let result = y;
  for (const name of node.strings("fused_ops")) {
    if (name === "BiasAdd") result = node.apply(biasAdd, [result, node.plain(2)]);
    else if (name === "Relu") result = node.apply(relu, [result]);
    else if (name === "Relu6") result = node.apply(relu6, [result]);
    else if (name === "Sigmoid") result = node.apply(sigmoid, [result]);
    else if (name === "LeakyRelu")
      result = node.apply(leakyRelu, [result], { slope: node.float("leakyrelu_alpha", 0.2) });
    else node.refuse(`it is fused with ${name}`);
  }
  return result;
}

function normalized(node: TfjsNode): Value {
  const operands = [node.plain(1), node.plain(2), node.plain(3), node.plain(4)] as const;
  return node.apply(batchNorm, [node.map(0), ...operands], { epsilon: node.float("epsilon", 1e-4) });
}

function reduced(
  node: TfjsNode,
  spec: OpSpec<"mean" | "sum", { readonly axes: readonly number[]; readonly keepDims: boolean }, 1>,
): TfjsTensor {
  const rank = node.shape(0).length;
  const axes = node.numbers(1).map((axis) => normalizeAxis(axis, rank, node.where));
  const keepDims = node.flag("keep_dims");
  const isSpatial = node.operand(0).kind === "map" && axes.every((axis) => axis === 1 || axis === 2);
  if (!isSpatial) return plain(node.apply(spec, [node.plain(0)], { axes, keepDims }));
  const y = node.apply(spec, [node.map(0)], { axes: axes.map((axis) => axis + 1), keepDims });
  return keepDims ? map(y) : plain(y);
}

function padded(node: TfjsNode, value: number): TfjsTensor {
  const pairs = node.numbers(1);
  const [before, after] = [0, 1].map((side) => pairs.filter((_, i) => i % 2 === side)) as [
    number[],
    number[],
  ];
  if (node.operand(0).kind !== "map")
    return plain(node.apply(pad, [node.plain(0)], { before, after, value }));
  const order = [0, 3, 1, 2];
  const permuted = (list: readonly number[]): number[] => order.map((axis) => list[axis]!);
  return map(node.apply(pad, [node.map(0)], { before: permuted(before), after: permuted(after), value }));
}

function resized(node: TfjsNode, mode: "nearest" | "bilinear"): TfjsTensor {
  const size = node.numbers(1) as unknown as Pair;
  const coordinates = node.flag("align_corners")
    ? "alignCorners"
    : node.flag("half_pixel_centers")
      ? "halfPixel"
      : "asymmetric";
  return map(node.apply(resize, [node.map(0)], { size, mode, coordinates }));
}
