import { sizeOf } from "../../../core/index.ts";
import { shapeOf } from "../../../graph/index.ts";
import { isIdle } from "../idle.ts";
import { integer, nodeName } from "../reading.ts";
import type { Rule } from "../rule.ts";

/** Operators that give what they got. */
export const idleLayer: Rule = {
  name: "idle-layer",
  doc: "An operator whose settings make it the identity: dropout of rate 0, padding by nothing, a 1x1 pooling, a resize to the same size.",
  *check({ graph }) {
    for (const value of graph.values.filter(isIdle))
      yield {
        node: nodeName(value),
        severity: "info",
        message: `This ${value.op} does nothing: y = x with these settings.`,
        effect: `A copy of ${integer(sizeOf(shapeOf(value).slice(1)))} numbers an image, unless a backend sees it.`,
        fix: "Leave it out, as --fix does; or give it the settings that were meant.",
      };
  },
};
