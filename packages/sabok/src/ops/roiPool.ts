// Boxes of a map, each reduced to a grid of maxima, its corners rounded to whole pixels.
import { tensor, zeros } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { roiPoolGradient } from "./roiPoolGradient.ts";
import { roiMaxima, roiPoolDefaults, roiSamples, roiShape, type RoiPoolAttrs } from "./rois.ts";
import { noMacs } from "./shapes.ts";

export const roiPool: OpSpec<"roiPool", RoiPoolAttrs, 2> = {
  name: "roiPool",
  doc: "y[r,c,p,q] = max of map c over the pixels of bin (p,q) of box r, 0 where the bin is empty; NaN wins. Boxes receive no gradient.",
  inputs: ["x [N,C,H,W]", "rois [R,5]"],
  defaults: roiPoolDefaults,
  infer: ([x, rois], attrs, where) => ({
    shape: roiShape(x.shape, rois.shape, attrs, where),
    dtype: x.dtype,
  }),
  reference([x, rois], attrs) {
    const y = zeros(roiShape(x.shape, rois.shape, attrs, "roiPool"));
    roiMaxima(x, rois, attrs, "roiPool").forEach((xAt, at) => (y.data[at] = xAt < 0 ? 0 : x.data[xAt]!));
    return y;
  },
  grad: (g, dy, { inputs: [x, rois], attrs }) => [g.apply(roiPoolGradient, [dy, x, rois], attrs), null],
  macs: noMacs,
  window: () => "global",
  *samples() {
    for (const [x, rois, attrs] of roiSamples()) yield { inputs: [x, rois], attrs };
  },
  rejects: [
    {
      inputs: [
        [3, 8, 8],
        [2, 5],
      ],
      error: /expected a map \[N,C,H,W\]/,
    },
    { inputs: [[1, 3, 8, 8], [5]], error: /expected rois \[R,5\]/ },
    {
      inputs: [[1, 3, 8, 8], tensor([1, 5], [0, 1, 1, 4, 4])],
      attrs: { spatialScale: -1 },
      error: /spatialScale is -1/,
    },
  ],
};
