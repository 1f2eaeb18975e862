// A step of stochastic gradient descent with momentum, as PyTorch's SGD.
import { item } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import type { SgdMomentumAttrs } from "./sgdMomentum.ts";
import { anyShapes, noMacs } from "./shapes.ts";
import { tensorFrom, updateType } from "./updating.ts";

export type SgdStepAttrs = SgdMomentumAttrs & {
  /** Look one step ahead: move along g + weightDecay·w + momentum·v. */
  readonly nesterov: boolean;
};

const inputs = ["w", "v", "g", "rate []"] as const;

export const sgdStep: OpSpec<"sgdStep", SgdStepAttrs, 4> = {
  name: "sgdStep",
  doc: "The new weight w' = w − rate·v with the new momentum v of sgdMomentum; with nesterov, w' = w − rate·(g + weightDecay·w + momentum·v).",
  inputs,
  defaults: { momentum: 0.9, weightDecay: 0, nesterov: false },
  infer: (types, _, where) => updateType(types, inputs, where),
  reference([w, v, g, rate], { momentum, weightDecay, nesterov }) {
    const size = item(rate);
    const along = (i: number): number =>
      nesterov ? g.data[i]! + weightDecay * w.data[i]! + momentum * v.data[i]! : v.data[i]!;
    return tensorFrom(w.shape, (i) => w.data[i]! - size * along(i));
  },
  grad: "none",
  macs: noMacs,
  *samples() {
    for (const [i, x] of anyShapes.entries())
      yield {
        inputs: [x, x, x, []],
        attrs: { momentum: (i % 4) * 0.3, weightDecay: (i % 3) * 0.05, nesterov: i % 2 === 1 },
      };
  },
  rejects: [
    { inputs: [[2, 3], [3, 2], [2, 3], []], error: /v has shape \[3,2\] but w \[2,3\]/ },
    { inputs: [[2, 3], [2, 3], [2, 3], [1]], error: /rate has shape \[1\], expected \[\]/ },
  ],
};
