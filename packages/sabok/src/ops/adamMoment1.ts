// Adam's running mean of the gradient (Kingma and Ba, 2015).
import type { OpSpec } from "../graph/index.ts";
import { anyShapes, noMacs } from "./shapes.ts";
import { tensorFrom, updateType } from "./updating.ts";

export type AdamMoment1Attrs = { readonly beta1: number };

const inputs = ["m", "g"] as const;

export const adamMoment1: OpSpec<"adamMoment1", AdamMoment1Attrs, 2> = {
  name: "adamMoment1",
  doc: "The new first moment m' = β1·m + (1 − β1)·g.",
  inputs,
  defaults: { beta1: 0.9 },
  infer: (types, _, where) => updateType(types, inputs, where),
  reference: ([m, g], { beta1 }) => tensorFrom(m.shape, (i) => beta1 * m.data[i]! + (1 - beta1) * g.data[i]!),
  grad: "none",
  macs: noMacs,
  *samples() {
    for (const [i, x] of anyShapes.entries())
      yield { inputs: [x, x], attrs: { beta1: [0.9, 0.5, 0.95, 0][i % 4]! } };
  },
  rejects: [
    {
      inputs: [
        [2, 3],
        [3, 2],
      ],
      error: /g has shape \[3,2\] but m \[2,3\]/,
    },
  ],
};
