// Maps at another size: what PyTorch calls interpolate.
import { zeros } from "../core/index.ts";
import { shapeOf, type OpSpec, type Pair } from "../graph/index.ts";
import { resizeGradient } from "./resizeGradient.ts";
import {
  resizeWords,
  forEachResizeTap,
  resizedShape,
  resizeRuleDefaults,
  resizeSamples,
  type ResizeRule,
} from "./resizing.ts";
import { noMacs } from "./shapes.ts";

export type ResizeAttrs = ResizeRule & {
  /** [OH, OW] of the result. */
  readonly size: Pair;
};

export const resize: OpSpec<"resize", ResizeAttrs, 1> = {
  name: "resize",
  doc: "x at another size: y[p,q] = (1−a)(1−b)·x[i,j] + (1−a)b·x[i,j+1] + a(1−b)·x[i+1,j] + ab·x[i+1,j+1] at the source position (i+a, j+b) of (p,q), or the one pixel nearest to it.",
  inputs: ["x [N,C,H,W]"],
  defaults: { size: [1, 1], ...resizeRuleDefaults },
  words: resizeWords,
  infer: ([x], attrs, where) => ({
    shape: resizedShape(x.shape, attrs.size, "size", attrs, where),
    dtype: x.dtype,
  }),
  reference([x], attrs) {
    const y = zeros(resizedShape(x.shape, attrs.size, "size", attrs, "resize"));
    forEachResizeTap(x.shape, y.shape, attrs, (yAt, xAt, weight) => {
      y.data[yAt]! += weight * x.data[xAt]!;
    });
    return y;
  },
  grad(g, dy, { inputs: [x], attrs: { size: _, ...rule } }) {
    const [, , height, width] = shapeOf(x);
    return [g.apply(resizeGradient, [dy], { ...rule, inputSize: [height!, width!] })];
  },
  macs: noMacs,
  // An output pixel reads the two pixels around p·s + s/2 − 1/2 (halfPixel) or p·s, whose distance is the fractional stride s.
  window([x], { size, mode, coordinates, scale }) {
    const step = (axis: 0 | 1): number => {
      const [length, outLength] = [x.shape[axis + 2]!, size[axis]];
      if (coordinates === "alignCorners") return outLength > 1 ? (length - 1) / (outLength - 1) : length;
      return scale.length > 0 ? 1 / scale[axis]! : length / outLength;
    };
    const steps: Pair = [step(0), step(1)];
    const taps = mode === "nearest" ? 1 : 2;
    const [top, left] = steps.map(
      (s) => (taps - 1) / 2 + (coordinates === "halfPixel" ? (1 - s) / 2 : 0),
    ) as [number, number];
    return { kernel: [taps, taps], stride: steps, dilation: [1, 1], padding: [top, left, top, left] };
  },
  *samples() {
    for (const [x, size, rule] of resizeSamples) yield { inputs: [x], attrs: { size, ...rule } };
  },
  rejects: [
    { inputs: [[3, 8, 8]], attrs: { size: [4, 4] }, error: /got shape \[3,8,8\], expected \[N,C,H,W\]/ },
    { inputs: [[1, 3, 8, 8]], attrs: { size: [4, 0] }, error: /size is \[4,0\]/ },
    {
      inputs: [[1, 3, 8, 8]],
      attrs: { size: [4, 4], scale: [0.5] },
      error: /scale is \[0.5\], expected \[\] or two factors above 0/,
    },
    {
      inputs: [[1, 3, 8, 8]],
      attrs: { size: [4, 4], mode: "nearest", coordinates: "alignCorners" },
      error: /nearest has no alignCorners/,
    },
  ],
};
