// The transpose of broadcastTo: sums over everything that broadcasting had repeated.
import { ShapeError, broadcastShapes, formatShape, zeros, type Shape } from "../core/index.ts";
import { shapeOf, type GraphBuilder, type OpSpec, type Value } from "../graph/index.ts";
import { broadcastPositions, broadcastSamples } from "./broadcast.ts";
import { broadcastTo } from "./broadcastTo.ts";
import { noMacs } from "./shapes.ts";

export type SumToAttrs = { readonly shape: Shape };

export const sumTo: OpSpec<"sumTo", SumToAttrs, 1> = {
  name: "sumTo",
  doc: "Sums x over the axes along which the given shape is 1 or absent: the transpose of broadcastTo.",
  inputs: ["x"],
  defaults: { shape: [] },
  infer([x], { shape }, where) {
    if (formatShape(broadcastShapes(x.shape, shape, where)) !== formatShape(x.shape))
      throw new ShapeError(
        `${where}: ${formatShape(shape)} does not broadcast to x ${formatShape(x.shape)}.`,
      );
    return { shape, dtype: x.dtype };
  },
  reference([x], { shape }) {
    const y = zeros(shape);
    broadcastPositions(shape, x.shape).forEach((position, at) => (y.data[position]! += x.data[at]!));
    return y;
  },
  grad: (g, dy, { inputs: [x] }) => [g.apply(broadcastTo, [dy], { shape: shapeOf(x) })],
  macs: noMacs,
  *samples() {
    for (const [a, b] of broadcastSamples)
      yield { inputs: [broadcastShapes(a, b, "sample")], attrs: { shape: b } };
  },
  rejects: [{ inputs: [[2, 3]], attrs: { shape: [2, 4] }, error: /do not broadcast/ }],
};

/** The gradient dy of a broadcast result, summed to the operand's own shape. */
export function unbroadcast(g: GraphBuilder, dy: Value, operand: Value): Value {
  const shape = shapeOf(operand);
  return formatShape(shapeOf(dy)) === formatShape(shape) ? dy : g.apply(sumTo, [dy], { shape });
}
