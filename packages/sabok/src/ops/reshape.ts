// The same numbers in the same row-major order under another shape.
import { ShapeError, formatShape, sizeOf, type Shape } from "../core/index.ts";
import { shapeOf, type OpSpec } from "../graph/index.ts";
import { noMacs } from "./shapes.ts";

export type ReshapeAttrs = {
  /** The new shape; one entry may be −1 and is inferred. */
  readonly shape: Shape;
};

export const reshape: OpSpec<"reshape", ReshapeAttrs, 1> = {
  name: "reshape",
  doc: "The elements of x in row-major order under a new shape.",
  inputs: ["x"],
  defaults: { shape: [-1] },
  infer: ([x], { shape }, where) => ({ shape: resolve(x.shape, shape, where), dtype: x.dtype }),
  reference: ([x], { shape }) => ({
    shape: resolve(x.shape, shape, "reshape"),
    data: Float64Array.from(x.data),
  }),
  grad: (g, dy, { inputs: [x] }) => [g.apply(reshape, [dy], { shape: shapeOf(x) })],
  macs: noMacs,
  *samples() {
    yield { inputs: [[]], attrs: { shape: [1] } };
    for (const x of [
      [6],
      [2, 3],
      [1, 2, 3],
      [2, 3, 4, 5],
      [1, 17, 3, 3],
      [4, 8, 1, 1],
      [2, 3, 5, 1],
    ] as Shape[]) {
      const size = sizeOf(x);
      yield { inputs: [x], attrs: { shape: [-1] } };
      yield { inputs: [x], attrs: { shape: [1, size, 1, 1] } };
      yield { inputs: [x], attrs: { shape: [x[0]!, -1] } };
    }
    yield { inputs: [[2, 12]], attrs: { shape: [2, 3, 2, 2] } };
    yield { inputs: [[2, 3, 4, 2]], attrs: { shape: [3, 2, 2, 4] } };
    yield { inputs: [[2, 3, 4, 2]], attrs: { shape: [2, 1, 3, 4, 2] } };
  },
  rejects: [
    { inputs: [[2, 3]], attrs: { shape: [4, 2] }, error: /\[2,3\] has 6 elements; \[4,2\] holds 8/ },
    { inputs: [[2, 3]], attrs: { shape: [-1, 4] }, error: /6 elements cannot be divided/ },
    { inputs: [[2, 3]], attrs: { shape: [-1, -1] }, error: /more than one −1/ },
    {
      inputs: [[2, 3]],
      attrs: { shape: [-2, -3] },
      error: /shape is \[-2,-3\], expected whole numbers of at least 1/,
    },
  ],
};

function resolve(from: Shape, to: Shape, where: string): Shape {
  const size = sizeOf(from);
  if (to.some((dimension) => dimension !== -1 && !(Number.isInteger(dimension) && dimension >= 1)))
    throw new ShapeError(
      `${where}: shape is ${formatShape(to)}, expected whole numbers of at least 1, and −1 for one that is inferred.`,
    );
  const open = to.filter((dimension) => dimension === -1).length;
  if (open > 1) throw new ShapeError(`${where}: shape ${formatShape(to)} has more than one −1.`);
  if (open === 0) {
    if (sizeOf(to) !== size)
      throw new ShapeError(
        `${where}: x ${formatShape(from)} has ${size} elements; ${formatShape(to)} holds ${sizeOf(to)}.`,
      );
    return to;
  }
  const rest = -sizeOf(to);
  if (size % rest !== 0)
    throw new ShapeError(`${where}: the ${size} elements cannot be divided into ${formatShape(to)}.`);
  return to.map((dimension) => (dimension === -1 ? size / rest : dimension));
}
