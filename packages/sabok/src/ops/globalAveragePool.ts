// The mean of each channel's whole map.
import { zeros, type Shape } from "../core/index.ts";
import { shapeOf, type OpSpec } from "../graph/index.ts";
import { affine } from "./affine.ts";
import { broadcastTo } from "./broadcastTo.ts";
import { channelShapes, expectRank, noMacs } from "./shapes.ts";

export const globalAveragePool: OpSpec<"globalAveragePool", object, 1> = {
  name: "globalAveragePool",
  doc: "The mean of each map: y[n,c,0,0] = 1/(H·W) Σ_{r,s} x[n,c,r,s].",
  inputs: ["x [N,C,H,W]"],
  defaults: {},
  infer([x], _, where) {
    expectRank(x, 4, "x", where);
    return { shape: pooledShape(x.shape), dtype: x.dtype };
  },
  reference([x]) {
    const y = zeros(pooledShape(x.shape));
    const area = x.shape[2]! * x.shape[3]!;
    for (let i = 0; i < x.data.length; i++) y.data[Math.floor(i / area)]! += x.data[i]! / area;
    return y;
  },
  grad(g, dy, { inputs: [x] }) {
    const shape = shapeOf(x);
    const share = g.apply(affine, [dy], { scale: 1 / (shape[2]! * shape[3]!) });
    return [g.apply(broadcastTo, [share], { shape })];
  },
  macs: noMacs,
  window: () => "global",
  *samples() {
    for (const x of channelShapes) if (x.length === 4) yield { inputs: [x] };
    for (const x of [
      [1, 3, 7, 7],
      [2, 5, 1, 13],
      [3, 20, 9, 4],
      [1, 48, 3, 3],
    ])
      yield { inputs: [x] };
  },
  rejects: [{ inputs: [[3, 8, 8]], error: /x has shape \[3,8,8\], expected rank 4/ }],
};

function pooledShape(x: Shape): Shape {
  return [x[0]!, x[1]!, 1, 1];
}
