// The transpose of resize: each dy goes back to the pixels it was read from, with the same weights.
import { zeros, type Shape } from "../core/index.ts";
import { shapeOf, type OpSpec, type Pair } from "../graph/index.ts";
import { resize } from "./resize.ts";
import {
  resizeWords,
  forEachResizeTap,
  resizedShape,
  resizeRuleDefaults,
  resizeSamples,
  type ResizeRule,
} from "./resizing.ts";
import { noMacs } from "./shapes.ts";

export type ResizeGradientAttrs = ResizeRule & {
  /** [H, W] of the result: the size that resize started from. */
  readonly inputSize: Pair;
};

export const resizeGradient: OpSpec<"resizeGradient", ResizeGradientAttrs, 1> = {
  name: "resizeGradient",
  doc: "The transpose of resize: dx[i,j] = Σ w(p,q; i,j)·dy[p,q] over the output pixels (p,q) that read (i,j) with weight w.",
  inputs: ["dy [N,C,OH,OW]"],
  defaults: { inputSize: [1, 1], ...resizeRuleDefaults },
  words: resizeWords,
  infer: ([dy], attrs, where) => ({
    shape: resizedShape(dy.shape, attrs.inputSize, "inputSize", attrs, where),
    dtype: dy.dtype,
  }),
  reference([dy], attrs) {
    const dx = zeros(resizedShape(dy.shape, attrs.inputSize, "inputSize", attrs, "resizeGradient"));
    forEachResizeTap(dx.shape, dy.shape, attrs, (yAt, xAt, weight) => {
      dx.data[xAt]! += weight * dy.data[yAt]!;
    });
    return dx;
  },
  grad(g, ddx, { inputs: [dy], attrs: { inputSize: _, ...rule } }) {
    const [, , outHeight, outWidth] = shapeOf(dy);
    return [g.apply(resize, [ddx], { ...rule, size: [outHeight!, outWidth!] })];
  },
  macs: noMacs,
  *samples() {
    for (const [x, size, rule] of resizeSamples) {
      const dy: Shape = [x[0]!, x[1]!, ...size];
      yield { inputs: [dy], attrs: { inputSize: [x[2]!, x[3]!], ...rule } };
    }
  },
  rejects: [
    { inputs: [[3, 8, 8]], attrs: { inputSize: [4, 4] }, error: /got shape \[3,8,8\], expected \[N,C,H,W\]/ },
    { inputs: [[1, 3, 8, 8]], attrs: { inputSize: [1.5, 4] }, error: /inputSize is \[1.5,4\]/ },
  ],
};
