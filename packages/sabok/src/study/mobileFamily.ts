// The small networks of chapter 6, on 14x14 grey images: a plain stack of convolutions, and a family of inverted residuals
// that differ in the expansion factor or in the squeeze ratio only. tools/study/mobile.mjs trains them; the chapters
// load them by name.
import { SabokError, type Tensor } from "../core/index.ts";
import { shapeOf, type Value } from "../graph/index.ts";
import {
  add,
  batchNorm,
  conv2d,
  globalAvgPool,
  linear,
  network,
  scope,
  squeezeExcite,
  type Network,
} from "../nn/index.ts";
import type { ChapterContext } from "./chapter.ts";

/** [channels, height, width] of the images. */
export const familyInput = [1, 14, 14] as const;
export const familyClasses = 10;

/** Output channels and stride of each block. */
export const familyBlocks = [
  { name: "blocks.0", out: 24, stride: 2 },
  { name: "blocks.1", out: 24, stride: 1 },
  { name: "blocks.2", out: 24, stride: 1 },
] as const;

/** The trained members: expansion factors, and reductions r of the squeeze (of expansion 4; none is "t4"). */
export const trainedExpansions = [1, 2, 4, 6] as const;
export const trainedRatios = [2, 4, 8, 16] as const;

export interface FamilyOptions {
  /** Expanded channels over input channels; default 4. */
  readonly expansion?: number;
  /** Channels over squeezed channels; undefined: no squeeze-and-excitation. */
  readonly ratio?: number;
  /** Expanded channels of each block, in place of expansion times its input. */
  readonly widths?: readonly number[];
  /** How many of the three blocks there are; default all. */
  readonly depth?: number;
  readonly seed?: number;
}

/** A stem of 16 channels, three inverted residuals, the last two with a skip, and a linear classifier. */
export function familyNetwork({
  expansion = 4,
  ratio,
  widths,
  depth = familyBlocks.length,
  seed = 1,
}: FamilyOptions = {}): Network {
  return network(
    { image: familyInput },
    ({ image }) => {
      let x = convolution(image, "stem", { out: 16, kernel: 3, activation: "relu6" });
      for (const [i, { name, out, stride }] of familyBlocks.slice(0, depth).entries())
        x = scope(name, () => invertedResidual(x, { expansion, expanded: widths?.[i], out, stride, ratio }));
      return linear(globalAvgPool(x), { out: familyClasses, name: "classifier" });
    },
    { seed },
  );
}

/** Three standard 3x3 convolutions of 16, 32 and 48 channels. */
export function plainNetwork(seed = 1): Network {
  return network(
    { image: familyInput },
    ({ image }) => {
      const layer = (x: Value, name: string, out: number, stride: number): Value =>
        convolution(x, name, { out, kernel: 3, stride, activation: "relu" });
      const x = layer(layer(layer(image, "conv1", 16, 1), "conv2", 32, 2), "conv3", 48, 1);
      return linear(globalAvgPool(x), { out: familyClasses, name: "classifier" });
    },
    { seed },
  );
}

/** Of squeezed channels: C/r, at least one. */
export const squeezedChannels = (channels: number, ratio: number): number =>
  Math.max(1, Math.round(channels / ratio));

interface BlockOptions {
  readonly expansion: number;
  /** Default: expansion times the input's channels. */
  readonly expanded?: number | undefined;
  /** Of the depthwise kernel; default 3. */
  readonly kernel?: number;
  readonly out: number;
  readonly stride: number;
  readonly ratio?: number | undefined;
}

/** Expand, depthwise, (squeeze and excite,) project; x is added where the shape stays. */
export function invertedResidual(x: Value, options: BlockOptions): Value {
  const { expansion, out, stride, ratio, kernel = 3 } = options;
  const channels = shapeOf(x)[1]!;
  const expanded = options.expanded ?? expansion * channels;
  let y = expansion === 1 ? x : convolution(x, "expand", { out: expanded, activation: "relu6" });
  y = convolution(y, "depthwise", { out: expanded, kernel, stride, groups: expanded, activation: "relu6" });
  if (ratio !== undefined)
    y = squeezeExcite(y, { squeeze: squeezedChannels(expanded, ratio), gate: "sigmoid", name: "se" });
  y = convolution(y, "project", { out, activation: "none" });
  return stride === 1 && channels === out ? add(x, y) : y;
}

interface ConvolutionOptions {
  readonly out: number;
  readonly kernel?: number;
  readonly stride?: number;
  readonly groups?: number;
  readonly activation: "none" | "relu" | "relu6";
}

function convolution(x: Value, name: string, { kernel = 1, activation, ...rest }: ConvolutionOptions): Value {
  return scope(name, () =>
    batchNorm(conv2d(x, { ...rest, kernel, padding: (kernel - 1) / 2, name: "0" }), {
      activation,
      name: "1",
    }),
  );
}

/** What the training script measured, kept in the checkpoint beside the weights. */
export interface Measured {
  readonly states: ReadonlyMap<string, Tensor>;
  /** Top-1 on the 2000 test images, 0 to 1. */
  readonly accuracy: number;
  /** Mean cross-entropy on the test images. */
  readonly loss: number;
}

/** A trained member, "plain", "t6" or "r8"; undefined where the caller has no checkpoints to offer. */
export async function trainedMember(context: ChapterContext, name: string): Promise<Measured | undefined> {
  const states = await context.checkpoint?.(`mobile-${name}`);
  if (!states) return undefined;
  const measured = (key: string): number => {
    const found = states.get(`measured.${key}`);
    if (!found)
      throw new SabokError(
        `The checkpoint mobile-${name} has no "measured.${key}"; make it anew by node tools/study/mobile.mjs.`,
      );
    return found.data[0]!;
  };
  return { states, accuracy: measured("accuracy"), loss: measured("loss") };
}

/** Test images as the networks take them, [count,1,14,14], and their labels. */
export interface FamilyImages {
  readonly images: Tensor & { readonly data: Float32Array };
  readonly labels: readonly number[];
}

/** The first test images; undefined where the caller has no checkpoints to offer. */
export async function familyImages(
  context: ChapterContext,
  count: number,
): Promise<FamilyImages | undefined> {
  const stored = await context.checkpoint?.("mobile-images");
  if (!stored) return undefined;
  const [mean, std] = [stored.get("mean")!.data[0]!, stored.get("std")!.data[0]!];
  const size = familyInput[1] * familyInput[2];
  const words = stored.get("pixels")!.data;
  // Four bytes in each stored whole number, the first one lowest.
  const pixel = (at: number): number => (words[at >> 2]! >>> (8 * (at & 3))) & 255;
  return {
    images: {
      shape: [count, ...familyInput],
      data: Float32Array.from({ length: count * size }, (_, at) => (pixel(at) / 255 - mean) / std),
    },
    labels: Array.from(stored.get("labels")!.data.subarray(0, count)),
  };
}
