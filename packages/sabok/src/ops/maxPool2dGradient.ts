// The gradient of max pooling: each window hands its dy to its first maximum.
import { zeros } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { maxPool2dSelect } from "./maxPool2dSelect.ts";
import {
  expectPooled,
  maxPool2dDefaults,
  poolOutputShape,
  poolSamples,
  windowMaxima,
  type MaxPool2dAttrs,
} from "./pooling.ts";
import { noMacs } from "./shapes.ts";

export const maxPool2dGradient: OpSpec<"maxPool2dGradient", MaxPool2dAttrs, 2> = {
  name: "maxPool2dGradient",
  doc: "The transpose of maxPool2dSelect: dx[r] = Σ dy[p] over the windows p whose first maximum of x is at r.",
  inputs: ["dy [N,C,OH,OW]", "x [N,C,H,W]"],
  defaults: maxPool2dDefaults,
  infer([dy, x], attrs, where) {
    expectPooled(dy.shape, poolOutputShape(x.shape, attrs, where), "dy", where);
    return x;
  },
  reference([dy, x], attrs) {
    const dx = zeros(x.shape);
    windowMaxima(x, dy.shape, attrs).forEach((xAt, at) => {
      if (xAt >= 0) dx.data[xAt]! += dy.data[at]!;
    });
    return dx;
  },
  // Linear in dy; in x it only moves where the maximum changes place.
  grad: (g, ddx, { inputs: [, x], attrs }) => [g.apply(maxPool2dSelect, [ddx, x], attrs), null],
  macs: noMacs,
  window: (_, { kernel, stride, dilation, padding }) => ({
    kernel,
    stride,
    dilation,
    padding,
    transposed: true,
  }),
  *samples() {
    for (const [x, attrs] of poolSamples)
      yield { inputs: [poolOutputShape(x, { ...maxPool2dDefaults, ...attrs }, "sample"), x], attrs };
  },
  rejects: [
    {
      inputs: [
        [1, 3, 4, 4],
        [1, 3, 7, 7],
      ],
      error: /dy has shape \[1,3,4,4\], but pooling x gives \[1,3,3,3\]/,
    },
    {
      inputs: [
        [3, 4, 4],
        [3, 8, 8],
      ],
      error: /expected \[N,C,H,W\]/,
    },
  ],
};
