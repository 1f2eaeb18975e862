// Repeats a value along new axes and axes of length 1.
import { ShapeError, broadcastShapes, formatShape, zeros, type Shape } from "../core/index.ts";
import { shapeOf, type OpSpec } from "../graph/index.ts";
import { broadcastPositions, broadcastSamples } from "./broadcast.ts";
import { noMacs } from "./shapes.ts";
import { sumTo } from "./sumTo.ts";

export type BroadcastToAttrs = { readonly shape: Shape };

export const broadcastTo: OpSpec<"broadcastTo", BroadcastToAttrs, 1> = {
  name: "broadcastTo",
  doc: "Repeats x along its axes of length 1 and along new leading axes, to the given shape.",
  inputs: ["x"],
  defaults: { shape: [] },
  infer([x], { shape }, where) {
    const reached = broadcastShapes(x.shape, shape, where);
    if (formatShape(reached) !== formatShape(shape))
      throw new ShapeError(
        `${where}: x ${formatShape(x.shape)} does not broadcast to ${formatShape(shape)}.`,
      );
    return { shape, dtype: x.dtype };
  },
  reference([x], { shape }) {
    const y = zeros(shape);
    broadcastPositions(x.shape, shape).forEach((position, at) => (y.data[at] = x.data[position]!));
    return y;
  },
  grad: (g, dy, { inputs: [x] }) => [g.apply(sumTo, [dy], { shape: shapeOf(x) })],
  macs: noMacs,
  *samples() {
    for (const [a, b] of broadcastSamples)
      yield { inputs: [b], attrs: { shape: broadcastShapes(a, b, "sample") } };
  },
  rejects: [
    { inputs: [[2, 3]], attrs: { shape: [2, 4] }, error: /do not broadcast/ },
    { inputs: [[2, 3]], attrs: { shape: [3] }, error: /does not broadcast to \[3\]/ },
  ],
};
