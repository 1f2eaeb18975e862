// The product over some axes.
import { zeros } from "../core/index.ts";
import { shapeOf, type OpSpec } from "../graph/index.ts";
import { broadcastPositions } from "./broadcast.ts";
import { div } from "./div.ts";
import { mul } from "./mul.ts";
import {
  expandReduced,
  reduction,
  reductionDefaults,
  reductionRejects,
  reductionSamples,
  reductionWindow,
  type ReductionAttrs,
} from "./reduction.ts";
import { reshape } from "./reshape.ts";
import { noMacs } from "./shapes.ts";

export const product: OpSpec<"product", ReductionAttrs, 1> = {
  name: "product",
  doc: "y = Π x over the given axes, all of them where none is given. Its gradient y/x is defined where no x is 0.",
  inputs: ["x"],
  defaults: reductionDefaults,
  infer: ([x], attrs, where) => ({ shape: reduction(x.shape, attrs, where).shape, dtype: x.dtype }),
  reference([x], attrs) {
    const { shape, kept } = reduction(x.shape, attrs, "product");
    const y = zeros(shape);
    y.data.fill(1);
    broadcastPositions(kept, x.shape).forEach((position, at) => (y.data[position]! *= x.data[at]!));
    return y;
  },
  grad(g, dy, { inputs: [x], attrs, output: y }) {
    const { kept } = reduction(shapeOf(x), attrs, "product");
    const others = g.apply(div, [g.apply(reshape, [y], { shape: kept }), x]);
    return [g.apply(mul, [others, expandReduced(g, dy, x, attrs)])];
  },
  macs: noMacs,
  window: ([x], attrs) => reductionWindow(x.shape, attrs),
  samples: reductionSamples,
  rejects: reductionRejects,
};
