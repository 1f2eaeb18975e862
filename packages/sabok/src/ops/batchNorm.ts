// Batch normalisation with given statistics (Ioffe and Szegedy, 2015). In a training graph the statistics are
// batchMean(x) and batchVariance(x); in an inference graph they are the running ones, and the op is an affine map.
import { zeros } from "../core/index.ts";
import { shapeOf, type GraphBuilder, type OpSpec, type Value } from "../graph/index.ts";
import { activationFunctions, activationWords } from "./activation.ts";
import { activationGradient } from "./activationGradient.ts";
import { add } from "./add.ts";
import { affine } from "./affine.ts";
import { applyActivation } from "./applyActivation.ts";
import { channelColumn } from "./batchMean.ts";
import { batchNormGradientSums } from "./batchNormGradientSums.ts";
import { batchNormInputGradient } from "./batchNormInputGradient.ts";
import { channelSum } from "./channelSum.ts";
import { mul } from "./mul.ts";
import {
  batchNormDefaults,
  batchNormSampleAttrs,
  batchNormShapes,
  expectChannelVectors,
  forEachNormalized,
  positive,
  type BatchNormAttrs,
} from "./normalization.ts";
import { power } from "./power.ts";
import { reshape } from "./reshape.ts";
import { noMacs } from "./shapes.ts";
import { slice } from "./slice.ts";
import { sub } from "./sub.ts";

export const batchNorm: OpSpec<"batchNorm", BatchNormAttrs, 5> = {
  name: "batchNorm",
  doc: "y = f(γ·(x − μ)/√(σ² + ε) + β) for each channel, f the named activation.",
  inputs: ["x [N,C,…]", "scale γ [C]", "offset β [C]", "mean μ [C]", "variance σ² [C]"],
  defaults: batchNormDefaults,
  words: { activation: activationWords },
  infer([x, ...vectors], _, where) {
    expectChannelVectors(x, vectors, ["scale", "offset", "mean", "variance"], where);
    return x;
  },
  reference([x, scale, offset, mean, variance], attrs) {
    const { f } = activationFunctions[attrs.activation];
    const y = zeros(x.shape);
    forEachNormalized(x, mean, variance, attrs.epsilon, (i, c, xHat) => {
      y.data[i] = f(scale.data[c]! * xHat + offset.data[c]!, attrs.slope);
    });
    return y;
  },
  expand(g, { inputs: [x, scale, offset, mean, variance], attrs }) {
    const { normalized } = normalize(g, x, mean, variance, attrs.epsilon);
    const scaled = g.apply(mul, [normalized, channelColumn(g, scale, x)]);
    return applyActivation(g, g.apply(add, [scaled, channelColumn(g, offset, x)]), attrs);
  },
  grad(g, dy, { inputs: [x, scale, offset, mean, variance], attrs }) {
    const channels = shapeOf(scale)[0]!;
    if (
      mean.op === "batchMean" &&
      mean.inputs[0] === x &&
      variance.op === "batchVariance" &&
      variance.inputs[0] === x
    ) {
      // The statistics are x's own: dx holds the whole derivative, through them too, and they get none of their own.
      const sums = g.apply(batchNormGradientSums, [dy, x, scale, offset, mean, variance], attrs);
      const row = (start: number): Value =>
        g.apply(
          reshape,
          [g.apply(slice, [sums], { starts: [start, 0], sizes: [1, channels], steps: [1, 1] })],
          { shape: [channels] },
        );
      const dx = g.apply(batchNormInputGradient, [dy, x, scale, offset, mean, variance, sums], attrs);
      return [dx, row(0), row(1), null, null];
    }
    // Fixed statistics: with x̂ = (x − μ)·inv, dx = dy'·γ·inv, dμ = −γ·inv·Σdy', dσ² = −½·γ·inv²·Σdy'·x̂.
    const dPre = preActivationGradient(g, dy, [x, scale, offset, mean, variance], attrs);
    const { normalized, inverse } = normalize(g, x, mean, variance, attrs.epsilon);
    const dScale = g.apply(channelSum, [g.apply(mul, [dPre, normalized])]);
    const dOffset = g.apply(channelSum, [dPre]);
    const gain = g.apply(mul, [scale, inverse]);
    const dMean = g.apply(affine, [g.apply(mul, [gain, dOffset])], { scale: -1 });
    const dVariance = g.apply(affine, [g.apply(mul, [g.apply(mul, [gain, inverse]), dScale])], {
      scale: -0.5,
    });
    return [g.apply(mul, [dPre, channelColumn(g, gain, x)]), dScale, dOffset, dMean, dVariance];
  },
  macs: noMacs,
  *samples() {
    for (const [i, x] of batchNormShapes.entries())
      yield { inputs: [x, [x[1]!], [x[1]!], [x[1]!], positive(x[1]!)], attrs: batchNormSampleAttrs(i) };
  },
  rejects: [
    { inputs: [[2, 3, 4, 4], [3], [3], [4], [3]], error: /mean has shape \[4\], expected \[3\]/ },
    { inputs: [[3], [3], [3], [3], [3]], error: /expected \[N,C,…\]/ },
  ],
};

/** x̂ = (x − μ)·inv and inv = (σ² + ε)^−½ as values. */
export function normalize(g: GraphBuilder, x: Value, mean: Value, variance: Value, epsilon: number) {
  const inverse = g.apply(power, [g.apply(affine, [variance], { offset: epsilon })], { exponent: -0.5 });
  const centred = g.apply(sub, [x, channelColumn(g, mean, x)]);
  return { normalized: g.apply(mul, [centred, channelColumn(g, inverse, x)]), inverse };
}

/** dy·f'(γx̂ + β): the gradient before the fused activation. */
export function preActivationGradient(
  g: GraphBuilder,
  dy: Value,
  operands: readonly [Value, Value, Value, Value, Value],
  attrs: BatchNormAttrs,
): Value {
  const { activation, slope } = attrs;
  if (activation === "none") return dy;
  const pre = g.apply(batchNorm, operands, { ...attrs, activation: "none" });
  return g.apply(activationGradient, [dy, pre], { activation, slope });
}
