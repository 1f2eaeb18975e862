import { shapeOf } from "../../../graph/index.ts";
import { lastMap, receptiveFieldOf } from "../../receptiveField/receptiveField.ts";
import { nodeName, percent } from "../reading.ts";
import type { Rule } from "../rule.ts";

/** A last map whose outputs do not see the image, or an object, whole. */
export const smallField: Rule = {
  name: "small-field",
  doc: "An output cannot judge what it does not see.",
  *check({ fields, object }) {
    const last = lastMap(fields);
    const { size, relative } = receptiveFieldOf(fields, last);
    if (size === "global") return;
    const [, , height, width] = shapeOf(fields.image) as [number, number, number, number];
    const text = size.join("x");
    if (object !== undefined && Math.min(...size) < object)
      yield {
        node: nodeName(last),
        severity: "warning",
        message: `An output of the last map sees ${text} pixels, an object is ${object}: R = 1 + Σ d(k − 1)J is too small.`,
        effect: `At most ${percent(Math.min(...size) / object)} of the object's length is seen at once.`,
        fix: "Dilate a late layer, stride earlier, add layers, or a squeeze-and-excitation, which sees the whole map.",
      };
    else if (object === undefined && (size[0] < height || size[1] < width))
      yield {
        node: nodeName(last),
        severity: "info",
        message: `An output of the last map sees ${text} of ${height}x${width} pixels; only the pooling behind it brings the parts together.`,
        effect: `${percent(relative.h)} of the height, ${percent(relative.w)} of the width, ${percent(relative.area, 1)} of the area.`,
        fix: "Fine for small objects and textures (--object says how large yours are); else dilate, stride earlier or go deeper.",
      };
  },
};
