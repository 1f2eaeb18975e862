// MobileNetV1 (Howard et al., 2017): depthwise separable convolutions and nothing else. Names as timm's mobilenetv1_100.
import type { Value } from "../../graph/index.ts";
import { scope } from "../building.ts";
import { heNormalOfGroup } from "../initializers.ts";
import { batchNorm, conv2d, dropout, globalAvgPool, linear } from "../layers/index.ts";
import type { Network } from "../network.ts";
import { classesOf, classifier, roundChannels, stridesFor, widthOf, type MobileOptions } from "./options.ts";

/** [output channels, blocks, stride of the first]. */
const stages: readonly (readonly [number, number, number])[] = [
  [64, 1, 1],
  [128, 2, 2],
  [256, 2, 2],
  [512, 6, 2],
  [1024, 2, 2],
];

/** MobileNetV1 with batch norm and relu6: 4,231,976 parameters, 568,740,352 MACs at 224x224. */
export function mobilenetV1(options: MobileOptions = {}): Network {
  const width = widthOf(options);
  const [stemStride, ...strides] = stridesFor([2, ...stages.map(([, , stride]) => stride)], options);
  const channels = (count: number): number => roundChannels(count * width);
  return classifier(options, (image) => {
    let x = convolution(image, "conv_stem", "bn1", { out: channels(32), kernel: 3, stride: stemStride! });
    stages.forEach(([out, blocks], stage) => {
      for (let block = 0; block < blocks; block++)
        x = scope(`blocks.${stage}.${block}`, () =>
          depthwiseSeparable(x, channels(out), block === 0 ? strides[stage]! : 1),
        );
    });
    const features = dropout(
      scope("avgpool", () => globalAvgPool(x)),
      { rate: options.dropout ?? 0 },
    );
    return linear(features, { out: classesOf(options), name: "classifier" });
  });
}

function depthwiseSeparable(x: Value, out: number, stride: number): Value {
  const depthwise = convolution(x, "conv_dw", "bn1", {
    out: x.type.shape[1]!,
    kernel: 3,
    stride,
    groups: x.type.shape[1]!,
  });
  return convolution(depthwise, "conv_pw", "bn2", { out, kernel: 1, stride: 1 });
}

function convolution(
  x: Value,
  conv: string,
  norm: string,
  options: { out: number; kernel: number; stride: number; groups?: number },
): Value {
  const y = conv2d(x, { ...options, padding: (options.kernel - 1) / 2, init: heNormalOfGroup, name: conv });
  return batchNorm(y, { activation: "relu6", name: norm });
}
