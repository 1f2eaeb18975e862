// A block string's numbers for one width and image size: what is left is only to build it.
import type { ActivationName } from "../../ops/index.ts";
import type { BlockStage, BlockString } from "./blockString.ts";
import {
  lastMap,
  leastMap,
  roundChannels,
  stridesFor,
  widthOf,
  type MobileOptions,
  type ModelOptions,
} from "./options.ts";

export interface ScalingOptions extends MobileOptions {
  /** Of the blocks that name none. Default "hardSwish". */
  readonly activation?: ActivationName;
  /**
   * How a width changes the channels. "timm" (default): each block's expansion multiplies its scaled input, the head's
   * hidden layer stays, and below 0.75 the stem too. "torchvision": every number of the published table is scaled.
   */
  readonly widthRule?: "timm" | "torchvision";
}

/** One block with every number fixed. */
export interface Block {
  readonly type: BlockStage["type"];
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Channels between expansion and projection. */
  readonly expanded: number;
  readonly out: number;
  /** Channels of the squeeze; 0: none. */
  readonly squeezed: number;
  readonly activation: ActivationName;
  readonly skip: boolean | undefined;
}

export interface ScaledBlocks {
  readonly stem: {
    readonly out: number;
    readonly kernel: number;
    readonly stride: number;
    readonly activation: ActivationName;
  };
  readonly blocks: readonly Block[];
  readonly head: { readonly hidden: number; readonly activation: ActivationName } | undefined;
}

/** The stem of a block string that has none. */
const plainStem = { kernel: 3, stride: undefined, channels: 16, activation: undefined };

/** Channels are kept as written at width 1 and rounded to multiples of 8 at any other. */
export function scaleBlocks(design: BlockString, options: ScalingOptions): ScaledBlocks {
  const { activation = "hardSwish", widthRule = "timm" } = options;
  const width = widthOf(options);
  const scale = (channels: number): number => (width === 1 ? channels : roundChannels(channels * width));
  const stem = design.stem ?? plainStem;
  const stages = design.stages.flatMap(oneByOne);
  const published = stages.map(({ stride }) => stride);
  const [stemStride, ...strides] = stridesFor(
    [stem.stride ?? fittedStem(published, options), ...published],
    options,
  );
  const stemChannels = widthRule === "timm" && width < 0.75 ? stem.channels : scale(stem.channels);

  let before = { written: stem.channels, scaled: stemChannels };
  const blocks = stages.map((stage, i): Block => {
    const { type, kernel, dilation = 1, skip } = stage;
    const { expanded, out } = widthRules[widthRule](stage, before, scale);
    before = { written: stage.channels, scaled: out };
    const squeezed = stage.squeeze === 0 ? 0 : roundChannels(expanded * stage.squeeze);
    return {
      type,
      kernel,
      stride: strides[i]!,
      dilation,
      expanded,
      out,
      squeezed,
      activation: stage.activation ?? activation,
      skip,
    };
  });
  const head = design.head && {
    hidden: widthRule === "timm" ? design.head.hidden : scale(design.head.hidden),
    activation: design.head.activation ?? activation,
  };
  return {
    stem: {
      out: stemChannels,
      kernel: stem.kernel,
      stride: stemStride!,
      activation: stem.activation ?? activation,
    },
    blocks,
    head,
  };
}

interface Channels {
  readonly written: number;
  readonly scaled: number;
}

type WidthRule = (
  stage: BlockStage,
  before: Channels,
  scale: (channels: number) => number,
) => { expanded: number; out: number };

const widthRules: Readonly<Record<"timm" | "torchvision", WidthRule>> = {
  timm: ({ expansion, channels }, before, scale) => ({
    expanded: expansion === 1 ? before.scaled : roundChannels(before.scaled * expansion),
    out: scale(channels),
  }),
  torchvision: ({ type, expansion, channels }, before, scale) => ({
    expanded: expansion === 1 ? before.scaled : scale(roundChannels(before.written * expansion)),
    // Its last convolution multiplies the scaled channels of the block before it.
    out: type === "cn" ? roundChannels((before.scaled * channels) / before.written) : scale(channels),
  }),
};

/** A stage's blocks, of which only the first has the stride. */
function oneByOne(stage: BlockStage): BlockStage[] {
  return Array.from({ length: stage.repeat }, (_, i) => (i === 0 ? stage : { ...stage, stride: 1 }));
}

/** 2 where the last map stays large enough, else 1. */
function fittedStem(strides: readonly number[], { input = [3, 224, 224] }: ModelOptions): number {
  return lastMap(input, [2, ...strides]) >= leastMap ? 2 : 1;
}
