import { isDepthwise, kernelOf, nodeName, readersOf } from "../reading.ts";
import type { Rule } from "../rule.ts";

/** A depthwise convolution clipped at 6 without a norm in between, in a network that has norms. */
export const depthwiseWithoutNorm: Rule = {
  name: "depthwise-without-norm",
  doc: "A depthwise channel has a scale of its own; without a norm a fixed clip at 6 fits few of them.",
  *check({ fields: { graph }, users }) {
    // A folded network has no norms left: there the scales are in the weights.
    if (!graph.values.some(({ op }) => op === "batchNorm")) return;
    for (const depthwise of graph.values.filter(isDepthwise)) {
      const direct = users
        .get(depthwise)!
        .flatMap((user) => (user.op === "biasAdd" ? users.get(user)! : [user]));
      if (
        !direct.some(({ op }) => op === "relu6") ||
        !readersOf(depthwise, users).some(({ op }) => op === "relu6")
      )
        continue;
      const [height, width] = kernelOf(depthwise);
      yield {
        node: nodeName(depthwise),
        severity: "warning",
        message: `A depthwise output is a sum of ${height * width} products of one channel, so its scale is that channel's: Var y = ${height * width}·Var w·E x². ReLU6 clips all of them at the same 6.`,
        effect:
          "Channels of large scale saturate (no gradient above 6), those of small scale use a part of the range; 8-bit quantisation suffers most.",
        fix: "Put a batch norm between the two; it folds away for inference.",
      };
    }
  },
};
