// Combines a value with one element along an axis for each index, by a product or an extremum.
import type { OpSpec } from "../graph/index.ts";
import { elementIndices } from "./gatherElements.ts";
import { gatherSamples, indicesBelow, type GatherAttrs } from "./gathering.ts";
import { scatter, scatteredType } from "./scattering.ts";
import { noMacs } from "./shapes.ts";

export type ScatterReduceAttrs = GatherAttrs & { readonly reduction: "mul" | "max" | "min" };

const known = ["mul", "max", "min"] as const;

export const scatterReduce: OpSpec<"scatterReduce", ScatterReduceAttrs, 3> = {
  name: "scatterReduce",
  doc: "y = x, but at [i, …, indices[i, …, k, …], …] it is the product, the largest or the smallest of x and the updates[i, …, k, …] of that place. It has no gradient.",
  inputs: ["x", "indices", "updates"],
  defaults: { axis: 0, reduction: "mul" },
  words: { reduction: known },
  infer: (types, attrs, where) => scatteredType(types, attrs, known, where),
  reference: (tensors, attrs) => scatter(tensors, attrs, "scatterReduce"),
  grad: "none",
  macs: noMacs,
  *samples() {
    for (const [i, [x, , axis]] of gatherSamples.entries()) {
      const shape = elementIndices(x, axis, i);
      const attrs = { axis, reduction: known[i % 3]! };
      yield { inputs: [x, indicesBelow(x.at(axis)!, shape, i), shape], attrs };
    }
  },
  rejects: [
    {
      inputs: [[3], [2], [3]],
      error: /updates has shape \[3\], expected \[2\]/,
    },
    {
      inputs: [[3], [2], [2]],
      attrs: { reduction: "add" as "mul" },
      error: /reduction is "add", expected one of mul, max, min/,
    },
  ],
};
