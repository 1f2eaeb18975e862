// The transpose of gather: adds each part to the place it was taken from.
import { ShapeError, formatShape, normalizeAxis, zeros, type Shape } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { gather } from "./gather.ts";
import {
  forEachGathered,
  gatherSamples,
  gatheredShape,
  indicesBelow,
  type GatherGradientAttrs,
} from "./gathering.ts";
import { noMacs } from "./shapes.ts";

export const gatherGradient: OpSpec<"gatherGradient", GatherGradientAttrs, 2> = {
  name: "gatherGradient",
  doc: "dx[…, i, …] = Σ dy[…, k…, …] over the k… with indices[k…] = i: the transpose of gather.",
  inputs: ["dy", "indices"],
  defaults: { axis: 0, length: 1 },
  infer: ([dy, indices], attrs, where) => ({
    shape: wholeShape(dy.shape, indices.shape, attrs, where),
    dtype: dy.dtype,
  }),
  reference([dy, indices], attrs) {
    const dx = zeros(wholeShape(dy.shape, indices.shape, attrs, "gatherGradient"));
    forEachGathered(dx.shape, indices, attrs.axis, "gatherGradient", (from, to) => {
      dx.data[to]! += dy.data[from]!;
    });
    return dx;
  },
  grad: (g, u, { inputs: [, indices], attrs: { axis } }) => [g.apply(gather, [u, indices], { axis }), null],
  macs: noMacs,
  *samples() {
    for (const [i, [x, indices, axis]] of gatherSamples.entries()) {
      const at = normalizeAxis(axis, x.length, "sample");
      yield {
        inputs: [gatheredShape(x, indices, at, "sample"), indicesBelow(x[at]!, indices, i)],
        attrs: { axis: at, length: x[at]! },
      };
    }
  },
  rejects: [
    {
      inputs: [[2, 3], [4]],
      attrs: { axis: 0, length: 5 },
      error: /dy has shape \[2,3\], expected indices' \[4\] from axis 0 on/,
    },
    { inputs: [[2, 3], [2]], attrs: { axis: 0, length: 0 }, error: /length is 0/ },
  ],
};

function wholeShape(dy: Shape, indices: Shape, { axis, length }: GatherGradientAttrs, where: string): Shape {
  if (!Number.isInteger(length) || length < 1)
    throw new ShapeError(`${where}: length is ${length}, expected a whole number of at least 1.`);
  const end = axis + indices.length;
  if (!Number.isInteger(axis) || axis < 0 || formatShape(dy.slice(axis, end)) !== formatShape(indices))
    throw new ShapeError(
      `${where}: dy has shape ${formatShape(dy)}, expected indices' ${formatShape(indices)} from axis ${axis} on.`,
    );
  return [...dy.slice(0, axis), length, ...dy.slice(end)];
}
