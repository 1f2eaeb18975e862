// The sum of each channel over the batch and all its positions: what a bias receives as its gradient.
import { ShapeError, formatShape, zeros } from "../core/index.ts";
import { shapeOf, type OpSpec } from "../graph/index.ts";
import { broadcastTo } from "./broadcastTo.ts";
import { reshape } from "./reshape.ts";
import { channelShapes, channelView, noMacs } from "./shapes.ts";

export const channelSum: OpSpec<"channelSum", object, 1> = {
  name: "channelSum",
  doc: "Sums each channel: y[c] = Σ_{n,…} x[n,c,…].",
  inputs: ["x [N,C,…]"],
  defaults: {},
  infer([x], _, where) {
    if (x.shape.length < 2)
      throw new ShapeError(`${where}: x has shape ${formatShape(x.shape)}, expected [N,C,…].`);
    return { shape: [x.shape[1]!], dtype: x.dtype };
  },
  reference([x]) {
    const [, channels, rest] = channelView(x.shape);
    const y = zeros([channels]);
    for (let i = 0; i < x.data.length; i++) y.data[Math.floor(i / rest) % channels]! += x.data[i]!;
    return y;
  },
  grad(g, dy, { inputs: [x] }) {
    const shape = shapeOf(x);
    const column = g.apply(reshape, [dy], { shape: [1, shape[1]!, ...shape.slice(2).map(() => 1)] });
    return [g.apply(broadcastTo, [column], { shape })];
  },
  macs: noMacs,
  window: () => "global",
  *samples() {
    for (const x of channelShapes) yield { inputs: [x] };
  },
  rejects: [{ inputs: [[3]], error: /expected \[N,C,…\]/ }],
};
