// The parts of a value along one axis that indices name.
import { zeros } from "../core/index.ts";
import { shapeOf, type OpSpec } from "../graph/index.ts";
import { gatherGradient } from "./gatherGradient.ts";
import {
  forEachGathered,
  gatherSamples,
  gatheredShape,
  indicesBelow,
  type GatherAttrs,
} from "./gathering.ts";
import { noMacs } from "./shapes.ts";

export const gather: OpSpec<"gather", GatherAttrs, 2> = {
  name: "gather",
  doc: "y[…, k…, …] = x[…, indices[k…], …] along one axis; negative indices count from the back.",
  inputs: ["x", "indices"],
  defaults: { axis: 0 },
  infer: ([x, indices], { axis }, where) => ({
    shape: gatheredShape(x.shape, indices.shape, axis, where),
    dtype: x.dtype,
  }),
  reference([x, indices], { axis }) {
    const y = zeros(gatheredShape(x.shape, indices.shape, axis, "gather"));
    forEachGathered(x.shape, indices, axis, "gather", (to, from) => (y.data[to] = x.data[from]!));
    return y;
  },
  grad: (g, dy, { inputs: [x, indices], attrs: { axis } }) => [
    g.apply(gatherGradient, [dy, indices], {
      axis: axis < 0 ? axis + shapeOf(x).length : axis,
      length: shapeOf(x).at(axis)!,
    }),
    null,
  ],
  macs: noMacs,
  *samples() {
    for (const [i, [x, indices, axis]] of gatherSamples.entries())
      yield { inputs: [x, indicesBelow(x.at(axis)!, indices, i)], attrs: { axis } };
  },
  rejects: [{ inputs: [[2, 3], [1]], attrs: { axis: 2 }, error: /axis 2 is outside a value of rank 2/ }],
};
