// The two sums over the batch that batch norm's gradient is made of; they are also the gradients of γ and β.
import { zeros } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { activationFunctions, activationWords } from "./activation.ts";
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
import { channelSum } from "./channelSum.ts";
import { concat } from "./concat.ts";
import { mul } from "./mul.ts";
import { reshape } from "./reshape.ts";
import { expectShape, noMacs } from "./shapes.ts";

export const batchNormGradientSums: OpSpec<"batchNormGradientSums", BatchNormAttrs, 6> = {
  name: "batchNormGradientSums",
  doc: "Row 0: dγ = Σ dy'·x̂, row 1: dβ = Σ dy', with dy' = dy·f'(γx̂ + β).",
  inputs: ["dy [N,C,…]", "x [N,C,…]", "scale γ [C]", "offset β [C]", "mean μ [C]", "variance σ² [C]"],
  defaults: batchNormDefaults,
  words: { activation: activationWords },
  infer([dy, x, ...vectors], _, where) {
    expectShape(dy, x.shape, "dy", where);
    expectChannelVectors(x, vectors, ["scale", "offset", "mean", "variance"], where);
    return { shape: [2, x.shape[1]!], dtype: x.dtype };
  },
  reference([dy, x, scale, offset, mean, variance], attrs) {
    const channels = x.shape[1]!;
    const { derivative } = activationFunctions[attrs.activation];
    const sums = zeros([2, channels]);
    forEachNormalized(x, mean, variance, attrs.epsilon, (i, c, xHat) => {
      const dPre = dy.data[i]! * derivative(scale.data[c]! * xHat + offset.data[c]!, attrs.slope);
      sums.data[c]! += dPre * xHat;
      sums.data[channels + c]! += dPre;
    });
    return sums;
  },
  expand(g, { inputs: [dy, x, scale, offset, mean, variance], attrs }) {
    const channels = x.type.shape[1]!;
    const dPre = preActivationGradient(g, dy, [x, scale, offset, mean, variance], attrs);
    const { normalized } = normalize(g, x, mean, variance, attrs.epsilon);
    const rows = [g.apply(channelSum, [g.apply(mul, [dPre, normalized])]), g.apply(channelSum, [dPre])];
    return g.apply(
      concat,
      rows.map((row) => g.apply(reshape, [row], { shape: [1, channels] })),
      { axis: 0 },
    );
  },
  grad: "expand",
  macs: noMacs,
  window: () => "global",
  *samples() {
    for (const [i, x] of batchNormShapes.entries())
      yield { inputs: [x, x, [x[1]!], [x[1]!], [x[1]!], positive(x[1]!)], attrs: batchNormSampleAttrs(i) };
  },
  rejects: [
    { inputs: [[2, 3], [2, 4], [4], [4], [4], [4]], error: /dy has shape \[2,3\], expected \[2,4\]/ },
  ],
};
