// The gradient of conv2d to its weight: the correlation of the input with the output's gradient.
import { ShapeError, formatShape, zeros, type Shape } from "../core/index.ts";
import { mapSizeOf, type OpSpec, type Pair } from "../graph/index.ts";
import { conv2d } from "./conv2d.ts";
import { conv2dInputGradient } from "./conv2dInputGradient.ts";
import {
  conv2dDefaults,
  convMacs,
  convOutputShape,
  convSamples,
  forEachProduct,
  type Conv2dAttrs,
} from "./convolution.ts";
import { expectPair } from "./shapes.ts";

export type Conv2dWeightGradientAttrs = Conv2dAttrs & {
  /** [KH, KW] of the result. */
  readonly kernel: Pair;
};

export const conv2dWeightGradient: OpSpec<"conv2dWeightGradient", Conv2dWeightGradientAttrs, 2> = {
  name: "conv2dWeightGradient",
  doc: "The transpose of conv2d in w: w̄[o,c,i,j] = Σ_{n,p,q} y[n,o,p,q] · x[n, g(o)+c, p·sh − top + i·dh, q·sw − left + j·dw].",
  inputs: ["x [N,C,H,W]", "dy [N,O,OH,OW]"],
  defaults: { ...conv2dDefaults, kernel: [1, 1] },
  infer: ([x, dy], attrs, where) => ({ shape: weightShape(x.shape, dy.shape, attrs, where), dtype: x.dtype }),
  reference([x, dy], attrs) {
    const dw = zeros(weightShape(x.shape, dy.shape, attrs, "conv2dWeightGradient"));
    forEachProduct(x.shape, dw.shape, dy.shape, attrs, (yAt, wAt, xAt) => {
      dw.data[wAt]! += dy.data[yAt]! * x.data[xAt]!;
    });
    return dw;
  },
  grad(g, ddw, { inputs: [x, dy], attrs: { kernel: _, ...attrs } }) {
    return [
      g.apply(conv2dInputGradient, [dy, ddw], { ...attrs, size: mapSizeOf(x) }),
      g.apply(conv2d, [x, ddw], attrs),
    ];
  },
  macs: ([x, dy], attrs) => convMacs(dy.shape, weightShape(x.shape, dy.shape, attrs, "conv2dWeightGradient")),
  *samples() {
    for (const [x, w, attrs] of convSamples) {
      const y = convOutputShape(x, w, { ...conv2dDefaults, ...attrs }, "sample");
      yield { inputs: [x, y], attrs: { ...attrs, kernel: [w[2]!, w[3]!] } };
    }
  },
  rejects: [
    {
      inputs: [
        [2, 3, 8, 8],
        [1, 4, 6, 6],
      ],
      attrs: { kernel: [3, 3] },
      error: /x has a batch of 2 but dy of 1/,
    },
    {
      inputs: [
        [2, 3, 8, 8],
        [2, 4, 5, 5],
      ],
      attrs: { kernel: [3, 3] },
      error: /gives an output of 6x6, but dy is 5x5/,
    },
    {
      inputs: [
        [2, 3, 8, 8],
        [2, 4, 6, 6],
      ],
      attrs: { kernel: [3, 3], groups: 2 },
      error: /3 channels cannot be split into 2 groups/,
    },
  ],
};

function weightShape(x: Shape, dy: Shape, attrs: Conv2dWeightGradientAttrs, where: string): Shape {
  const shapes = `Shapes x ${formatShape(x)}, dy ${formatShape(dy)}.`;
  if (x.length !== 4 || dy.length !== 4)
    throw new ShapeError(`${where}: expected x [N,C,H,W] and dy [N,O,OH,OW]. ${shapes}`);
  expectPair(attrs.kernel, 1, "kernel", where);
  if (x[0] !== dy[0])
    throw new ShapeError(`${where}: x has a batch of ${x[0]} but dy of ${dy[0]}. ${shapes}`);
  if (x[1]! % attrs.groups !== 0)
    throw new ShapeError(`${where}: ${x[1]} channels cannot be split into ${attrs.groups} groups. ${shapes}`);
  const w: Shape = [dy[1]!, x[1]! / attrs.groups, ...attrs.kernel];
  const y = convOutputShape(x, w, attrs, where);
  if (y[2] !== dy[2] || y[3] !== dy[3])
    throw new ShapeError(
      `${where}: a ${attrs.kernel[0]}x${attrs.kernel[1]} kernel gives an output of ${y[2]}x${y[3]}, but dy is ${dy[2]}x${dy[3]}. ${shapes}`,
    );
  return w;
}
