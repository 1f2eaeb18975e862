// The biased variance of each channel over the batch: the statistic a batch norm in training divides by.
import { ShapeError, formatShape } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { affine } from "./affine.ts";
import { batchMean, channelColumn, channelVariances, channelsOf, countOf } from "./batchMean.ts";
import { mul } from "./mul.ts";
import { channelShapes, noMacs } from "./shapes.ts";
import { sub } from "./sub.ts";

export const batchVariance: OpSpec<"batchVariance", object, 1> = {
  name: "batchVariance",
  doc: "σ²[c] = (1/m) Σ_{n,…} (x[n,c,…] − μ[c])², biased, m = N·H·W.",
  inputs: ["x [N,C,…]"],
  defaults: {},
  infer([x], _, where) {
    const channels = channelsOf(x, where);
    const count = x.shape.reduce((a, b) => a * b, 1) / channels;
    if (count < 2)
      throw new ShapeError(
        `${where}: x ${formatShape(x.shape)} has one value a channel, and the variance of one value is 0; ` +
          `train with a batch of at least 2 or a larger map, or use the running statistics.`,
      );
    return { shape: [channels], dtype: x.dtype };
  },
  reference: ([x]) => channelVariances(x, batchMean.reference([x], {}).data),
  grad(g, dy, { inputs: [x] }) {
    // ∂σ²/∂x_i = 2(x_i − μ)/m; the mean's own share sums to zero.
    const centred = g.apply(sub, [x, channelColumn(g, g.apply(batchMean, [x]), x)]);
    return [g.apply(mul, [centred, channelColumn(g, g.apply(affine, [dy], { scale: 2 / countOf(x) }), x)])];
  },
  macs: noMacs,
  window: () => "global",
  *samples() {
    for (const x of channelShapes) if (x.reduce((a, b) => a * b, 1) > x[1]!) yield { inputs: [x] };
  },
  rejects: [
    { inputs: [[1, 8, 1, 1]], error: /has one value a channel/ },
    { inputs: [[3]], error: /expected \[N,C,…\]/ },
  ],
};
