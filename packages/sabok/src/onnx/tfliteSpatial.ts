// TFLite's operators over windows of a map, and its products, in sabok's.
import { shapeOf, type Padding, type Pair, type Value } from "../graph/index.ts";
import {
  averagePool2d,
  biasAdd,
  conv2d,
  conv2dInputGradient,
  linear,
  matmul,
  maxPool2d,
  reshape,
} from "../ops/index.ts";
import { asMap, asPlain, type ChannelsLastTensor } from "./channelsLast.ts";
import { mapSize, samePadding } from "./channelsLastRules.ts";
import type { TfliteNode } from "./tfliteNode.ts";

export type TfliteRule = (node: TfliteNode) => ChannelsLastTensor | readonly ChannelsLastTensor[];

export const tfliteSpatial: Readonly<Record<string, TfliteRule>> = {
  /** A filter is [O,KH,KW,C]. */
  CONV_2D(node) {
    const [, height, width, channels] = node.shape(1);
    const w = node.weight(1, [0, 3, 1, 2], ([o, kh, kw, c]) => [o!, c!, kh!, kw!]);
    const x = node.map(0);
    const window = slidingWindow(node, [height!, width!], [node.int(5, 1), node.int(4, 1)]);
    const y = node.apply(conv2d, [x, w], { ...window, groups: groupsOf(node, x, channels!) });
    return asMap(node.activated(withBias(node, y), 3));
  },
  /** A filter is [1,KH,KW,C·M]: M outputs a channel, next to each other. */
  DEPTHWISE_CONV_2D(node) {
    const [, height, width] = node.shape(1);
    const w = node.weight(1, [3, 0, 1, 2], ([one, kh, kw, outputs]) => [outputs!, one!, kh!, kw!]);
    const x = node.map(0);
    const window = slidingWindow(node, [height!, width!], [node.int(6, 1), node.int(5, 1)]);
    const y = node.apply(conv2d, [x, w], { ...window, groups: shapeOf(x)[1]! });
    return asMap(node.activated(withBias(node, y), 4));
  },
  /** The result's size is operand 0; x is operand 2. */
  TRANSPOSE_CONV(node) {
    const [, height, width] = node.numbers(0);
    const y = transposedConvolution(node, 2, [height!, width!], strides(node), node.byte(0) === 0);
    return asMap(node.activated(withBias(node, y, 3), 3));
  },
  /** MediaPipe's own: its options are the padding (1 for SAME, 2 for VALID) and the strides, across first. */
  "custom Convolution2DTransposeBias"(node) {
    const [padding, across, down] = node.customInts();
    const [, height, width] = node.results[0]!.shape;
    if (down === undefined || !(padding === 1 || padding === 2)) node.refuse("it has no options");
    const y = transposedConvolution(node, 0, [height!, width!], [down, across!], padding === 1);
    return asMap(withBias(node, y));
  },
  MAX_POOL_2D(node) {
    const kernel = poolKernel(node);
    const y = node.apply(maxPool2d, [node.map(0)], { kernel, ...slidingWindow(node, kernel, [1, 1]) });
    return asMap(node.activated(y, 5));
  },
  AVERAGE_POOL_2D(node) {
    const kernel = poolKernel(node);
    const { stride, padding } = slidingWindow(node, kernel, [1, 1]);
    const y = node.apply(averagePool2d, [node.map(0)], { kernel, stride, padding, countIncludePad: false });
    return asMap(node.activated(y, 5));
  },

  /** A filter is [O,C]; x of any shape is rows of C numbers. */
  FULLY_CONNECTED(node) {
    if (node.byte(1) !== 0) node.refuse("its weights are shuffled, which sabok does not read");
    const shape = node.shape(0);
    const [outputs, features] = node.shape(1);
    const w = node.plain(1);
    const rows =
      shape.length === 2 ? node.plain(0) : node.apply(reshape, [node.plain(0)], { shape: [-1, features!] });
    const y = node.activated(withBias(node, node.apply(linear, [rows, w])), 0);
    if (!node.flag(2) || shape.length === 2) return asPlain(y);
    return asPlain(node.apply(reshape, [y], { shape: [-1, ...shape.slice(1, -1), outputs!] }));
  },
  BATCH_MATMUL: (node) =>
    asPlain(
      node.apply(matmul, [node.plain(0), node.plain(1)], {
        transposeA: node.flag(0),
        transposeB: node.flag(1),
      }),
    ),
};

function withBias(node: TfliteNode, y: Value, position = 2): Value {
  return node.has(position) ? node.apply(biasAdd, [y, node.plain(position)]) : y;
}

/** The transposed convolution of operand `position` with the filter [O,KH,KW,C] of operand 1. */
function transposedConvolution(
  node: TfliteNode,
  position: number,
  size: Pair,
  stride: Pair,
  isSame: boolean,
): Value {
  const [, height, width] = node.shape(1);
  const w = node.weight(1, [3, 0, 1, 2], ([o, kh, kw, c]) => [c!, o!, kh!, kw!]);
  const window = { stride: expectSteps(node, stride), dilation: [1, 1] as const };
  const padding = isSame ? samePadding(size, [height!, width!], window) : ([0, 0, 0, 0] as const);
  return node.apply(conv2dInputGradient, [node.map(position), w], { ...window, padding, size });
}

function strides(node: TfliteNode): Pair {
  return [node.int(2), node.int(1)];
}

function poolKernel(node: TfliteNode): Pair {
  return [node.int(4), node.int(3)];
}

/** Stride, dilation and padding over the map of operand 0. */
function slidingWindow(
  node: TfliteNode,
  kernel: Pair,
  dilation: Pair,
): { stride: Pair; dilation: Pair; padding: Padding } {
  const stride = strides(node);
  return { stride, dilation, padding: paddingOf(node, mapSize(node, 0), kernel, stride, dilation) };
}

function paddingOf(node: TfliteNode, size: Pair, kernel: Pair, stride: Pair, dilation: Pair): Padding {
  expectSteps(node, stride);
  expectSteps(node, dilation);
  if (node.byte(0) === 1) return [0, 0, 0, 0];
  if (node.byte(0) !== 0) node.refuse(`its padding is of kind ${node.byte(0)}, neither SAME nor VALID`);
  return samePadding(size, kernel, { stride, dilation });
}

function expectSteps(node: TfliteNode, steps: Pair): Pair {
  return steps.every((step) => step >= 1) ? steps : node.refuse(`its strides or dilations are [${steps}]`);
}

/** A filter reads `channels` of x's channels: all of them, or those of one group. */
function groupsOf(node: TfliteNode, x: Value, channels: number): number {
  const all = shapeOf(x)[1]!;
  if (!(channels >= 1) || all % channels !== 0)
    node.refuse(`x has ${all} channels, no multiple of the ${channels} of its filter`);
  return all / channels;
}
