// The mean of each channel over the batch: the statistic a batch norm in training subtracts.
import { ShapeError, formatShape, zeros, type TensorType } from "../core/index.ts";
import { shapeOf, type OpSpec, type Value, type GraphBuilder } from "../graph/index.ts";
import { affine } from "./affine.ts";
import { broadcastTo } from "./broadcastTo.ts";
import { channelSum } from "./channelSum.ts";
import { reshape } from "./reshape.ts";
import { channelShapes, channelView, noMacs } from "./shapes.ts";

export const batchMean: OpSpec<"batchMean", object, 1> = {
  name: "batchMean",
  doc: "μ[c] = (1/m) Σ_{n,…} x[n,c,…], m = N·H·W.",
  inputs: ["x [N,C,…]"],
  defaults: {},
  infer: ([x], _, where) => ({ shape: [channelsOf(x, where)], dtype: x.dtype }),
  reference([x]) {
    const total = channelSum.reference([x], {});
    const count = x.data.length / x.shape[1]!;
    return { shape: total.shape, data: Float64Array.from(total.data, (sum) => sum / count) };
  },
  grad(g, dy, { inputs: [x] }) {
    const scaled = g.apply(affine, [dy], { scale: 1 / countOf(x) });
    return [g.apply(broadcastTo, [channelColumn(g, scaled, x)], { shape: shapeOf(x) })];
  },
  macs: noMacs,
  window: () => "global",
  *samples() {
    for (const x of channelShapes) yield { inputs: [x] };
  },
  rejects: [{ inputs: [[3]], error: /expected \[N,C,…\]/ }],
};

/** The number of values a channel has in x [N,C,…]: m = N·H·W. */
export function countOf(x: Value): number {
  const [batch, , rest] = channelView(shapeOf(x));
  return batch * rest;
}

/** A per-channel vector [C] as [1,C,1,…], which broadcasts over `like`. */
export function channelColumn(g: GraphBuilder, vector: Value, like: Value): Value {
  const [, channels, ...rest] = shapeOf(like);
  return g.apply(reshape, [vector], { shape: [1, channels!, ...rest.map(() => 1)] });
}

/** C of x [N,C,…]; throws where x has no channel axis. */
export function channelsOf(x: TensorType, where: string): number {
  if (x.shape.length < 2)
    throw new ShapeError(`${where}: x has shape ${formatShape(x.shape)}, expected [N,C,…].`);
  return x.shape[1]!;
}

/** The biased variance of each channel. */
export function channelVariances(
  x: { readonly shape: readonly number[]; readonly data: ArrayLike<number> },
  mean: ArrayLike<number>,
) {
  const [, channels, rest] = channelView(x.shape);
  const variance = zeros([channels]);
  for (let i = 0; i < x.data.length; i++) {
    const c = Math.floor(i / rest) % channels;
    variance.data[c]! += (x.data[i]! - mean[c]!) ** 2 / (x.data.length / channels);
  }
  return variance;
}
