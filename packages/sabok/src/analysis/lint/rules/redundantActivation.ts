import { sizeOf } from "../../../core/index.ts";
import { shapeOf } from "../../../graph/index.ts";
import { isRedundant } from "../idle.ts";
import { integer, nodeName } from "../reading.ts";
import type { Rule } from "../rule.ts";

/** Rectifiers of what is rectified already. */
export const redundantActivation: Rule = {
  name: "redundant-activation",
  doc: "A rectifier changes nothing where its operand is at least 0 already, nor ReLU6 where it is at most 6 as well.",
  *check({ fields: { graph } }) {
    for (const value of graph.values.filter(isRedundant))
      yield {
        node: nodeName(value),
        severity: "warning",
        message: `${value.op} of numbers that are all ${value.op === "relu6" ? "between 0 and 6" : "at least 0"} already: max(0, y) = y for y ≥ 0, gradient included.`,
        effect: `${integer(sizeOf(shapeOf(value).slice(1)))} operations an image for nothing; two layers in a row have one nonlinearity less than the design counts on.`,
        fix: "Leave it out, as --fix does; often a convolution between the two was forgotten.",
      };
  },
};
