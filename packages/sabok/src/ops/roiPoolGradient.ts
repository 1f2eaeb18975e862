// The gradient of roiPool: each bin hands its dy to its first maximum.
import { tensor, zeros } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { roiPoolSelect } from "./roiPoolSelect.ts";
import {
  expectPooledRois,
  roiMaxima,
  roiPoolDefaults,
  roiSamples,
  roiShape,
  type RoiPoolAttrs,
} from "./rois.ts";
import { noMacs } from "./shapes.ts";

export const roiPoolGradient: OpSpec<"roiPoolGradient", RoiPoolAttrs, 3> = {
  name: "roiPoolGradient",
  doc: "The transpose of roiPoolSelect: dx[i,j] = Σ dy[r,p,q] over the bins whose first maximum of x is at (i,j).",
  inputs: ["dy [R,C,OH,OW]", "x [N,C,H,W]", "rois [R,5]"],
  defaults: roiPoolDefaults,
  infer([dy, x, rois], attrs, where) {
    expectPooledRois(dy.shape, roiShape(x.shape, rois.shape, attrs, where), where);
    return x;
  },
  reference([dy, x, rois], attrs) {
    const dx = zeros(x.shape);
    roiMaxima(x, rois, attrs, "roiPoolGradient").forEach((xAt, at) => {
      if (xAt >= 0) dx.data[xAt]! += dy.data[at]!;
    });
    return dx;
  },
  // Linear in dy; in x it only moves where a maximum changes place.
  grad: (g, ddx, { inputs: [, x, rois], attrs }) => [
    g.apply(roiPoolSelect, [ddx, x, rois], attrs),
    null,
    null,
  ],
  macs: noMacs,
  window: () => "global",
  *samples() {
    for (const [x, rois, attrs] of roiSamples())
      yield { inputs: [roiShape(x, rois.shape, attrs, "sample"), x, rois], attrs };
  },
  rejects: [
    {
      inputs: [[1, 3, 2, 3], [1, 3, 8, 8], tensor([1, 5], [0, 1, 1, 4, 4])],
      attrs: { outputSize: [2, 2] },
      error: /dy has shape \[1,3,2,3\], but the boxes give \[1,3,2,2\]/,
    },
  ],
};
