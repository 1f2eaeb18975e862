// The largest value of each window.
import { zeros } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { maxPool2dGradient } from "./maxPool2dGradient.ts";
import {
  maxPool2dDefaults,
  poolOutputShape,
  poolSamples,
  windowMaxima,
  type MaxPool2dAttrs,
} from "./pooling.ts";
import { noMacs } from "./shapes.ts";

export const maxPool2d: OpSpec<"maxPool2d", MaxPool2dAttrs, 1> = {
  name: "maxPool2d",
  doc: "The maximum of each window: y[n,c,p,q] = max_{i,j} x[n, c, p·sh − top + i·dh, q·sw − left + j·dw], −∞ outside x; NaN wins.",
  inputs: ["x [N,C,H,W]"],
  defaults: maxPool2dDefaults,
  infer: ([x], attrs, where) => ({ shape: poolOutputShape(x.shape, attrs, where), dtype: x.dtype }),
  reference([x], attrs) {
    const y = zeros(poolOutputShape(x.shape, attrs, "maxPool2d"));
    windowMaxima(x, y.shape, attrs).forEach((xAt, at) => (y.data[at] = xAt < 0 ? -Infinity : x.data[xAt]!));
    return y;
  },
  grad: (g, dy, { inputs: [x], attrs }) => [g.apply(maxPool2dGradient, [dy, x], attrs)],
  macs: noMacs,
  window: (_, { kernel, stride, dilation, padding }) => ({ kernel, stride, dilation, padding }),
  *samples() {
    for (const [x, attrs] of poolSamples) yield { inputs: [x], attrs };
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
      attrs: { padding: [0, 0, 2, 0] },
      error: /padding \[0,0,2,0\] must stay below the window's extent of 2 along axis 2/,
    },
    { inputs: [[1, 3, 8, 8]], attrs: { stride: [0, 1] }, error: /stride is \[0,1\]/ },
    { inputs: [[1, 3, 8, 8]], attrs: { kernel: [2, 1.5] }, error: /kernel is \[2,1.5\]/ },
  ],
};
