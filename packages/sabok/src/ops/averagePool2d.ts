// The mean of each window.
import { zeros } from "../core/index.ts";
import { shapeOf, type OpSpec } from "../graph/index.ts";
import { averagePool2dGradient } from "./averagePool2dGradient.ts";
import {
  averageOutputShape,
  averagePool2dDefaults,
  forEachAverageTap,
  type AveragePool2dAttrs,
} from "./averaging.ts";
import { poolSamples } from "./pooling.ts";
import { noMacs } from "./shapes.ts";

export const averagePool2d: OpSpec<"averagePool2d", AveragePool2dAttrs, 1> = {
  name: "averagePool2d",
  doc: "The mean of each window: y[n,c,p,q] = 1/d Σ_{i,j} x[n, c, p·sh − top + i, q·sw − left + j]; d counts the window's pixels, with the padding where countIncludePad is set.",
  inputs: ["x [N,C,H,W]"],
  defaults: averagePool2dDefaults,
  infer: ([x], attrs, where) => ({ shape: averageOutputShape(x.shape, attrs, where), dtype: x.dtype }),
  reference([x], attrs) {
    const y = zeros(averageOutputShape(x.shape, attrs, "averagePool2d"));
    forEachAverageTap(x.shape, y.shape, attrs, (yAt, xAt, weight) => {
      y.data[yAt]! += weight * x.data[xAt]!;
    });
    return y;
  },
  grad(g, dy, { inputs: [x], attrs }) {
    const [, , height, width] = shapeOf(x);
    return [g.apply(averagePool2dGradient, [dy], { ...attrs, size: [height!, width!] })];
  },
  macs: noMacs,
  window: (_, { kernel, stride, padding }) => ({ kernel, stride, dilation: [1, 1], padding }),
  *samples() {
    for (const [x, { dilation, ...attrs }] of poolSamples) {
      if (dilation) continue;
      yield { inputs: [x], attrs };
      if (attrs.padding ?? attrs.ceilMode) yield { inputs: [x], attrs: { ...attrs, countIncludePad: false } };
    }
  },
  rejects: [
    { inputs: [[3, 8, 8]], error: /x has shape \[3,8,8\], expected \[N,C,H,W\]/ },
    {
      inputs: [[1, 3, 2, 8]],
      attrs: { kernel: [3, 3] },
      error: /3x3 window .* does not fit into a map of 2x8/,
    },
    {
      inputs: [[1, 3, 8, 8]],
      attrs: { padding: [0, 3, 0, 0] },
      error: /padding \[0,3,0,0\] must stay below the window's extent of 2 along axis 3/,
    },
    { inputs: [[1, 3, 8, 8]], attrs: { padding: [0, 0, -1, 0] }, error: /padding is \[0,0,-1,0\]/ },
  ],
};
