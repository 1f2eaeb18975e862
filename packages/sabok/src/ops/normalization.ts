// What batch norm and its two gradient operators share: attributes, checks, the loop over normalised values, test shapes.
import type { Tensor, TensorType } from "../core/index.ts";
import { activationFunctions, type ActivationAttrs } from "./activation.ts";
import { channelsOf } from "./batchMean.ts";
import { channelShapes, channelView, expectShape } from "./shapes.ts";

export type BatchNormAttrs = ActivationAttrs & {
  /** ε, added to the variance. */
  readonly epsilon: number;
};

export const batchNormDefaults: BatchNormAttrs = { epsilon: 1e-5, activation: "none", slope: 0.01 };

/** Throws unless each operand is a vector of x's channels. */
export function expectChannelVectors(
  x: TensorType,
  vectors: readonly TensorType[],
  names: readonly string[],
  where: string,
): void {
  const channels = channelsOf(x, where);
  vectors.forEach((vector, i) => expectShape(vector, [channels], names[i]!, where));
}

/** Calls back with each element's position, channel and normalised value. */
export function forEachNormalized(
  x: Tensor,
  mean: Tensor,
  variance: Tensor,
  epsilon: number,
  visit: (position: number, channel: number, xHat: number) => void,
): void {
  const [, channels, rest] = channelView(x.shape);
  const inverse = Float64Array.from(variance.data, (v) => 1 / Math.sqrt(v + epsilon));
  for (let i = 0; i < x.data.length; i++) {
    const c = Math.floor(i / rest) % channels;
    visit(i, c, (x.data[i]! - mean.data[c]!) * inverse[c]!);
  }
}

/** Shapes with at least two values a channel. */
export const batchNormShapes = channelShapes.filter((x) => x.reduce((a, b) => a * b, 1) > x[1]!);

/** Positive numbers around 1, as a variance. */
export function positive(channels: number): Tensor {
  return {
    shape: [channels],
    data: Float64Array.from({ length: channels }, (_, i) => 0.25 + ((i * 7) % 11) / 4),
  };
}

export function batchNormSampleAttrs(i: number): Partial<BatchNormAttrs> {
  const names = Object.keys(activationFunctions) as (keyof typeof activationFunctions)[];
  return { activation: names[i % names.length]!, epsilon: i % 2 === 0 ? 1e-5 : 1e-3 };
}
