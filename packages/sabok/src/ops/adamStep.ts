// A step of Adam with decoupled weight decay (AdamW: Loshchilov and Hutter, 2019), as PyTorch's AdamW.
import { item, tensor } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { positive } from "./positive.ts";
import { anyShapes, noMacs } from "./shapes.ts";
import { tensorFrom, updateType } from "./updating.ts";

export type AdamStepAttrs = {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
};

const inputs = ["w", "m", "v", "rate []", "step []"] as const;

export const adamStep: OpSpec<"adamStep", AdamStepAttrs, 5> = {
  name: "adamStep",
  doc: "The new weight w' = (1 − rate·weightDecay)·w − rate · m/(1 − β1ᵗ) / (√(v/(1 − β2ᵗ)) + ε), with the new moments m and v and the step's number t ≥ 1.",
  inputs,
  defaults: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
  infer: (types, _, where) => updateType(types, inputs, where),
  reference([w, m, v, rate, step], { beta1, beta2, epsilon, weightDecay }) {
    const [size, t] = [item(rate), item(step)];
    const unbias1 = 1 - beta1 ** t;
    const unbias2 = 1 - beta2 ** t;
    return tensorFrom(w.shape, (i) => {
      const direction = m.data[i]! / unbias1 / (Math.sqrt(v.data[i]! / unbias2) + epsilon);
      return (1 - size * weightDecay) * w.data[i]! - size * direction;
    });
  },
  grad: "none",
  macs: noMacs,
  *samples() {
    for (const [i, x] of anyShapes.entries())
      yield {
        inputs: [x, x, positive(x), tensor([], [0.001 * 4 ** (i % 5)]), tensor([], [1 + (i % 7) ** 4])],
        attrs: {
          beta1: [0.9, 0.5][i % 2]!,
          beta2: [0.999, 0.99, 0.95][i % 3]!,
          epsilon: [1e-8, 1e-3][i % 2]!,
          weightDecay: (i % 4) * 0.05,
        },
      };
  },
  rejects: [
    { inputs: [[2, 3], [2, 3], [3, 2], [], []], error: /v has shape \[3,2\] but w \[2,3\]/ },
    { inputs: [[2, 3], [2, 3], [2, 3], [1], []], error: /rate has shape \[1\], expected \[\]/ },
    { inputs: [[2, 3], [2, 3], [2, 3], [], [2, 3]], error: /step has shape \[2,3\], expected \[\]/ },
  ],
};
