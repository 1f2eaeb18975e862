// The transpose of slice: zeros with a value put where slice would read it.
import { zeros, type Shape } from "../core/index.ts";
import { shapeOf, type OpSpec } from "../graph/index.ts";
import { noMacs } from "./shapes.ts";
import { slice } from "./slice.ts";
import { expectInside, expectPerAxis, partPositions, partSamples, partWindow } from "./slicing.ts";

export type SliceGradientAttrs = {
  /** One entry an axis: where the first element of dy stands. */
  readonly starts: readonly number[];
  /** One entry an axis: the distance between two elements of dy. */
  readonly steps: readonly number[];
  /** The shape of the result. */
  readonly shape: Shape;
};

export const sliceGradient: OpSpec<"sliceGradient", SliceGradientAttrs, 1> = {
  name: "sliceGradient",
  doc: "The transpose of slice: dx[starts₀ + i·steps₀, …] = dy[i, …], zeros elsewhere.",
  inputs: ["dy"],
  defaults: { starts: [], steps: [], shape: [] },
  infer([dy], { starts, steps, shape }, where) {
    expectPerAxis(shape, dy.shape, 1, "shape", where);
    expectPerAxis(starts, dy.shape, 0, "starts", where);
    expectPerAxis(steps, dy.shape, 1, "steps", where);
    expectInside(dy.shape, shape, starts, steps, where);
    return { shape, dtype: dy.dtype };
  },
  reference([dy], { starts, steps, shape }) {
    const dx = zeros(shape);
    partPositions(dy.shape, shape, starts, steps).forEach(
      (position, at) => (dx.data[position] = dy.data[at]!),
    );
    return dx;
  },
  grad: (g, ddx, { inputs: [dy], attrs: { starts, steps } }) => [
    g.apply(slice, [ddx], { starts, steps, sizes: shapeOf(dy) }),
  ],
  macs: noMacs,
  window: (_, { starts, steps }) => ({ ...partWindow(starts, steps), transposed: true }),
  *samples() {
    for (const [shape, starts, sizes, steps] of partSamples)
      yield { inputs: [sizes], attrs: { starts, steps, shape } };
  },
  rejects: [
    {
      inputs: [[2, 3]],
      attrs: { starts: [0, 1], steps: [1, 1], shape: [2, 3] },
      error: /reach index 3 along axis 1, but shape \[2,3\] ends at 2/,
    },
    {
      inputs: [[2, 3]],
      attrs: { starts: [0, 1], steps: [1, 1], shape: [6] },
      error: /shape is \[6\], expected 2 whole numbers/,
    },
  ],
};
