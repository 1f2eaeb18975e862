// Batch norm's gradient to its input where the statistics are the batch's own.
import { zeros } from "../core/index.ts";
import { shapeOf, type OpSpec } from "../graph/index.ts";
import { activationFunctions, activationWords } from "./activation.ts";
import { affine } from "./affine.ts";
import { channelColumn, countOf } from "./batchMean.ts";
import { normalize, preActivationGradient } from "./batchNorm.ts";
import {
  batchNormDefaults,
  batchNormSampleAttrs,
  batchNormShapes,
  expectChannelVectors,
  forEachNormalized,
  positive,
  type BatchNormAttrs,
} from "./normalization.ts";
import { mul } from "./mul.ts";
import { reshape } from "./reshape.ts";
import { channelView, expectShape, noMacs } from "./shapes.ts";
import { slice } from "./slice.ts";
import { sub } from "./sub.ts";

export const batchNormInputGradient: OpSpec<"batchNormInputGradient", BatchNormAttrs, 7> = {
  name: "batchNormInputGradient",
  doc: "dx = γ/√(σ² + ε) · (dy' − dβ/m − x̂·dγ/m), with dy' = dy·f'(γx̂ + β) and (dγ, dβ) the given sums.",
  inputs: [
    "dy [N,C,…]",
    "x [N,C,…]",
    "scale γ [C]",
    "offset β [C]",
    "mean μ [C]",
    "variance σ² [C]",
    "sums [2,C]",
  ],
  defaults: batchNormDefaults,
  words: { activation: activationWords },
  infer([dy, x, scale, offset, mean, variance, sums], _, where) {
    expectShape(dy, x.shape, "dy", where);
    expectChannelVectors(x, [scale, offset, mean, variance], ["scale", "offset", "mean", "variance"], where);
    expectShape(sums, [2, x.shape[1]!], "sums", where);
    return x;
  },
  reference([dy, x, scale, offset, mean, variance, sums], attrs) {
    const [batch, channels, rest] = channelView(x.shape);
    const count = batch * rest;
    const { derivative } = activationFunctions[attrs.activation];
    const dx = zeros(x.shape);
    forEachNormalized(x, mean, variance, attrs.epsilon, (i, c, xHat) => {
      const dPre = dy.data[i]! * derivative(scale.data[c]! * xHat + offset.data[c]!, attrs.slope);
      const centred = dPre - sums.data[channels + c]! / count - (xHat * sums.data[c]!) / count;
      dx.data[i] = (scale.data[c]! / Math.sqrt(variance.data[c]! + attrs.epsilon)) * centred;
    });
    return dx;
  },
  expand(g, { inputs: [dy, x, scale, offset, mean, variance, sums], attrs }) {
    const channels = shapeOf(x)[1]!;
    const perValue = g.apply(affine, [sums], { scale: 1 / countOf(x) });
    const row = (start: number) =>
      channelColumn(
        g,
        g.apply(
          reshape,
          [g.apply(slice, [perValue], { starts: [start, 0], sizes: [1, channels], steps: [1, 1] })],
          { shape: [channels] },
        ),
        x,
      );
    const dPre = preActivationGradient(g, dy, [x, scale, offset, mean, variance], attrs);
    const { normalized, inverse } = normalize(g, x, mean, variance, attrs.epsilon);
    const centred = g.apply(sub, [g.apply(sub, [dPre, row(1)]), g.apply(mul, [normalized, row(0)])]);
    return g.apply(mul, [centred, channelColumn(g, g.apply(mul, [scale, inverse]), x)]);
  },
  grad: "expand",
  macs: noMacs,
  *samples() {
    for (const [i, x] of batchNormShapes.entries())
      yield {
        inputs: [x, x, [x[1]!], [x[1]!], [x[1]!], positive(x[1]!), [2, x[1]!]],
        attrs: batchNormSampleAttrs(i),
      };
  },
  rejects: [
    {
      inputs: [[2, 3], [2, 3], [3], [3], [3], [3], [3, 2]],
      error: /sums has shape \[3,2\], expected \[2,3\]/,
    },
  ],
};
