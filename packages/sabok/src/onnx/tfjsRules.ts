// The operators of TensorFlow.js graph models in sabok's, as many as convolutional networks use.
import { shapeOf, type Padding, type Pair, type Value } from "../graph/index.ts";
import {
  affine,
  averagePool2d,
  batchNorm,
  biasAdd,
  broadcastTo,
  conv2d,
  elementary,
  exp,
  gather,
  leakyRelu,
  log,
  matmul,
  maxPool2d,
  mean,
  power,
  product as productOf,
  reduceMax,
  relu,
  relu6,
  sigmoid,
  softmax,
  sum,
  tanh,
} from "../ops/index.ts";
import { asKnown, asMap, asPlain } from "./channelsLast.ts";
import {
  depthToSpace,
  mirrored,
  packed,
  sliced,
  spaceToDepth,
  split,
  splitBy,
  strided,
  tiled,
  unpacked,
} from "./channelsLastParts.ts";
import {
  elu,
  expanded,
  extreme,
  joined,
  mapSize,
  padded,
  pairwise,
  prelu,
  raised,
  reduced,
  reshaped,
  resized,
  sameForm,
  samePadding,
  squaredDifference,
  squeezed,
  total,
  transposed,
} from "./channelsLastRules.ts";
import type { Made } from "./foldKnown.ts";
import type { TfjsNode } from "./tfjsNode.ts";

export type TfjsRule = (node: TfjsNode) => Made;

export const tfjsRules: Readonly<Record<string, TfjsRule>> = {
  Identity: (node) => node.operand(0),
  StopGradient: (node) => node.operand(0),

  Conv2D: (node) => asMap(convolution(node)),
  _FusedConv2D: (node) => asMap(fused(node, convolution(node))),
  DepthwiseConv2dNative: (node) => asMap(depthwise(node)),
  FusedDepthwiseConv2dNative: (node) => asMap(fused(node, depthwise(node))),
  MatMul: (node) => asPlain(product(node)),
  _FusedMatMul: (node) => asPlain(fused(node, product(node))),
  BiasAdd: (node) => sameForm(node, 0, (x) => node.apply(biasAdd, [x, node.plain(1)])),
  FusedBatchNorm: (node) => asMap(normalized(node)),
  FusedBatchNormV2: (node) => asMap(normalized(node)),
  FusedBatchNormV3: (node) => asMap(normalized(node)),
  MaxPool: (node) => asMap(node.apply(maxPool2d, [node.map(0)], { ...poolWindow(node), dilation: [1, 1] })),
  AvgPool: (node) =>
    asMap(node.apply(averagePool2d, [node.map(0)], { ...poolWindow(node), countIncludePad: false })),

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
  Ceil: (node) => sameForm(node, 0, (x) => node.apply(elementary, [x], { function: "ceil" })),
  Round: (node) => sameForm(node, 0, (x) => node.apply(elementary, [x], { function: "round" })),
  Elu: elu,
  Prelu: prelu,
  Pow: raised,
  Softmax: (node) => asPlain(node.apply(softmax, [node.plain(0)], { axis: -1 })),
  Add: (node) => pairwise(node, "add"),
  AddV2: (node) => pairwise(node, "add"),
  Sub: (node) => pairwise(node, "sub"),
  Mul: (node) => pairwise(node, "mul"),
  RealDiv: (node) => pairwise(node, "div"),
  Maximum: (node) => pairwise(node, "maximum"),
  Minimum: (node) => pairwise(node, "minimum"),
  SquaredDifference: squaredDifference,
  FloorDiv(node) {
    const y = pairwise(node, "div");
    return y.kind === "known"
      ? y
      : { kind: y.kind, value: node.apply(elementary, [y.value], { function: "floor" }) };
  },
  AddN: total,
  Mean: (node) => reduced(node, mean, node.numbers(1), node.flag("keep_dims")),
  Sum: (node) => reduced(node, sum, node.numbers(1), node.flag("keep_dims")),
  Prod: (node) => reduced(node, productOf, node.numbers(1), node.flag("keep_dims")),
  Max: (node) => reduced(node, reduceMax, node.numbers(1), node.flag("keep_dims")),
  Min: (node) =>
    reduced(node, reduceMax, node.numbers(1), node.flag("keep_dims"), (x) =>
      node.apply(affine, [x], { scale: -1 }),
    ),
  ArgMax: (node) => extreme(node, 1),
  ArgMin: (node) => extreme(node, -1),

  Pad: (node) => padded(node, node.numbers(1), 0),
  PadV2: (node) => padded(node, node.numbers(1), node.number(2)),
  ConcatV2(node) {
    const last = node.operands.length - 1;
    return joined(node, [...node.operands.keys()].slice(0, -1), node.number(last));
  },
  Reshape: (node) => reshaped(node, node.numbers(1)),
  Squeeze: (node) => squeezed(node, node.ints("squeeze_dims")),
  ExpandDims: (node) => expanded(node, node.number(1)),
  Transpose: (node) => transposed(node, node.numbers(1)),
  ResizeBilinear: (node) => resized(node, "bilinear", cornersOf(node)),
  ResizeNearestNeighbor: (node) => resized(node, "nearest", cornersOf(node)),

  Shape: (node) => asKnown([node.shape(0).length], node.shape(0)),
  Rank: (node) => asKnown([], [node.shape(0).length]),
  Cast: (node) =>
    node.isWhole("DstT") && !node.isWhole("SrcT")
      ? sameForm(node, 0, (x) => node.apply(elementary, [x], { function: "truncate" }))
      : node.operand(0),

  Pack: (node) => packed(node, node.int("axis", 0)),
  Unpack: (node) => unpacked(node, node.int("axis", 0), node.int("num", 0)),
  Split: (node) => split(node, 1, node.number(0), node.int("num_split", 0)),
  SplitV: (node) => splitBy(node, node.numbers(1), node.number(2), node.int("num_split", 0)),
  Slice: (node) => sliced(node, node.numbers(1), node.numbers(2)),
  StridedSlice(node) {
    if (node.int("ellipsis_mask", 0) !== 0 || node.int("new_axis_mask", 0) !== 0)
      node.refuse("it has an ellipsis or a new axis, which sabok does not import");
    const mask = (name: string): number => node.int(`${name}_mask`, 0);
    return strided(node, { begin: mask("begin"), end: mask("end"), shrink: mask("shrink_axis") });
  },
  GatherV2(node) {
    if (node.int("batch_dims", 0) !== 0)
      node.refuse("it gathers within each of a batch, which sabok does not import");
    return asPlain(node.apply(gather, [node.plain(0), node.plain(1)], { axis: node.number(2) }));
  },
  Tile: tiled,
  BroadcastTo: (node) => asPlain(node.apply(broadcastTo, [node.plain(0)], { shape: node.numbers(1) })),
  MirrorPad: (node) => mirrored(node, node.string("mode", "REFLECT") === "SYMMETRIC" ? 0 : 1),
  DepthToSpace: (node) => depthToSpace(node, node.int("block_size", 0)),
  SpaceToDepth: (node) => spaceToDepth(node, node.int("block_size", 0)),
};

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
  return { stride, dilation, padding: samePadding(mapSize(node, 0), kernel, { stride, dilation }) };
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

function cornersOf(node: TfjsNode): { alignCorners: boolean; halfPixel: boolean } {
  return { alignCorners: node.flag("align_corners"), halfPixel: node.flag("half_pixel_centers") };
}
