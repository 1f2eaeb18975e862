// The transpose of average pooling: each dy is spread over its window.
import { ShapeError, formatShape, zeros, type Shape } from "../core/index.ts";
import type { OpSpec, Pair } from "../graph/index.ts";
import { averagePool2d } from "./averagePool2d.ts";
import {
  averageOutputShape,
  averagePool2dDefaults,
  forEachAverageTap,
  type AveragePool2dAttrs,
} from "./averaging.ts";
import { expectPooled } from "./pooling.ts";
import { expectPair, noMacs } from "./shapes.ts";

export type AveragePool2dGradientAttrs = AveragePool2dAttrs & {
  /** [H, W] of the result. */
  readonly size: Pair;
};

export const averagePool2dGradient: OpSpec<"averagePool2dGradient", AveragePool2dGradientAttrs, 1> = {
  name: "averagePool2dGradient",
  doc: "The transpose of averagePool2d: dx[r] = Σ dy[p]/d[p] over the windows p that read r, d their divisors.",
  inputs: ["dy [N,C,OH,OW]"],
  defaults: { ...averagePool2dDefaults, size: [1, 1] },
  infer: ([dy], attrs, where) => ({ shape: inputShape(dy.shape, attrs, where), dtype: dy.dtype }),
  reference([dy], attrs) {
    const dx = zeros(inputShape(dy.shape, attrs, "averagePool2dGradient"));
    forEachAverageTap(dx.shape, dy.shape, attrs, (yAt, xAt, weight) => {
      dx.data[xAt]! += weight * dy.data[yAt]!;
    });
    return dx;
  },
  grad: (g, ddx, { attrs: { size: _, ...attrs } }) => [g.apply(averagePool2d, [ddx], attrs)],
  macs: noMacs,
  window: (_, { kernel, stride, padding }) => ({
    kernel,
    stride,
    dilation: [1, 1],
    padding,
    transposed: true,
  }),
  *samples() {
    for (const { inputs, attrs } of averagePool2d.samples()) {
      const [x] = inputs as readonly [Shape];
      const dy = averageOutputShape(x, { ...averagePool2dDefaults, ...attrs }, "sample");
      yield { inputs: [dy], attrs: { ...attrs, size: [x[2]!, x[3]!] } };
    }
  },
  rejects: [
    {
      inputs: [[1, 3, 4, 4]],
      attrs: { size: [7, 7] },
      error: /dy has shape \[1,3,4,4\], but pooling x gives \[1,3,3,3\]/,
    },
    { inputs: [[3, 4, 4]], attrs: { size: [8, 8] }, error: /dy has shape \[3,4,4\], expected \[N,C,OH,OW\]/ },
    { inputs: [[1, 3, 4, 4]], attrs: { size: [0, 8] }, error: /size is \[0,8\]/ },
  ],
};

function inputShape(dy: Shape, attrs: AveragePool2dGradientAttrs, where: string): Shape {
  if (dy.length !== 4)
    throw new ShapeError(`${where}: dy has shape ${formatShape(dy)}, expected [N,C,OH,OW].`);
  expectPair(attrs.size, 1, "size", where);
  const x: Shape = [dy[0]!, dy[1]!, ...attrs.size];
  expectPooled(dy, averageOutputShape(x, attrs, where), "dy", where);
  return x;
}
