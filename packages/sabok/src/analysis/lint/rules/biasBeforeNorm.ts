import { isState, shapeOf } from "../../../graph/index.ts";
import { sizeOf } from "../../../core/index.ts";
import { integer, nodeName } from "../reading.ts";
import type { Rule } from "../rule.ts";

/** A bias that only batch norms read. */
export const biasBeforeNorm: Rule = {
  name: "bias-before-norm",
  doc: "A bias directly before a batch norm is subtracted again with the mean.",
  *check({ fields: { graph }, users }) {
    for (const sum of graph.values.filter(({ op }) => op === "biasAdd")) {
      const readers = users.get(sum)!;
      const bias = sum.inputs[1]!;
      const isDead =
        readers.length > 0 &&
        readers.every((reader) => reader.op === "batchNorm" && reader.inputs[0] === sum);
      if (
        !isDead ||
        !isState(bias) ||
        users.get(bias)!.length > 1 ||
        Object.values(graph.outputs).includes(sum)
      )
        continue;
      yield {
        node: nodeName(sum),
        severity: "warning",
        message: `The bias does nothing in training: the batch mean contains it, (h + b) − mean(h + b) = h − mean(h), so dL/db = 0.`,
        effect: `${integer(shapeOf(bias)[0]!)} parameters without a gradient, ${integer(sizeOf(shapeOf(sum).slice(1)))} additions an image.`,
        fix: "Leave the bias out; in a trained network lower running_mean by it, as --fix does.",
      };
    }
  },
};
