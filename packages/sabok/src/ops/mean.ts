// The mean over some axes.
import { shapeOf, type OpSpec } from "../graph/index.ts";
import { affine } from "./affine.ts";
import {
  expandReduced,
  reduce,
  reduction,
  reductionDefaults,
  reductionRejects,
  reductionSamples,
  reductionWindow,
  type ReductionAttrs,
} from "./reduction.ts";
import { noMacs } from "./shapes.ts";

export const mean: OpSpec<"mean", ReductionAttrs, 1> = {
  name: "mean",
  doc: "y = 1/n Σ x over the given axes, all of them where none is given; n numbers go into each mean.",
  inputs: ["x"],
  defaults: reductionDefaults,
  infer: ([x], attrs, where) => ({ shape: reduction(x.shape, attrs, where).shape, dtype: x.dtype }),
  reference([x], attrs) {
    const over = reduction(x.shape, attrs, "mean");
    return reduce(x, over, 1 / over.count);
  },
  grad(g, dy, { inputs: [x], attrs }) {
    const { count } = reduction(shapeOf(x), attrs, "mean");
    return [expandReduced(g, g.apply(affine, [dy], { scale: 1 / count }), x, attrs)];
  },
  macs: noMacs,
  window: ([x], attrs) => reductionWindow(x.shape, attrs),
  samples: reductionSamples,
  rejects: reductionRejects,
};
