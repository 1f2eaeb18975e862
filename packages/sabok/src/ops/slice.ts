// A regular part of a value.
import { zeros, type Shape } from "../core/index.ts";
import { shapeOf, type OpSpec } from "../graph/index.ts";
import { noMacs } from "./shapes.ts";
import { sliceGradient } from "./sliceGradient.ts";
import { expectInside, expectPerAxis, partPositions, partSamples, partWindow } from "./slicing.ts";

export type SliceAttrs = {
  /** One entry an axis: the first index taken. */
  readonly starts: readonly number[];
  /** One entry an axis: how many are taken; −1 takes all to the end. */
  readonly sizes: readonly number[];
  /** One entry an axis: the distance between two that are taken. */
  readonly steps: readonly number[];
};

export const slice: OpSpec<"slice", SliceAttrs, 1> = {
  name: "slice",
  doc: "A part of x: y[i, j, …] = x[starts₀ + i·steps₀, starts₁ + j·steps₁, …].",
  inputs: ["x"],
  defaults: { starts: [], sizes: [], steps: [] },
  infer: ([x], attrs, where) => ({ shape: partShape(x.shape, attrs, where), dtype: x.dtype }),
  reference([x], attrs) {
    const y = zeros(partShape(x.shape, attrs, "slice"));
    partPositions(y.shape, x.shape, attrs.starts, attrs.steps).forEach(
      (position, at) => (y.data[at] = x.data[position]!),
    );
    return y;
  },
  grad: (g, dy, { inputs: [x], attrs: { starts, steps } }) => [
    g.apply(sliceGradient, [dy], { starts, steps, shape: shapeOf(x) }),
  ],
  macs: noMacs,
  window: (_, { starts, steps }) => partWindow(starts, steps),
  *samples() {
    for (const [x, starts, sizes, steps] of partSamples)
      yield { inputs: [x], attrs: { starts, sizes, steps } };
    yield {
      inputs: [[2, 6, 5, 5]],
      attrs: { starts: [0, 3, 1, 0], sizes: [-1, -1, -1, 2], steps: [1, 1, 2, 2] },
    };
    yield { inputs: [[7]], attrs: { starts: [2], sizes: [-1], steps: [3] } };
  },
  rejects: [
    {
      inputs: [[2, 3]],
      attrs: { starts: [0], sizes: [1], steps: [1] },
      error: /starts is \[0\], expected 2 whole numbers of at least 0/,
    },
    {
      inputs: [[2, 3]],
      attrs: { starts: [0, 1], sizes: [2, 3], steps: [1, 1] },
      error: /3 elements from 1 in steps of 1 reach index 3 along axis 1, but shape \[2,3\] ends at 2/,
    },
    { inputs: [[2, 3]], attrs: { starts: [0, 3], sizes: [2, -1], steps: [1, 1] }, error: /sizes is \[2,0\]/ },
    { inputs: [[2, 3]], attrs: { starts: [0, 0], sizes: [2, 2], steps: [1, 0] }, error: /steps is \[1,0\]/ },
    {
      inputs: [[2, 3]],
      attrs: { starts: [-1, 0], sizes: [2, 2], steps: [1, 1] },
      error: /starts is \[-1,0\]/,
    },
  ],
};

function partShape(x: Shape, { starts, sizes, steps }: SliceAttrs, where: string): Shape {
  expectPerAxis(starts, x, 0, "starts", where);
  expectPerAxis(steps, x, 1, "steps", where);
  const part = sizes.map((size, axis) =>
    size === -1 ? Math.ceil((x[axis]! - starts[axis]!) / steps[axis]!) : size,
  );
  expectPerAxis(part, x, 1, "sizes", where);
  expectInside(part, x, starts, steps, where);
  return part;
}
