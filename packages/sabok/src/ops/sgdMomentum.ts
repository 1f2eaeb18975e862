// The momentum of stochastic gradient descent, as PyTorch's SGD (dampening 0).
import type { OpSpec } from "../graph/index.ts";
import { anyShapes, noMacs } from "./shapes.ts";
import { tensorFrom, updateType } from "./updating.ts";

export type SgdMomentumAttrs = { readonly momentum: number; readonly weightDecay: number };

const inputs = ["v", "g", "w"] as const;

export const sgdMomentum: OpSpec<"sgdMomentum", SgdMomentumAttrs, 3> = {
  name: "sgdMomentum",
  doc: "The new momentum v' = momentum·v + g + weightDecay·w, of gradient g and weight w.",
  inputs,
  defaults: { momentum: 0.9, weightDecay: 0 },
  infer: (types, _, where) => updateType(types, inputs, where),
  reference: ([v, g, w], { momentum, weightDecay }) =>
    tensorFrom(v.shape, (i) => momentum * v.data[i]! + g.data[i]! + weightDecay * w.data[i]!),
  grad: "none",
  macs: noMacs,
  *samples() {
    for (const [i, x] of anyShapes.entries())
      yield { inputs: [x, x, x], attrs: { momentum: (i % 4) * 0.3, weightDecay: (i % 3) * 0.05 } };
  },
  rejects: [
    {
      inputs: [
        [2, 3],
        [3, 2],
        [2, 3],
      ],
      error: /g has shape \[3,2\] but v \[2,3\]/,
    },
    { inputs: [[2, 3], [2, 3], [3]], error: /w has shape \[3\] but v \[2,3\]/ },
  ],
};
