// 2-D convolution as deep learning means it: cross-correlation.
import { zeros } from "../core/index.ts";
import { mapSizeOf, type OpSpec } from "../graph/index.ts";
import { conv2dInputGradient } from "./conv2dInputGradient.ts";
import { conv2dWeightGradient } from "./conv2dWeightGradient.ts";
import {
  conv2dDefaults,
  convMacs,
  convOutputShape,
  convSamples,
  forEachProduct,
  type Conv2dAttrs,
} from "./convolution.ts";

export const conv2d: OpSpec<"conv2d", Conv2dAttrs, 2> = {
  name: "conv2d",
  doc: "Cross-correlation: y[n,o,p,q] = Σ_{c,i,j} w[o,c,i,j] · x[n, g(o)+c, p·sh − top + i·dh, q·sw − left + j·dw], zeros outside x.",
  inputs: ["x [N,C,H,W]", "w [O,C/groups,KH,KW]"],
  defaults: conv2dDefaults,
  infer: ([x, w], attrs, where) => ({
    shape: convOutputShape(x.shape, w.shape, attrs, where),
    dtype: x.dtype,
  }),
  reference([x, w], attrs) {
    const y = zeros(convOutputShape(x.shape, w.shape, attrs, "conv2d"));
    forEachProduct(x.shape, w.shape, y.shape, attrs, (yAt, wAt, xAt) => {
      y.data[yAt]! += w.data[wAt]! * x.data[xAt]!;
    });
    return y;
  },
  grad(g, dy, { inputs: [x, w], attrs }) {
    return [
      g.apply(conv2dInputGradient, [dy, w], { ...attrs, size: mapSizeOf(x) }),
      g.apply(conv2dWeightGradient, [x, dy], { ...attrs, kernel: mapSizeOf(w) }),
    ];
  },
  macs: ([x, w], attrs) => convMacs(convOutputShape(x.shape, w.shape, attrs, "conv2d"), w.shape),
  window: ([, w], { stride, dilation, padding }) => ({
    kernel: [w.shape[2]!, w.shape[3]!],
    stride,
    dilation,
    padding,
  }),
  *samples() {
    for (const [x, w, attrs] of convSamples) yield { inputs: [x, w], attrs };
  },
  rejects: [
    {
      inputs: [
        [8, 24, 56, 56],
        [64, 32, 1, 1],
      ],
      error: /x has 24 channels but w expects 32 \(groups 1\)\. Shapes x \[8,24,56,56\], w \[64,32,1,1\]/,
    },
    {
      inputs: [
        [1, 4, 8, 8],
        [6, 1, 3, 3],
      ],
      attrs: { groups: 4 },
      error: /6 output channels cannot be split into 4 groups/,
    },
    {
      inputs: [
        [1, 3, 2, 2],
        [8, 3, 3, 3],
      ],
      error: /3x3 window .* does not fit into a map of 2x2/,
    },
    {
      inputs: [
        [3, 8, 8],
        [8, 3, 3, 3],
      ],
      error: /expected x \[N,C,H,W\]/,
    },
    {
      inputs: [
        [1, 3, 8, 8],
        [8, 3, 3, 3],
      ],
      attrs: { stride: [0, 1] },
      error: /stride is \[0,1\]/,
    },
    {
      inputs: [
        [1, 3, 8, 8],
        [8, 3, 3, 3],
      ],
      attrs: { padding: [-1, 0, 0, 0] },
      error: /padding is \[-1,0,0,0\]/,
    },
  ],
};
