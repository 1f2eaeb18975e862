// A running statistic of batch normalisation, moved towards the batch's.
import { ShapeError, formatShape } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { noMacs } from "./shapes.ts";
import { tensorFrom, updateType } from "./updating.ts";

export type MovingAverageAttrs = {
  /** The share of the batch, as PyTorch counts it. */
  readonly momentum: number;
  /** What the batch's statistic is multiplied by: n/(n − 1) makes a variance unbiased, 1 leaves it. */
  readonly correction: number;
};

const inputs = ["running [C]", "batch [C]"] as const;

export const movingAverage: OpSpec<"movingAverage", MovingAverageAttrs, 2> = {
  name: "movingAverage",
  doc: "The new running statistic: (1 − momentum)·running + momentum·correction·batch.",
  inputs,
  defaults: { momentum: 0.1, correction: 1 },
  infer(types, _, where) {
    const [{ shape }] = types;
    if (shape.length !== 1)
      throw new ShapeError(`${where}: running has shape ${formatShape(shape)}, expected [C].`);
    return updateType(types, inputs, where);
  },
  reference: ([running, batch], { momentum, correction }) =>
    tensorFrom(
      running.shape,
      (i) => (1 - momentum) * running.data[i]! + momentum * correction * batch.data[i]!,
    ),
  grad: "none",
  macs: noMacs,
  *samples() {
    for (let channels = 1; channels <= 33; channels++)
      yield {
        inputs: [[channels], [channels]],
        attrs: { momentum: [0.1, 0.01, 0.3, 1, 0][channels % 5]!, correction: 1 + (channels % 3) / 7 },
      };
  },
  rejects: [
    { inputs: [[4], [3]], error: /batch \[C\] has shape \[3\] but running \[C\] \[4\]/ },
    {
      inputs: [
        [4, 1],
        [4, 1],
      ],
      error: /running has shape \[4,1\], expected \[C\]/,
    },
  ],
};
