// Writes into a value: one element along an axis for each index.
import { affine } from "./affine.ts";
import type { OpSpec } from "../graph/index.ts";
import { elementIndices, gatherElements } from "./gatherElements.ts";
import { gatherSamples, indicesBelow, type GatherAttrs } from "./gathering.ts";
import { scatter, scatteredType } from "./scattering.ts";
import { noMacs } from "./shapes.ts";

export type ScatterElementsAttrs = GatherAttrs & {
  /** Whether an update replaces what is there, the last of several to one place, or is added to it. */
  readonly reduction: "none" | "add";
};

const known = ["none", "add"] as const;

export const scatterElements: OpSpec<"scatterElements", ScatterElementsAttrs, 3> = {
  name: "scatterElements",
  doc: "y = x, but at [i, …, indices[i, …, k, …], …] it is updates[i, …, k, …], or x plus the updates of that place.",
  inputs: ["x", "indices", "updates"],
  defaults: { axis: 0, reduction: "none" },
  words: { reduction: known },
  infer: (types, attrs, where) => scatteredType(types, attrs, known, where),
  reference: (tensors, attrs) => scatter(tensors, attrs, "scatterElements"),
  // Of what is replaced nothing is left; of several updates to one place all receive its gradient.
  grad(g, dy, { inputs: [, indices, updates], attrs: { axis, reduction } }) {
    const zero = g.apply(affine, [updates], { scale: 0 });
    const dx = reduction === "add" ? dy : g.apply(scatterElements, [dy, indices, zero], { axis });
    return [dx, null, g.apply(gatherElements, [dy, indices], { axis })];
  },
  macs: noMacs,
  *samples() {
    for (const [i, [x, , axis]] of gatherSamples.entries()) {
      const shape = elementIndices(x, axis, i);
      // One index along the axis, so that no place is written twice.
      const once = shape.map((length, j) => (j === (axis + x.length) % x.length ? 1 : length));
      yield { inputs: [x, indicesBelow(x.at(axis)!, once, i), once], attrs: { axis } };
      const attrs = { axis, reduction: "add" } as const;
      yield { inputs: [x, indicesBelow(x.at(axis)!, shape, i), shape], attrs };
    }
  },
  rejects: [
    {
      inputs: [
        [2, 5],
        [2, 3],
        [2, 2],
      ],
      attrs: { axis: 1 },
      error: /updates has shape \[2,2\], expected \[2,3\]/,
    },
    {
      inputs: [
        [2, 5],
        [3, 3],
        [3, 3],
      ],
      attrs: { axis: 1 },
      error: /indices have shape \[3,3\], expected at most \[2,\*\]/,
    },
    {
      inputs: [[3], [2], [2]],
      attrs: { reduction: "mean" as "add" },
      error: /reduction is "mean", expected one of none, add/,
    },
  ],
};
