// The sum over some axes.
import type { OpSpec } from "../graph/index.ts";
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

export const sum: OpSpec<"sum", ReductionAttrs, 1> = {
  name: "sum",
  doc: "y = Σ x over the given axes, all of them where none is given.",
  inputs: ["x"],
  defaults: reductionDefaults,
  infer: ([x], attrs, where) => ({ shape: reduction(x.shape, attrs, where).shape, dtype: x.dtype }),
  reference: ([x], attrs) => reduce(x, reduction(x.shape, attrs, "sum"), 1),
  grad: (g, dy, { inputs: [x], attrs }) => [expandReduced(g, dy, x, attrs)],
  macs: noMacs,
  window: ([x], attrs) => reductionWindow(x.shape, attrs),
  samples: reductionSamples,
  rejects: reductionRejects,
};
