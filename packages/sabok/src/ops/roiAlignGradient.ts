// The transpose of roiAlign in the map: each bin's dy goes back to the pixels its samples read.
import { ShapeError, formatShape, tensor, zeros, type Shape } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { roiAlign } from "./roiAlign.ts";
import {
  expectPooledRois,
  forEachRoiTap,
  roiAlignDefaults,
  roiAlignSamples,
  roiAlignShape,
  type RoiAlignAttrs,
} from "./rois.ts";
import { noMacs } from "./shapes.ts";

export type RoiAlignGradientAttrs = RoiAlignAttrs & {
  /** [N,C,H,W] of the result. */
  readonly shape: Shape;
};

export const roiAlignGradient: OpSpec<"roiAlignGradient", RoiAlignGradientAttrs, 2> = {
  name: "roiAlignGradient",
  doc: "The transpose of roiAlign in x: dx[n,c,i,j] = Σ w(r,p,q; i,j)·dy[r,c,p,q] over the boxes r of image n, w the weight with which bin (p,q) reads the pixel.",
  inputs: ["dy [R,C,OH,OW]", "rois [R,5]"],
  defaults: { ...roiAlignDefaults, shape: [1, 1, 1, 1] },
  infer([dy, rois], attrs, where) {
    expectDimensions(attrs.shape, where);
    expectPooledRois(dy.shape, roiAlignShape(attrs.shape, rois.shape, attrs, where), where);
    return { shape: attrs.shape, dtype: dy.dtype };
  },
  reference([dy, rois], attrs) {
    const dx = zeros(attrs.shape);
    forEachRoiTap(attrs.shape, rois, attrs, "roiAlignGradient", (yAt, xAt, weight) => {
      dx.data[xAt]! += weight * dy.data[yAt]!;
    });
    return dx;
  },
  grad: (g, ddx, { inputs: [, rois], attrs: { shape: _, ...attrs } }) => [
    g.apply(roiAlign, [ddx, rois], attrs),
    null,
  ],
  macs: noMacs,
  window: () => "global",
  *samples() {
    for (const [shape, rois, attrs] of roiAlignSamples())
      yield { inputs: [roiAlignShape(shape, rois.shape, attrs, "sample"), rois], attrs: { ...attrs, shape } };
  },
  rejects: [
    {
      inputs: [[2, 3, 2, 2], tensor([1, 5], [0, 1, 1, 4, 4])],
      attrs: { outputSize: [2, 2], shape: [1, 3, 8, 8] },
      error: /dy has shape \[2,3,2,2\], but the boxes give \[1,3,2,2\]/,
    },
    {
      inputs: [[1, 3, 1, 1], tensor([1, 5], [0, 1, 1, 4, 4])],
      attrs: { shape: [3, 8, 8] },
      error: /shape is \[3,8,8\], expected \[N,C,H,W\]/,
    },
  ],
};

function expectDimensions(shape: Shape, where: string): void {
  if (shape.length !== 4 || shape.some((dimension) => !Number.isInteger(dimension) || dimension < 1))
    throw new ShapeError(
      `${where}: shape is ${formatShape(shape)}, expected [N,C,H,W], whole numbers of at least 1.`,
    );
}
