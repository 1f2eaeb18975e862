import { shapeOf } from "../../../graph/index.ts";
import { activationOf, nodeName, short } from "../reading.ts";
import type { Rule } from "../rule.ts";

/** Largest derivative, by activation that flattens on both sides. */
const steepest: Readonly<Record<string, number>> = { sigmoid: 1 / 4, hardSigmoid: 1 / 6, tanh: 1, relu6: 1 };

/** A skip whose sum passes through an activation that saturates. */
export const saturatedSkip: Rule = {
  name: "saturated-skip",
  doc: "A skip joined inside a saturating activation is multiplied by its derivative in every block, so it does not carry the gradient.",
  *check({ fields, users }) {
    for (const sum of fields.graph.values) {
      if (sum.op !== "add" || !sum.inputs.every((input) => fields.seen.has(input))) continue;
      for (const user of users.get(sum)!) {
        const activation = activationOf(user);
        const slope = activation === undefined ? undefined : steepest[activation];
        if (slope === undefined) continue;
        yield {
          node: nodeName(sum),
          severity: activation === "relu6" ? "info" : "warning",
          message: `The sum passes through ${activation}: the block's Jacobian is D(I + J), and D ≤ ${short(slope)} multiplies the skip too${slope < 1 ? `: over B blocks at most ${short(slope)}^B` : ", smaller the more it saturates"}.`,
          effect:
            slope < 1
              ? `Over 10 such blocks the skip passes at most ${short(slope ** 10)} of the gradient.`
              : activation === "relu6"
                ? `Whatever of the ${shapeOf(sum).slice(1).join("x")} map lies above 6 passes no gradient, and a sum of blocks grows.`
                : "Where the sum is 2 the derivative of tanh is 0.07.",
          fix: "Put the activation inside the branch: x + f(x); or take ReLU.",
        };
      }
    }
  },
};
