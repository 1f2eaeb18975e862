// One number a channel, added to the whole map.
import { ShapeError, formatShape, zeros } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { channelSum } from "./channelSum.ts";
import { channelShapes, channelView, expectShape, noMacs } from "./shapes.ts";

export const biasAdd: OpSpec<"biasAdd", object, 2> = {
  name: "biasAdd",
  doc: "Adds a bias to each channel: y[n,c,…] = x[n,c,…] + b[c].",
  inputs: ["x [N,C,…]", "b [C]"],
  defaults: {},
  infer([x, b], _, where) {
    if (x.shape.length < 2)
      throw new ShapeError(`${where}: x has shape ${formatShape(x.shape)}, expected [N,C,…].`);
    expectShape(b, [x.shape[1]!], "b", where);
    return x;
  },
  reference([x, b]) {
    const y = zeros(x.shape);
    const [, channels, rest] = channelView(x.shape);
    for (let i = 0; i < y.data.length; i++) y.data[i] = x.data[i]! + b.data[Math.floor(i / rest) % channels]!;
    return y;
  },
  grad: (g, dy) => [dy, g.apply(channelSum, [dy])],
  macs: noMacs,
  *samples() {
    for (const x of channelShapes) yield { inputs: [x, [x[1]!]] };
  },
  rejects: [
    { inputs: [[2, 3, 4, 4], [4]], error: /b has shape \[4\], expected \[3\]/ },
    { inputs: [[3], [3]], error: /expected \[N,C,…\]/ },
  ],
};
