// MobileNetV2 (Sandler et al., 2018): inverted residuals with linear bottlenecks. Names as torchvision's mobilenet_v2.
import { shapeOf, type Value } from "../../graph/index.ts";
import { scope } from "../building.ts";
import { heNormal } from "../initializers.ts";
import { add, batchNorm, conv2d, dropout, globalAvgPool, linear } from "../layers/index.ts";
import type { Network } from "../network.ts";
import { convNorm, type BlockStyle } from "./blocks.ts";
import { classesOf, classifier, roundChannels, stridesFor, widthOf, type MobileOptions } from "./options.ts";

/** [expansion, output channels, blocks, stride of the first]. */
const stages: readonly (readonly [number, number, number, number])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

const style: BlockStyle = { epsilon: 1e-5, momentum: 0.1, init: heNormal };

/**
 * MobileNetV2: 3,504,872 parameters, 300,774,272 MACs at 224x224. A width below 1 keeps the head's 1280 channels, as in
 * the paper, timm and torchvision; one above widens it.
 */
export function mobilenetV2(options: MobileOptions = {}): Network {
  const width = widthOf(options);
  const [stemStride, ...strides] = stridesFor([2, ...stages.map(([, , , stride]) => stride)], options);
  return classifier(options, (image) => {
    let index = 0;
    const next = (): string => `features.${index++}`;
    let x = convNorm(
      image,
      next(),
      { out: roundChannels(32 * width), kernel: 3, stride: stemStride!, activation: "relu6" },
      style,
    );
    for (const [stage, [expansion, out, blocks]] of stages.entries())
      for (let block = 0; block < blocks; block++)
        x = invertedResidual(
          x,
          next(),
          expansion,
          roundChannels(out * width),
          block === 0 ? strides[stage]! : 1,
        );
    x = convNorm(x, next(), { out: roundChannels(1280 * Math.max(1, width)), activation: "relu6" }, style);
    const features = dropout(
      scope("avgpool", () => globalAvgPool(x)),
      { rate: options.dropout ?? 0.2, name: "classifier.0" },
    );
    return linear(features, {
      out: classesOf(options),
      init: { kind: "normal", std: 0.01 },
      name: "classifier.1",
    });
  });
}

function invertedResidual(x: Value, name: string, expansion: number, out: number, stride: number): Value {
  const channels = shapeOf(x)[1]!;
  const expanded = channels * expansion;
  const y = scope(`${name}.conv`, () => {
    let index = 0;
    const next = (): string => `${index++}`;
    let y = expansion === 1 ? x : convNorm(x, next(), { out: expanded, activation: "relu6" }, style);
    y = convNorm(
      y,
      next(),
      { out: expanded, kernel: 3, stride, groups: expanded, activation: "relu6" },
      style,
    );
    y = conv2d(y, { out, init: style.init, name: next() });
    return batchNorm(y, { epsilon: style.epsilon, momentum: style.momentum, name: next() });
  });
  return stride === 1 && channels === out ? scope(name, () => add(x, y)) : y;
}
