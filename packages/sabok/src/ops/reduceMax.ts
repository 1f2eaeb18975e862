// The maximum over some axes.
import { broadcastTo } from "./broadcastTo.ts";
import { compare } from "./compare.ts";
import { div } from "./div.ts";
import { mul } from "./mul.ts";
import { reshape } from "./reshape.ts";
import { sum } from "./sum.ts";
import { zeros } from "../core/index.ts";
import { shapeOf, type OpSpec } from "../graph/index.ts";
import { broadcastPositions } from "./broadcast.ts";
import {
  reduction,
  reductionDefaults,
  reductionRejects,
  reductionSamples,
  reductionWindow,
  type ReductionAttrs,
} from "./reduction.ts";
import { noMacs } from "./shapes.ts";

export const reduceMax: OpSpec<"reduceMax", ReductionAttrs, 1> = {
  name: "reduceMax",
  doc: "y = max x over the given axes, all of them where none is given; equal maxima share the gradient.",
  inputs: ["x"],
  defaults: reductionDefaults,
  infer: ([x], attrs, where) => ({ shape: reduction(x.shape, attrs, where).shape, dtype: x.dtype }),
  reference([x], attrs) {
    const { shape, kept } = reduction(x.shape, attrs, "reduceMax");
    const y = zeros(shape);
    y.data.fill(-Infinity);
    broadcastPositions(kept, x.shape).forEach((position, at) => {
      y.data[position] = Math.max(y.data[position]!, x.data[at]!);
    });
    return y;
  },
  grad(g, dy, { inputs: [x], attrs, output: y }) {
    const { kept } = reduction(shapeOf(x), attrs, "reduceMax");
    const isMaximum = g.apply(compare, [x, g.apply(reshape, [y], { shape: kept })]);
    const count = g.apply(sum, [isMaximum], attrs);
    const share = g.apply(reshape, [g.apply(div, [dy, count])], { shape: kept });
    return [g.apply(mul, [isMaximum, g.apply(broadcastTo, [share], { shape: shapeOf(x) })])];
  },
  macs: noMacs,
  window: ([x], attrs) => reductionWindow(x.shape, attrs),
  samples: reductionSamples,
  rejects: reductionRejects,
};
