// Reads one map at the places where another has its bins' maxima: roiPool's derivative, as a linear map.
import { ShapeError, formatShape, tensor, zeros } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { roiPoolGradient } from "./roiPoolGradient.ts";
import { roiMaxima, roiPoolDefaults, roiSamples, roiShape, type RoiPoolAttrs } from "./rois.ts";
import { noMacs } from "./shapes.ts";

export const roiPoolSelect: OpSpec<"roiPoolSelect", RoiPoolAttrs, 3> = {
  name: "roiPoolSelect",
  doc: "y[r,c,p,q] = v at the first maximum of x over bin (p,q) of box r, 0 where the bin is empty.",
  inputs: ["v [N,C,H,W]", "x [N,C,H,W]", "rois [R,5]"],
  defaults: roiPoolDefaults,
  infer([v, x, rois], attrs, where) {
    if (formatShape(v.shape) !== formatShape(x.shape))
      throw new ShapeError(
        `${where}: v has shape ${formatShape(v.shape)} but x ${formatShape(x.shape)}; they must be equal.`,
      );
    return { shape: roiShape(x.shape, rois.shape, attrs, where), dtype: v.dtype };
  },
  reference([v, x, rois], attrs) {
    const y = zeros(roiShape(x.shape, rois.shape, attrs, "roiPoolSelect"));
    roiMaxima(x, rois, attrs, "roiPoolSelect").forEach(
      (xAt, at) => (y.data[at] = xAt < 0 ? 0 : v.data[xAt]!),
    );
    return y;
  },
  grad: (g, dy, { inputs: [, x, rois], attrs }) => [
    g.apply(roiPoolGradient, [dy, x, rois], attrs),
    null,
    null,
  ],
  macs: noMacs,
  window: () => "global",
  *samples() {
    for (const [x, rois, attrs] of roiSamples()) yield { inputs: [x, x, rois], attrs };
  },
  rejects: [
    {
      inputs: [[1, 3, 8, 7], [1, 3, 8, 8], tensor([1, 5], [0, 1, 1, 4, 4])],
      error: /v has shape \[1,3,8,7\] but x \[1,3,8,8\]/,
    },
  ],
};
