// Joins the last axes of a value into one: what stands between a map and a linear layer.
import { ShapeError, formatShape, sizeOf, type Shape } from "../core/index.ts";
import { shapeOf, type OpSpec } from "../graph/index.ts";
import { reshape } from "./reshape.ts";
import { anyShapes, noMacs } from "./shapes.ts";

export type FlattenAttrs = {
  /** The first axis that is joined; those before it stay. Negative axes count from the back. */
  readonly startAxis: number;
};

export const flatten: OpSpec<"flatten", FlattenAttrs, 1> = {
  name: "flatten",
  doc: "The elements of x in row-major order, its axes from startAxis on joined into one.",
  inputs: ["x"],
  defaults: { startAxis: 1 },
  infer: ([x], { startAxis }, where) => ({ shape: joined(x.shape, startAxis, where), dtype: x.dtype }),
  reference: ([x], { startAxis }) => ({
    shape: joined(x.shape, startAxis, "flatten"),
    data: Float64Array.from(x.data),
  }),
  grad: (g, dy, { inputs: [x] }) => [g.apply(reshape, [dy], { shape: shapeOf(x) })],
  macs: noMacs,
  *samples() {
    for (const x of anyShapes) if (x.length > 1) yield { inputs: [x] };
    for (const x of [[7], [1], [3, 5], [2, 3, 4], [2, 3, 4, 5], [1, 17, 3, 3]])
      yield { inputs: [x], attrs: { startAxis: 0 } };
    yield { inputs: [[2, 3, 4, 5]], attrs: { startAxis: 2 } };
    yield { inputs: [[2, 3, 4, 5]], attrs: { startAxis: -1 } };
    yield { inputs: [[2, 16, 2, 2]], attrs: { startAxis: -2 } };
  },
  rejects: [
    { inputs: [[3]], error: /startAxis is 1, but x \[3\] has rank 1/ },
    { inputs: [[2, 3]], attrs: { startAxis: -3 }, error: /startAxis is -3, but x \[2,3\] has rank 2/ },
  ],
};

function joined(x: Shape, startAxis: number, where: string): Shape {
  const start = startAxis < 0 ? startAxis + x.length : startAxis;
  if (!Number.isInteger(start) || start < 0 || start >= x.length)
    throw new ShapeError(
      `${where}: startAxis is ${startAxis}, but x ${formatShape(x)} has rank ${x.length}.`,
    );
  return [...x.slice(0, start), sizeOf(x.slice(start))];
}
