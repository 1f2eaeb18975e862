// What every model takes, and the rules that fit a published network to another width or image size.
import { SabokError } from "../../core/index.ts";
import type { Value } from "../../graph/index.ts";
import { network, type Network, type NetworkOptions } from "../network.ts";

export interface ModelOptions extends NetworkOptions {
  /** Default 1000. */
  readonly classes?: number;
  /** [channels, height, width] of an image. Default [3,224,224]. */
  readonly input?: readonly [channels: number, height: number, width: number];
  /** The probability of dropout before the classifier. Default: the published one. */
  readonly dropout?: number;
  /**
   * "published" (default): as in the paper, at any image size. "fitted": where the last map would be smaller than 4
   * along an axis, strides become 1, the earliest first, as is usual for 32x32 images.
   */
  readonly strides?: "published" | "fitted";
  /** The first convolution's stride, whatever `strides` says. */
  readonly stemStride?: number;
}

export interface MobileOptions extends ModelOptions {
  /** The factor of every layer's channels, rounded to multiples of 8. Default 1. */
  readonly width?: number;
}

/** A classifier of one input "image" with one output "logits". */
export function classifier(options: ModelOptions, build: (image: Value) => Value): Network {
  const { input = [3, 224, 224] } = options;
  return network({ image: input }, ({ image }) => build(image), options);
}

export function classesOf({ classes = 1000 }: ModelOptions): number {
  if (!Number.isInteger(classes) || classes < 1)
    throw new SabokError(`classes is ${classes}, expected a whole number of at least 1.`);
  return classes;
}

export function widthOf({ width = 1 }: MobileOptions): number {
  if (!(width > 0 && width < Infinity))
    throw new SabokError(`width is ${width}, expected a number above 0, such as 0.5.`);
  return width;
}

/**
 * The multiple of 8 nearest to a number of channels, at least 8, and never below 90 % of it: how all MobileNets round
 * (from the reference code of MobileNetV2).
 */
export function roundChannels(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}

/** The strides to use for the published ones, the stem's first. */
export function stridesFor(
  published: readonly number[],
  { strides = "published", stemStride, input = [3, 224, 224] }: ModelOptions,
): number[] {
  const given = stemStride === undefined ? [...published] : [stemStride, ...published.slice(1)];
  if (strides === "published") return given;
  const fixed = stemStride === undefined ? 0 : 1;
  for (let i = fixed; i < given.length && lastMap(input, given) < leastMap; i++) given[i] = 1;
  return given;
}

/** The smallest side of the last map that still lets a 3x3 window see neighbours on all sides of most pixels. */
export const leastMap = 4;

/** The shorter side of the last map when each stride rounds up. */
export function lastMap(
  [, height, width]: readonly [number, number, number],
  strides: readonly number[],
): number {
  return strides.reduce((side, stride) => Math.ceil(side / stride), Math.min(height, width));
}
