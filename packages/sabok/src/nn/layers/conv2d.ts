// Convolution and its transpose, with parameters of their own or with a weight that is given.
import { ShapeError, formatShape } from "../../core/index.ts";
import { mapSizeOf, shapeOf, type GraphBuilder, type Value } from "../../graph/index.ts";
import { biasAdd, conv2d as conv2dOp, conv2dInputGradient } from "../../ops/index.ts";
import { apply, layerScope } from "../building.ts";
import { heNormalOfGroup, initializerOf, zeros, type Initialization } from "../initializers.ts";
import { expectGroups, paddingOf, pairOf, resolvePadding, type PaddingOption, type Size } from "./windows.ts";

export interface ConvolutionGeometry {
  /** Default 1. */
  readonly stride?: Size;
  /** Default 1. */
  readonly dilation?: Size;
  /** Default 0. */
  readonly padding?: PaddingOption;
  /** Default 1; as many as the input has channels: depthwise. */
  readonly groups?: number;
}

interface ConvolutionParameters {
  /** Output channels. */
  readonly out: number;
  /** Default 1: pointwise. */
  readonly kernel?: Size;
  /** Default false: a batch norm that follows makes a bias useless. */
  readonly bias?: boolean;
  /** Of the weight; default heNormalOfGroup. A bias begins at 0. */
  readonly init?: Initialization;
  /** The scope of the parameters; default "conv2d", "conv2d_2" … */
  readonly name?: string;
}

export interface Conv2dOptions extends ConvolutionGeometry, ConvolutionParameters {}

/**
 * Convolution of x [N,C,H,W]. With options: parameters `weight` [O,C/groups,KH,KW] and, asked for, `bias` [O] are made.
 * With a value as weight: that weight. Throws ShapeError where the shapes do not fit.
 */
export function conv2d(x: Value, options: Conv2dOptions): Value;
export function conv2d(x: Value, weight: Value, geometry?: ConvolutionGeometry): Value;
export function conv2d(x: Value, second: Conv2dOptions | Value, geometry: ConvolutionGeometry = {}): Value {
  if ("op" in second) return convolve(x, second, geometry);
  const { out, kernel = 1, groups = 1, name } = second;
  return layerScope("conv2d", name, (g, path) => {
    const where = `conv2d "${path}"`;
    const channels = channelsOf(x, where);
    expectGroups(channels, out, groups, where);
    const weight = weightParameter(g, [out, channels / groups, ...pairOf(kernel)], second);
    return withBias(g, convolve(x, weight, second), second);
  });
}

export interface ConvTranspose2dGeometry extends Omit<ConvolutionGeometry, "padding"> {
  /** What the transposed convolution pads; it crops the result. Default 0. */
  readonly padding?: Exclude<PaddingOption, "same">;
  /** Rows and columns added at the bottom and right; below the stride. Default 0. */
  readonly outputPadding?: Size;
}

export interface ConvTranspose2dOptions extends ConvTranspose2dGeometry, ConvolutionParameters {}

/**
 * Transposed convolution of x [N,C,H,W]: H' = (H − 1)·stride − top − bottom + dilation·(KH − 1) + 1 + outputPadding.
 * The weight is [C,O/groups,KH,KW], as in PyTorch.
 */
export function convTranspose2d(x: Value, options: ConvTranspose2dOptions): Value;
export function convTranspose2d(x: Value, weight: Value, geometry?: ConvTranspose2dGeometry): Value;
export function convTranspose2d(
  x: Value,
  second: ConvTranspose2dOptions | Value,
  geometry: ConvTranspose2dGeometry = {},
): Value {
  if ("op" in second) return convolveTransposed(x, second, geometry);
  const { out, kernel = 1, groups = 1, name } = second;
  return layerScope("convTranspose2d", name, (g, path) => {
    const where = `convTranspose2d "${path}"`;
    const channels = channelsOf(x, where);
    expectGroups(channels, out, groups, where);
    const weight = weightParameter(g, [channels, out / groups, ...pairOf(kernel)], second);
    return withBias(g, convolveTransposed(x, weight, second), second);
  });
}

function convolve(
  x: Value,
  weight: Value,
  { stride = 1, dilation = 1, padding = 0, groups = 1 }: ConvolutionGeometry,
): Value {
  const [strides, dilations] = [pairOf(stride), pairOf(dilation)];
  const map = mapSizeOf(x);
  const kernel = mapSizeOf(weight);
  const resolved = resolvePadding(padding, map, kernel, strides, dilations);
  return apply(conv2dOp, [x, weight], { stride: strides, dilation: dilations, padding: resolved, groups });
}

function convolveTransposed(
  x: Value,
  weight: Value,
  { stride = 1, dilation = 1, padding = 0, groups = 1, outputPadding = 0 }: ConvTranspose2dGeometry,
): Value {
  const attrs = { stride: pairOf(stride), dilation: pairOf(dilation), padding: paddingOf(padding), groups };
  const extra = pairOf(outputPadding);
  const length = (axis: 0 | 1): number =>
    (shapeOf(x)[axis + 2]! - 1) * attrs.stride[axis] -
    attrs.padding[axis] -
    attrs.padding[axis + 2]! +
    attrs.dilation[axis] * (shapeOf(weight)[axis + 2]! - 1) +
    1 +
    extra[axis];
  return apply(conv2dInputGradient, [x, weight], { ...attrs, size: [length(0), length(1)] });
}

function channelsOf(x: Value, where: string): number {
  const shape = shapeOf(x);
  if (shape.length !== 4)
    throw new ShapeError(`${where}: x has shape ${formatShape(shape)}, expected [N,C,H,W].`);
  return shape[1]!;
}

function weightParameter(
  g: GraphBuilder,
  shape: readonly number[],
  options: Conv2dOptions | ConvTranspose2dOptions,
): Value {
  return g.parameter("weight", shape, initializerOf(options.init ?? heNormalOfGroup, shape, options.groups));
}

function withBias(g: GraphBuilder, y: Value, { bias = false, out }: ConvolutionParameters): Value {
  return bias ? g.apply(biasAdd, [y, g.parameter("bias", [out], zeros)]) : y;
}
