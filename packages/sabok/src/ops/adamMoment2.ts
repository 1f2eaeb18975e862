// Adam's running mean of the squared gradient (Kingma and Ba, 2015).
import type { OpSpec } from "../graph/index.ts";
import { positive } from "./positive.ts";
import { anyShapes, noMacs } from "./shapes.ts";
import { tensorFrom, updateType } from "./updating.ts";

export type AdamMoment2Attrs = { readonly beta2: number };

const inputs = ["v", "g"] as const;

export const adamMoment2: OpSpec<"adamMoment2", AdamMoment2Attrs, 2> = {
  name: "adamMoment2",
  doc: "The new second moment v' = β2·v + (1 − β2)·g².",
  inputs,
  defaults: { beta2: 0.999 },
  infer: (types, _, where) => updateType(types, inputs, where),
  reference: ([v, g], { beta2 }) =>
    tensorFrom(v.shape, (i) => beta2 * v.data[i]! + (1 - beta2) * g.data[i]! ** 2),
  grad: "none",
  macs: noMacs,
  *samples() {
    for (const [i, x] of anyShapes.entries())
      yield { inputs: [positive(x), x], attrs: { beta2: [0.999, 0.99, 0.5, 0][i % 4]! } };
  },
  rejects: [
    {
      inputs: [
        [2, 3],
        [3, 2],
      ],
      error: /g has shape \[3,2\] but v \[2,3\]/,
    },
  ],
};
