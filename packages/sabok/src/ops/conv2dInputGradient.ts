// The gradient of conv2d to its input. Read forwards, it is the transposed convolution.
import { ShapeError, formatShape, zeros, type Shape } from "../core/index.ts";
import { mapSizeOf, type OpSpec, type Pair } from "../graph/index.ts";
import { conv2d } from "./conv2d.ts";
import { conv2dWeightGradient } from "./conv2dWeightGradient.ts";
import {
  conv2dDefaults,
  convMacs,
  convOutputShape,
  convSamples,
  forEachProduct,
  type Conv2dAttrs,
} from "./convolution.ts";
import { expectPair } from "./shapes.ts";

export type Conv2dInputGradientAttrs = Conv2dAttrs & {
  /**
   * [H, W] of the result. A transposed convolution with output padding r has
   * H = (OH − 1)·stride − top − bottom + dilation·(KH − 1) + 1 + r, and likewise W.
   */
  readonly size: Pair;
};

export const conv2dInputGradient: OpSpec<"conv2dInputGradient", Conv2dInputGradientAttrs, 2> = {
  name: "conv2dInputGradient",
  doc: "The transpose of conv2d in x (transposed convolution): x̄[n,c,r,s] = Σ y[n,o,p,q] · w[o,c,i,j] over all (p,q,i,j) that read (r,s).",
  inputs: ["dy [N,O,OH,OW]", "w [O,C/groups,KH,KW]"],
  defaults: { ...conv2dDefaults, size: [1, 1] },
  infer: ([dy, w], attrs, where) => ({ shape: inputShape(dy.shape, w.shape, attrs, where), dtype: dy.dtype }),
  reference([dy, w], attrs) {
    const dx = zeros(inputShape(dy.shape, w.shape, attrs, "conv2dInputGradient"));
    forEachProduct(dx.shape, w.shape, dy.shape, attrs, (yAt, wAt, xAt) => {
      dx.data[xAt]! += dy.data[yAt]! * w.data[wAt]!;
    });
    return dx;
  },
  grad(g, ddx, { inputs: [dy, w], attrs: { size: _, ...attrs } }) {
    return [
      g.apply(conv2d, [ddx, w], attrs),
      g.apply(conv2dWeightGradient, [ddx, dy], { ...attrs, kernel: mapSizeOf(w) }),
    ];
  },
  macs: ([dy, w]) => convMacs(dy.shape, w.shape),
  window: ([, w], { stride, dilation, padding }) => ({
    kernel: [w.shape[2]!, w.shape[3]!],
    stride,
    dilation,
    padding,
    transposed: true,
  }),
  *samples() {
    for (const [x, w, attrs] of convSamples) {
      const y = convOutputShape(x, w, { ...conv2dDefaults, ...attrs }, "sample");
      yield { inputs: [y, w], attrs: { ...attrs, size: [x[2]!, x[3]!] } };
    }
  },
  rejects: [
    {
      inputs: [
        [1, 8, 4, 4],
        [6, 3, 3, 3],
      ],
      attrs: { size: [6, 6] },
      error: /dy has 8 channels but w makes 6/,
    },
    {
      inputs: [
        [1, 8, 4, 4],
        [8, 3, 3, 3],
      ],
      attrs: { size: [9, 9] },
      error: /a map of 9x9 gives an output of 7x7, but dy is 4x4/,
    },
    {
      inputs: [
        [1, 8, 4, 4],
        [8, 3, 3, 3],
      ],
      attrs: { size: [0, 6] },
      error: /size is \[0,6\]/,
    },
  ],
};

function inputShape(dy: Shape, w: Shape, attrs: Conv2dInputGradientAttrs, where: string): Shape {
  const shapes = `Shapes dy ${formatShape(dy)}, w ${formatShape(w)}.`;
  if (dy.length !== 4 || w.length !== 4)
    throw new ShapeError(`${where}: expected dy [N,O,OH,OW] and w [O,C/groups,KH,KW]. ${shapes}`);
  expectPair(attrs.size, 1, "size", where);
  if (dy[1] !== w[0])
    throw new ShapeError(`${where}: dy has ${dy[1]} channels but w makes ${w[0]}. ${shapes}`);
  const x: Shape = [dy[0]!, w[1]! * attrs.groups, ...attrs.size];
  const y = convOutputShape(x, w, attrs, where);
  if (y[2] !== dy[2] || y[3] !== dy[3])
    throw new ShapeError(
      `${where}: a map of ${attrs.size[0]}x${attrs.size[1]} gives an output of ${y[2]}x${y[3]}, ` +
        `but dy is ${dy[2]}x${dy[3]}; change size (or the output padding). ${shapes}`,
    );
  return x;
}
