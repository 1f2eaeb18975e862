// Surrounds a value with a constant.
import { sizeOf, type Shape } from "../core/index.ts";
import { shapeOf, type OpSpec } from "../graph/index.ts";
import { anyShapes, noMacs } from "./shapes.ts";
import { slice } from "./slice.ts";
import { expectPerAxis, partPositions } from "./slicing.ts";

export type PadAttrs = {
  /** One entry an axis: how many are put before x. */
  readonly before: readonly number[];
  /** One entry an axis: how many are put after x. */
  readonly after: readonly number[];
  readonly value: number;
};

export const pad: OpSpec<"pad", PadAttrs, 1> = {
  name: "pad",
  doc: "x with a constant around it: y[before₀ + i, …] = x[i, …], value elsewhere.",
  inputs: ["x"],
  defaults: { before: [], after: [], value: 0 },
  infer: ([x], attrs, where) => ({ shape: paddedShape(x.shape, attrs, where), dtype: x.dtype }),
  reference([x], attrs) {
    const shape = paddedShape(x.shape, attrs, "pad");
    const data = new Float64Array(sizeOf(shape)).fill(attrs.value);
    partPositions(
      x.shape,
      shape,
      attrs.before,
      x.shape.map(() => 1),
    ).forEach((position, at) => (data[position] = x.data[at]!));
    return { shape, data };
  },
  grad(g, dy, { inputs: [x], attrs: { before } }) {
    const sizes = shapeOf(x);
    return [g.apply(slice, [dy], { starts: before, sizes, steps: sizes.map(() => 1) })];
  },
  macs: noMacs,
  window: (_, { before, after }) => ({
    kernel: [1, 1],
    stride: [1, 1],
    dilation: [1, 1],
    padding: before.length === 4 ? [before[2]!, before[3]!, after[2]!, after[3]!] : [0, 0, 0, 0],
  }),
  *samples() {
    for (const [i, x] of anyShapes.entries())
      yield {
        inputs: [x],
        attrs: {
          before: x.map((_, axis) => (axis + i) % 3),
          after: x.map((_, axis) => (axis * i) % 2),
          value: i / 4 - 2,
        },
      };
    yield { inputs: [[2, 5, 3, 3]], attrs: { before: [0, 0, 0, 0], after: [0, 0, 0, 0] } };
    yield { inputs: [[2, 5, 3, 3]], attrs: { before: [0, 0, 0, 1], after: [0, 3, 2, 0] } };
  },
  rejects: [
    {
      inputs: [[2, 3]],
      attrs: { before: [1], after: [1] },
      error: /before is \[1\], expected 2 whole numbers of at least 0/,
    },
    { inputs: [[2, 3]], attrs: { before: [1, 0], after: [0, -1] }, error: /after is \[0,-1\]/ },
  ],
};

function paddedShape(x: Shape, { before, after }: PadAttrs, where: string): Shape {
  expectPerAxis(before, x, 0, "before", where);
  expectPerAxis(after, x, 0, "after", where);
  return x.map((dimension, axis) => before[axis]! + dimension + after[axis]!);
}
