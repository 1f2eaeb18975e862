// The axes of a value in another order.
import { ShapeError, formatShape, forEachIndex, stridesOf, zeros, type Shape } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { noMacs } from "./shapes.ts";

export type TransposeAttrs = {
  /** For each axis of the result, the axis of x that it is. */
  readonly permutation: readonly number[];
};

export const transpose: OpSpec<"transpose", TransposeAttrs, 1> = {
  name: "transpose",
  doc: "x with its axes reordered: axis k of y is axis permutation[k] of x.",
  inputs: ["x"],
  defaults: { permutation: [1, 0] },
  infer: ([x], { permutation }, where) => ({ shape: permuted(x.shape, permutation, where), dtype: x.dtype }),
  reference([x], { permutation }) {
    const y = zeros(permuted(x.shape, permutation, "transpose"));
    const strides = stridesOf(x.shape);
    forEachIndex(y.shape, (index, at) => {
      let position = 0;
      for (let axis = 0; axis < index.length; axis++) position += index[axis]! * strides[permutation[axis]!]!;
      y.data[at] = x.data[position]!;
    });
    return y;
  },
  grad(g, dy, { attrs: { permutation } }) {
    const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
    return [g.apply(transpose, [dy], { permutation: inverse })];
  },
  macs: noMacs,
  *samples() {
    yield { inputs: [[]], attrs: { permutation: [] } };
    yield { inputs: [[7]], attrs: { permutation: [0] } };
    for (const x of [
      [3, 5],
      [1, 17],
      [4, 33],
      [8, 1],
    ]) {
      yield { inputs: [x] };
      yield { inputs: [x], attrs: { permutation: [0, 1] } };
    }
    for (const permutation of [
      [0, 2, 1],
      [2, 0, 1],
      [1, 2, 0],
      [2, 1, 0],
    ])
      yield { inputs: [[2, 3, 5]], attrs: { permutation } };
    for (const permutation of [
      [0, 2, 3, 1],
      [0, 3, 1, 2],
      [1, 0, 2, 3],
      [3, 2, 1, 0],
      [0, 1, 3, 2],
    ])
      yield { inputs: [[2, 3, 4, 5]], attrs: { permutation } };
    yield { inputs: [[1, 17, 3, 3]], attrs: { permutation: [0, 2, 3, 1] } };
    yield { inputs: [[5, 8, 1, 1]], attrs: { permutation: [1, 2, 0, 3] } };
    yield { inputs: [[2, 3, 1, 2, 4]], attrs: { permutation: [0, 2, 1, 4, 3] } };
  },
  rejects: [
    {
      inputs: [[2, 3, 4]],
      attrs: { permutation: [1, 0] },
      error: /permutation is \[1,0\], expected each of the axes 0 to 2 of x \[2,3,4\] once/,
    },
    { inputs: [[2, 3]], attrs: { permutation: [1, 1] }, error: /permutation is \[1,1\]/ },
    { inputs: [[2, 3]], attrs: { permutation: [0, -1] }, error: /permutation is \[0,-1\]/ },
  ],
};

function permuted(x: Shape, permutation: readonly number[], where: string): Shape {
  if (permutation.length !== x.length || x.some((_, axis) => !permutation.includes(axis)))
    throw new ShapeError(
      `${where}: permutation is ${formatShape(permutation)}, expected each of the axes 0 to ${x.length - 1} of x ${formatShape(x)} once.`,
    );
  return permutation.map((axis) => x[axis]!);
}
