// The network a block string describes. Names as torchvision's MobileNetV3: features.0 is the stem, features.1.block.0 …
import { shapeOf, type Value } from "../../graph/index.ts";
import { scope } from "../building.ts";
import { heNormalOfGroup, uniformByFanIn, type Initialization } from "../initializers.ts";
import { activate, add, dropout, globalAvgPool, linear, squeezeExcite } from "../layers/index.ts";
import type { Network } from "../network.ts";
import { convNorm, type BlockStyle } from "./blocks.ts";
import { parseBlockString, type BlockString } from "./blockString.ts";
import { classesOf, classifier } from "./options.ts";
import { scaleBlocks, type Block, type ScaledBlocks, type ScalingOptions } from "./scaleBlocks.ts";

/** How a network's weights begin and its batch norms count. */
export interface MobileStyle extends BlockStyle {
  readonly linearInit: Initialization;
}

const ownStyle: MobileStyle = {
  epsilon: 1e-3,
  momentum: 0.1,
  init: heNormalOfGroup,
  linearInit: uniformByFanIn,
};

/**
 * The network of a block string in timm's notation, such as "ds_r1_k3_s1_c16, ir_r3_k5_s2_e4_c40_se0.25, cn_r1_k1_s1_c240".
 * A stem ("stem_k3_s2_c16_nhs") may come first and a hidden layer ("head_c128") last; without a stem there is one of 16
 * channels whose stride fits the image. Dropout is 0.1 unless given.
 * Throws SabokError, pointing at the character, where the text does not parse.
 */
export function blockStringNetwork(text: string, options: ScalingOptions = {}): Network {
  return mobileNetwork(parseBlockString(text), ownStyle, { dropout: 0.1, ...options });
}

export function mobileNetwork(design: BlockString, style: MobileStyle, options: ScalingOptions): Network {
  const { stem, blocks, head } = scaleBlocks(design, options);
  return classifier(options, (image) => {
    let x = convNorm(image, "features.0", stem, style);
    for (const [i, block] of blocks.entries()) x = mobileBlock(x, `features.${i + 1}`, block, style);
    let features = scope("avgpool", () => globalAvgPool(x));
    if (head) features = hiddenLayer(features, head, style);
    // torchvision counts the classifier's modules: dropout and linear come after the hidden layer and its activation.
    const [dropping, last] = head ? ["classifier.2", "classifier.3"] : ["classifier.0", "classifier.1"];
    const kept = dropout(features, { rate: options.dropout ?? 0.2, name: dropping! });
    return linear(kept, { out: classesOf(options), init: style.linearInit, name: last! });
  });
}

function hiddenLayer(
  x: Value,
  { hidden, activation }: NonNullable<ScaledBlocks["head"]>,
  style: MobileStyle,
): Value {
  return scope("classifier", () =>
    activate(linear(x, { out: hidden, init: style.linearInit, name: "0" }), activation),
  );
}

function mobileBlock(x: Value, name: string, block: Block, style: BlockStyle): Value {
  const { type, kernel, stride, dilation, expanded, out, squeezed, activation, skip } = block;
  const window = { kernel, stride, dilation };
  if (type === "cn")
    return withSkip(x, convNorm(x, name, { out, ...window, activation }, style), name, skip ?? false);
  const y = scope(`${name}.block`, () => {
    let index = 0;
    const next = (): string => `${index++}`;
    let y = x;
    if (type === "er") y = convNorm(y, next(), { out: expanded, ...window, activation }, style);
    else {
      if (expanded !== shapeOf(x)[1]) y = convNorm(y, next(), { out: expanded, activation }, style);
      y = convNorm(y, next(), { out: expanded, ...window, groups: expanded, activation }, style);
    }
    if (squeezed > 0) y = squeezeExcite(y, { squeeze: squeezed, init: style.init, name: next() });
    return convNorm(y, next(), { out, activation: type === "dsa" ? activation : "none" }, style);
  });
  return withSkip(x, y, name, skip ?? type !== "dsa");
}

/** x + y where a skip is wanted and the shapes agree. */
function withSkip(x: Value, y: Value, name: string, wanted: boolean): Value {
  const fits = shapeOf(x).every((dimension, axis) => dimension === shapeOf(y)[axis]);
  return wanted && fits ? scope(name, () => add(x, y)) : y;
}
