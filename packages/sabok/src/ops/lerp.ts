// One value moved towards another: an exponential moving average of weights.
import { item } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { anyShapes, noMacs } from "./shapes.ts";
import { tensorFrom, updateType } from "./updating.ts";

const inputs = ["e", "w", "amount []"] as const;

export const lerp: OpSpec<"lerp", object, 3> = {
  name: "lerp",
  doc: "The new average e' = e + (w − e)·amount.",
  inputs,
  defaults: {},
  infer: (types, _, where) => updateType(types, inputs, where),
  reference([e, w, amount]) {
    const share = item(amount);
    return tensorFrom(e.shape, (i) => e.data[i]! + (w.data[i]! - e.data[i]!) * share);
  },
  grad: "none",
  macs: noMacs,
  *samples() {
    for (const x of anyShapes) yield { inputs: [x, x, []] };
  },
  rejects: [
    { inputs: [[2, 3], [3, 2], []], error: /w has shape \[3,2\] but e \[2,3\]/ },
    { inputs: [[2, 3], [2, 3], [1]], error: /amount has shape \[1\], expected \[\]/ },
  ],
};
