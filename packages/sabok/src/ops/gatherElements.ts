// One element along an axis for each index.
import { ShapeError, formatShape, normalizeAxis, zeros, type Shape } from "../core/index.ts";
import { shapeOf, type OpSpec } from "../graph/index.ts";
import { gatherElementsGradient } from "./gatherElementsGradient.ts";
import { forEachGatheredElement, gatherSamples, indicesBelow, type GatherAttrs } from "./gathering.ts";
import { noMacs } from "./shapes.ts";

export const gatherElements: OpSpec<"gatherElements", GatherAttrs, 2> = {
  name: "gatherElements",
  doc: "y[i, …, k, …] = x[i, …, indices[i, …, k, …], …]: along the axis the element an index names, along the others its own.",
  inputs: ["x", "indices"],
  defaults: { axis: 0 },
  infer([x, indices], { axis }, where) {
    expectFitting(x.shape, indices.shape, axis, where);
    return { shape: indices.shape, dtype: x.dtype };
  },
  reference([x, indices], { axis }) {
    const y = zeros(indices.shape);
    forEachGatheredElement(x.shape, indices, axis, "gatherElements", (to, from) => {
      y.data[to] = x.data[from]!;
    });
    return y;
  },
  grad(g, dy, { inputs: [x, indices], attrs: { axis } }) {
    return [g.apply(gatherElementsGradient, [dy, indices], { axis, shape: shapeOf(x) }), null];
  },
  macs: noMacs,
  *samples() {
    for (const [i, [x, , axis]] of gatherSamples.entries())
      yield { inputs: [x, indicesBelow(x.at(axis)!, elementIndices(x, axis, i), i)], attrs: { axis } };
  },
  rejects: [
    {
      inputs: [
        [2, 3],
        [3, 3],
      ],
      attrs: { axis: 1 },
      error: /indices have shape \[3,3\], expected at most \[2,\*\]/,
    },
    { inputs: [[2, 3], [2]], error: /indices have shape \[2\]/ },
    {
      inputs: [
        [2, 3],
        [2, 3],
      ],
      attrs: { axis: 2 },
      error: /axis 2 is outside a value of rank 2/,
    },
  ],
};

/** A shape of indices for a sample: another length along the axis, the others' own or shorter. */
export function elementIndices(x: Shape, axis: number, i: number): Shape {
  const at = normalizeAxis(axis, x.length, "sample");
  return x.map((dimension, j) =>
    j === at ? (i % 4) + 1 : i % 3 === 0 ? Math.ceil(dimension / 2) : dimension,
  );
}

/** Throws unless the indices have x's rank and reach beyond x along the axis only. */
export function expectFitting(x: Shape, indices: Shape, axis: number, where: string): void {
  const at = normalizeAxis(axis, x.length, where);
  if (indices.length !== x.length || indices.some((dimension, i) => i !== at && dimension > x[i]!))
    throw new ShapeError(
      `${where}: indices have shape ${formatShape(indices)}, expected at most [${x.map((d, i) => (i === at ? "*" : d)).join(",")}].`,
    );
}
