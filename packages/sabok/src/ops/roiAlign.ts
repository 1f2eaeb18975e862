// Boxes of a map, each averaged into a grid of bins without rounding its corners.
import { tensor, zeros } from "../core/index.ts";
import { shapeOf, type OpSpec } from "../graph/index.ts";
import { roiAlignGradient } from "./roiAlignGradient.ts";
import {
  forEachRoiTap,
  roiAlignDefaults,
  roiAlignSamples,
  roiAlignShape,
  type RoiAlignAttrs,
} from "./rois.ts";
import { noMacs } from "./shapes.ts";

export const roiAlign: OpSpec<"roiAlign", RoiAlignAttrs, 2> = {
  name: "roiAlign",
  doc: "y[r,c,p,q] is the mean of g·g bilinear samples of map c, at start + (p + (i+½)/g)·bin for i < g, in bin (p,q) of box r; a sample more than a pixel outside the map is 0. Boxes receive no gradient.",
  inputs: ["x [N,C,H,W]", "rois [R,5]"],
  defaults: roiAlignDefaults,
  infer: ([x, rois], attrs, where) => ({
    shape: roiAlignShape(x.shape, rois.shape, attrs, where),
    dtype: x.dtype,
  }),
  reference([x, rois], attrs) {
    const y = zeros(roiAlignShape(x.shape, rois.shape, attrs, "roiAlign"));
    forEachRoiTap(x.shape, rois, attrs, "roiAlign", (yAt, xAt, weight) => {
      y.data[yAt]! += weight * x.data[xAt]!;
    });
    return y;
  },
  grad: (g, dy, { inputs: [x, rois], attrs }) => [
    g.apply(roiAlignGradient, [dy, rois], { ...attrs, shape: shapeOf(x) }),
    null,
  ],
  macs: noMacs,
  window: () => "global",
  *samples() {
    for (const [x, rois, attrs] of roiAlignSamples()) yield { inputs: [x, rois], attrs };
  },
  rejects: [
    {
      inputs: [
        [3, 8, 8],
        [2, 5],
      ],
      error: /expected a map \[N,C,H,W\]/,
    },
    {
      inputs: [
        [1, 3, 8, 8],
        [2, 4],
      ],
      error: /expected rois \[R,5\] of \(image, x1, y1, x2, y2\)\. Shapes x \[1,3,8,8\], rois \[2,4\]/,
    },
    {
      inputs: [[1, 3, 8, 8], tensor([1, 5], [0, 1, 1, 4, 4])],
      attrs: { samplingRatio: 1.5 },
      error: /samplingRatio is 1.5/,
    },
    {
      inputs: [[1, 3, 8, 8], tensor([1, 5], [0, 1, 1, 4, 4])],
      attrs: { spatialScale: 0 },
      error: /spatialScale is 0/,
    },
    {
      inputs: [[1, 3, 8, 8], tensor([1, 5], [0, 1, 1, 4, 4])],
      attrs: { outputSize: [2, 0] },
      error: /outputSize is \[2,0\]/,
    },
  ],
};
