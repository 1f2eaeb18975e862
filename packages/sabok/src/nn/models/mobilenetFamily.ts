// The family of small networks that `fit` chooses from: MobileNetV3's blocks arranged for images of 28 to 224 pixels,
// with a width and a depth that grow it from well under a million multiply-accumulates to hundreds of millions.
import { SabokError } from "../../core/index.ts";
import type { Network } from "../network.ts";
import { formatBlockString, type BlockStage } from "./blockString.ts";
import { blockStringNetwork } from "./mobileNetwork.ts";
import { lastMap, leastMap, widthOf, type ModelOptions } from "./options.ts";

export interface FamilyOptions extends Omit<ModelOptions, "strides" | "stemStride"> {
  /** The factor of every layer's channels. Default 1. */
  readonly width?: number;
  /** The factor of every stage's number of blocks, at least one each. Default 1. */
  readonly depth?: number;
}

const plain = { expansion: 1, squeeze: 0, stride: 1, skip: undefined };

/** The member at width and depth 1, but for the strides. Squeeze-and-excitation and hard-swish stand in the later half. */
const base: readonly BlockStage[] = [
  { ...plain, type: "ds", repeat: 1, kernel: 3, channels: 16, activation: "relu" },
  { ...plain, type: "ir", repeat: 2, kernel: 3, expansion: 4, channels: 24, activation: "relu" },
  {
    ...plain,
    type: "ir",
    repeat: 3,
    kernel: 5,
    expansion: 4,
    channels: 40,
    squeeze: 0.25,
    activation: "hardSwish",
  },
  {
    ...plain,
    type: "ir",
    repeat: 4,
    kernel: 5,
    expansion: 6,
    channels: 80,
    squeeze: 0.25,
    activation: "hardSwish",
  },
];

/** The stem's channels and the last convolution's, which the pooling averages. */
const [stemChannels, lastChannels] = [16, 480];

/**
 * A member of the family in timm's notation. The map shrinks by up to five strides of 2, as long as its shorter side
 * stays at 4 or more: 28x28 and 32x32 images pass the stem whole, from 64 pixels on it has stride 2.
 */
export function mobilenetFamilyBlocks({
  width = 1,
  depth = 1,
  input = [3, 224, 224],
}: FamilyOptions = {}): string {
  if (!(depth > 0 && depth < Infinity))
    throw new SabokError(`depth is ${depth}, expected a number above 0, such as 0.5.`);
  const factor = widthOf({ width });
  const [stemStride, ...strides] = fittedStrides(input);
  const activation = "hardSwish";
  const stages = base.map((stage, i): BlockStage => ({
    ...stage,
    stride: strides[i]!,
    repeat: Math.max(1, Math.round(stage.repeat * depth)),
    channels: multipleOf8(stage.channels * factor),
  }));
  const lastOut = multipleOf8(lastChannels * factor);
  const last: BlockStage = { ...plain, type: "cn", repeat: 1, kernel: 1, channels: lastOut, activation };
  const stem = {
    kernel: 3,
    stride: stemStride,
    channels: multipleOf8(stemChannels * factor),
    activation,
  } as const;
  return formatBlockString({ stem, stages: [...stages, last], head: undefined });
}

/** The family's network of a width and a depth. */
export function mobilenetFamily(options: FamilyOptions = {}): Network {
  const { width: _, depth: _depth, ...rest } = options;
  return blockStringNetwork(mobilenetFamilyBlocks(options), rest);
}

/** Of the stem and the four stages. The first block gives up its stride first, then the stem, then the stages in order. */
function fittedStrides(input: readonly [number, number, number]): number[] {
  const strides = [2, 2, 2, 2, 2];
  for (const i of [1, 0, 2, 3, 4]) if (lastMap(input, strides) < leastMap) strides[i] = 1;
  return strides;
}

/** The nearest one, at least 8: the stages grow at different widths, so the members lie close together. */
function multipleOf8(channels: number): number {
  return Math.max(8, 8 * Math.round(channels / 8));
}
