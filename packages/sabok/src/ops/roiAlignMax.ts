// Boxes of a map, the largest weighted pixel of each bin: ONNX's RoiAlign in mode "max".
import { tensor, zeros } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import {
  forEachRoiSample,
  roiAlignDefaults,
  roiAlignSamples,
  roiAlignShape,
  type RoiAlignAttrs,
} from "./rois.ts";
import { noMacs } from "./shapes.ts";

export const roiAlignMax: OpSpec<"roiAlignMax", RoiAlignAttrs, 2> = {
  name: "roiAlignMax",
  doc: "y[r,c,p,q] is the largest of w·x[c,i,j] over the pixels that roiAlign's samples of bin (p,q) read and their weights w in one sample; a sample more than a pixel outside the map counts as 0. As ONNX Runtime computes it; it has no gradient.",
  inputs: ["x [N,C,H,W]", "rois [R,5]"],
  defaults: roiAlignDefaults,
  infer: ([x, rois], attrs, where) => ({
    shape: roiAlignShape(x.shape, rois.shape, attrs, where),
    dtype: x.dtype,
  }),
  reference([x, rois], attrs) {
    const y = zeros(roiAlignShape(x.shape, rois.shape, attrs, "roiAlignMax"));
    const isFirst = new Uint8Array(y.data.length).fill(1);
    const raise = (at: number, value: number): void => {
      y.data[at] = isFirst[at] === 1 ? value : Math.max(y.data[at]!, value);
      isFirst[at] = 0;
    };
    forEachRoiSample(x.shape, rois, attrs, "roiAlignMax", (yAt, taps) => {
      if (taps.length === 0) raise(yAt, 0);
      for (const { xAt, weight } of taps) raise(yAt, weight * x.data[xAt]!);
    });
    return y;
  },
  grad: "none",
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
      inputs: [[1, 3, 8, 8], tensor([1, 5], [0, 1, 1, 4, 4])],
      attrs: { samplingRatio: 1.5 },
      error: /samplingRatio is 1.5/,
    },
  ],
};
