// Residual networks (He et al., 2015), after and before activation. Names as torchvision's resnet18 and resnet50.
import { shapeOf, type Value } from "../../graph/index.ts";
import { scope } from "../building.ts";
import { heNormal, uniformByFanIn } from "../initializers.ts";
import { add, batchNorm, conv2d, dropout, globalAvgPool, linear, maxPool2d, relu } from "../layers/index.ts";
import type { Network } from "../network.ts";
import { classesOf, classifier, stridesFor, type ModelOptions } from "./options.ts";

type Block = (x: Value, channels: number, stride: number) => Value;

/** ResNet-18: 11,689,512 parameters, 1,814,073,344 MACs at 224x224. */
export function resnet18(options: ModelOptions = {}): Network {
  return resnet([2, 2, 2, 2], basicBlock, options);
}

/** ResNet-50 (stride in the 3x3 convolution): 25,557,032 parameters, 4,089,184,256 MACs at 224x224. */
export function resnet50(options: ModelOptions = {}): Network {
  return resnet([3, 4, 6, 3], bottleneck, options);
}

/**
 * ResNet-18 with batch norm and relu before each convolution (He et al., 2016, "Identity mappings"): the skips are never
 * clipped. A shortcut that changes the shape starts after the first activation; "bn" closes the last stage.
 */
export function preactResnet18(options: ModelOptions = {}): Network {
  return classifier(options, (image) => {
    const [stemStride, poolStride, ...strides] = stridesFor(published, options);
    const x = stages(pool(stem(image, stemStride!), poolStride!), [2, 2, 2, 2], strides, preactBlock);
    return head(norm(x, "bn"), options);
  });
}

/** Of the stem, the max pooling and the four stages. */
const published: readonly number[] = [2, 2, 1, 2, 2, 2];

function resnet(blocks: readonly number[], block: Block, options: ModelOptions): Network {
  return classifier(options, (image) => {
    const [stemStride, poolStride, ...strides] = stridesFor(published, options);
    return head(
      stages(pool(norm(stem(image, stemStride!), "bn1"), poolStride!), blocks, strides, block),
      options,
    );
  });
}

/** A 7x7 convolution; 3x3 where it does not shrink the map, as is usual for small images. */
function stem(image: Value, stride: number): Value {
  return convolution(image, "conv1", 64, stride === 1 ? 3 : 7, stride);
}

function pool(x: Value, stride: number): Value {
  return stride === 1 ? x : scope("maxpool", () => maxPool2d(x, { kernel: 3, stride, padding: 1 }));
}

function stages(x: Value, blocks: readonly number[], strides: readonly number[], block: Block): Value {
  let y = x;
  for (const [stage, count] of blocks.entries())
    for (let i = 0; i < count; i++)
      y = scope(`layer${stage + 1}.${i}`, () => block(y, 64 * 2 ** stage, i === 0 ? strides[stage]! : 1));
  return y;
}

function head(x: Value, options: ModelOptions): Value {
  const features = dropout(
    scope("avgpool", () => globalAvgPool(x)),
    { rate: options.dropout ?? 0 },
  );
  const biasInit = uniformByFanIn(shapeOf(features));
  return linear(features, { out: classesOf(options), biasInit, name: "fc" });
}

function basicBlock(x: Value, channels: number, stride: number): Value {
  const y = norm(convolution(x, "conv1", channels, 3, stride), "bn1");
  return joined(x, batchNorm(convolution(y, "conv2", channels, 3, 1), { name: "bn2" }), stride);
}

function bottleneck(x: Value, channels: number, stride: number): Value {
  const squeezed = norm(convolution(x, "conv1", channels, 1, 1), "bn1");
  const y = norm(convolution(squeezed, "conv2", channels, 3, stride), "bn2");
  return joined(x, batchNorm(convolution(y, "conv3", 4 * channels, 1, 1), { name: "bn3" }), stride);
}

function preactBlock(x: Value, channels: number, stride: number): Value {
  const active = norm(x, "bn1");
  const y = convolution(
    norm(convolution(active, "conv1", channels, 3, stride), "bn2"),
    "conv2",
    channels,
    3,
    1,
  );
  return add(y, keepsShape(x, y, stride) ? x : convolution(active, "downsample.0", channels, 1, stride));
}

/** relu(y + x), x brought to y's shape where it differs. */
function joined(x: Value, y: Value, stride: number): Value {
  if (keepsShape(x, y, stride)) return relu(add(y, x));
  const shortcut = convolution(x, "downsample.0", shapeOf(y)[1]!, 1, stride);
  return relu(add(y, batchNorm(shortcut, { name: "downsample.1" })));
}

function keepsShape(x: Value, y: Value, stride: number): boolean {
  return stride === 1 && shapeOf(x)[1] === shapeOf(y)[1];
}

function convolution(x: Value, name: string, out: number, kernel: number, stride: number): Value {
  return conv2d(x, { out, kernel, stride, padding: (kernel - 1) / 2, init: heNormal, name });
}

function norm(x: Value, name: string): Value {
  return batchNorm(x, { activation: "relu", name });
}
