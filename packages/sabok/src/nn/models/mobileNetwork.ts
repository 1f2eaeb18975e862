// The network a block string describes. Names as torchvision's MobileNetV3: features.0 is the stem, features.1.block.0 …
import { shapeOf, type Value } from "../../graph/index.ts";
import type { ActivationName } from "../../ops/index.ts";
import { scope } from "../building.ts";
import { heNormalOfGroup, uniformByFanIn, type Initialization } from "../initializers.ts";
import { activate, add, dropout, globalAvgPool, linear, squeezeExcite } from "../layers/index.ts";
import type { Network } from "../network.ts";
import { convNorm, type BlockStyle } from "./blocks.ts";
import { parseBlockString, type BlockStage, type BlockString } from "./blockString.ts";
import { classesOf, classifier, lastMap, leastMap, roundChannels, stridesFor, widthOf, type MobileOptions, type ModelOptions } from "./options.ts";

export interface MobileNetworkOptions extends MobileOptions {
  /** Of the blocks that name none. Default "hardSwish". */
  readonly activation?: ActivationName;
  /**
   * How a width changes the channels. "timm" (default): each block's expansion multiplies its scaled input, the head's
   * hidden layer stays, and below 0.75 the stem too. "torchvision": every number of the published table is scaled.
   */
  readonly widthRule?: "timm" | "torchvision";
}

/** How a network's weights begin and its batch norms count. */
export interface MobileStyle extends BlockStyle {
  readonly linearInit: Initialization;
}

const ownStyle: MobileStyle = { epsilon: 1e-3, momentum: 0.1, init: heNormalOfGroup, linearInit: uniformByFanIn };

/**
 * The network of a block string in timm's notation, such as "ds_r1_k3_s1_c16, ir_r3_k5_s2_e4_c40_se0.25, cn_r1_k1_s1_c240".
 * A stem ("stem_k3_s2_c16_nhs") may come first and a hidden layer ("head_c128") last; without a stem there is one of 16
 * channels whose stride fits the image. Throws SabokError, pointing at the character, where the text does not parse.
 */
export function blockStringNetwork(text: string, options: MobileNetworkOptions = {}): Network {
  return mobileNetwork(parseBlockString(text), ownStyle, { dropout: 0.1, ...options });
}

/** One block with every number fixed. */
interface Block {
  readonly type: BlockStage["type"];
  readonly kernel: number;
  readonly stride: number;
  readonly expanded: number;
  readonly out: number;
  readonly squeezed: number;
  readonly activation: ActivationName;
  readonly skip: boolean | undefined;
}

export function mobileNetwork(design: BlockString, style: MobileStyle, options: MobileNetworkOptions): Network {
  const { activation = "hardSwish", dropout: rate = 0.2 } = options;
  const { stem, blocks, hidden } = scaled(design, activation, options);
  return classifier(options, (image) => {
    let x = convNorm(image, "features.0", stem, style);
    for (const [i, block] of blocks.entries()) x = mobileBlock(x, `features.${i + 1}`, block, style);
    const features = scope("avgpool", () => globalAvgPool(x));
    return scope("classifier", () => {
      const names = hidden === undefined ? ["0", "1"] : ["2", "3"];
      const inner = hidden === undefined ? features : activate(linear(features, { out: hidden, init: style.linearInit, name: "0" }), design.head!.activation ?? activation);
      return linear(dropout(inner, { rate, name: names[0]! }), { out: classesOf(options), init: style.linearInit, name: names[1]! });
    });
  });
}

/** The design's numbers for a width and an image size. */
function scaled(design: BlockString, activation: ActivationName, options: MobileNetworkOptions) {
  const width = widthOf(options);
  const asTorchvision = options.widthRule === "torchvision";
  const stages = design.stages.flatMap((stage) => Array.from({ length: stage.repeat }, (_, i) => (i === 0 ? stage : { ...stage, stride: 1 })));
  const published = stages.map(({ stride }) => stride);
  const stem = design.stem ?? { kernel: 3, stride: undefined, channels: 16, activation: undefined };
  const [stemStride, ...strides] = stridesFor([stem.stride ?? fittedStem(published, options), ...published], options);
  const stemChannels = !asTorchvision && width < 0.75 ? stem.channels : roundChannels(stem.channels * width);
  let tabled = stem.channels;
  let channels = stemChannels;
  const blocks = stages.map((stage, i): Block => {
    const { type, kernel, expansion, squeeze, skip } = stage;
    let out = roundChannels(stage.channels * width);
    let expanded = expansion === 1 ? channels : roundChannels(channels * expansion);
    if (asTorchvision) {
      if (expansion !== 1) expanded = roundChannels(roundChannels(tabled * expansion) * width);
      if (type === "cn") out = roundChannels((channels * stage.channels) / tabled);
    }
    tabled = stage.channels;
    channels = out;
    const squeezed = squeeze === 0 ? 0 : roundChannels(expanded * squeeze);
    return { type, kernel, stride: strides[i]!, expanded, out, squeezed, activation: stage.activation ?? activation, skip };
  });
  const hidden = design.head && asTorchvision ? roundChannels(design.head.hidden * width) : design.head?.hidden;
  return {
    stem: { out: stemChannels, kernel: stem.kernel, stride: stemStride!, activation: stem.activation ?? activation },
    blocks,
    hidden,
  };
}

/** 2 where the last map stays large enough, else 1. */
function fittedStem(strides: readonly number[], { input = [3, 224, 224] }: ModelOptions): number {
  return lastMap(input, [2, ...strides]) >= leastMap ? 2 : 1;
}

function mobileBlock(x: Value, name: string, block: Block, style: BlockStyle): Value {
  const { type, kernel, stride, expanded, out, squeezed, activation } = block;
  if (type === "cn") return withSkip(x, convNorm(x, name, { out, kernel, stride, activation }, style), name, block.skip ?? false);
  const y = scope(`${name}.block`, () => {
    let index = 0;
    const next = (): string => `${index++}`;
    let y = x;
    if (type === "er") y = convNorm(y, next(), { out: expanded, kernel, stride, activation }, style);
    else {
      if (expanded !== shapeOf(x)[1]) y = convNorm(y, next(), { out: expanded, activation }, style);
      y = convNorm(y, next(), { out: expanded, kernel, stride, groups: expanded, activation }, style);
    }
    if (squeezed > 0) y = squeezeExcite(y, { squeeze: squeezed, init: style.init, name: next() });
    return convNorm(y, next(), { out, activation: type === "dsa" ? activation : "none" }, style);
  });
  return withSkip(x, y, name, block.skip ?? type !== "dsa");
}

/** x + y where a skip is wanted and the shapes agree. */
function withSkip(x: Value, y: Value, name: string, wanted: boolean): Value {
  const fits = shapeOf(x).every((dimension, axis) => dimension === shapeOf(y)[axis]);
  return wanted && fits ? scope(name, () => add(x, y)) : y;
}
