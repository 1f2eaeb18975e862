// ONNX's comparisons, logic, and what chooses by them. Truth values are the numbers 0 and 1.
import { attributesOf, shapeOf, type Value } from "../graph/index.ts";
import {
  affine,
  compare,
  keptBoxes,
  maximum,
  mul,
  nonMaxSuppression,
  select,
  type Relation,
} from "../ops/index.ts";
import type { ImportRule, ImportSite, ImportedTensor } from "./importSite.ts";

export const importChoices: Readonly<Record<string, ImportRule>> = {
  Equal: (site) => compared(site, "equal"),
  Less: (site) => compared(site, "less"),
  LessOrEqual: (site) => compared(site, "lessOrEqual"),
  Greater: (site) => compared(site, "less", true),
  GreaterOrEqual: (site) => compared(site, "lessOrEqual", true),
  And: (site) => site.typed(site.apply(mul, [site.value(0), site.value(1)]), "bool"),
  Or: (site) => site.typed(site.apply(maximum, [site.value(0), site.value(1)]), "bool"),
  Xor: (site) => compared(site, "notEqual"),
  Not(site) {
    const x = site.value(0);
    const isEqual = x.op === compare.name && attributesOf(x, compare).relation === "equal";
    const y = isEqual
      ? site.apply(compare, [x.inputs[0]!, x.inputs[1]!], { relation: "notEqual" })
      : site.apply(affine, [x], { scale: -1, offset: 1 });
    return site.typed(y, "bool");
  },
  Where: (site) =>
    site.typed(site.apply(select, [site.condition(0), site.value(1), site.value(2)]), site.type(1)),
  NonMaxSuppression(site) {
    const [boxes, scores] = [site.value(0), site.value(1)];
    const most = site.number(2) ?? 0;
    const attrs = {
      most: Math.min(most, shapeOf(boxes)[1]!),
      overlap: site.number(3) ?? 0,
      score: site.number(4) ?? -Infinity,
      centred: site.int("center_point_box", 0) !== 0,
    };
    if (attrs.most < 1) return site.numbersOf([0, 3], new Float64Array(0), "int64");
    // How many boxes stay is known with the boxes only; else rows of -1 fill up.
    const [knownBoxes, knownScores] = [site.tensorAt(0), site.tensorAt(1)];
    if (!knownBoxes || !knownScores)
      return site.typed(site.apply(nonMaxSuppression, [boxes, scores], attrs), "int64");
    const rows = keptBoxes(knownBoxes, knownScores, attrs);
    return site.numbersOf([rows.length, 3], Float64Array.from(rows.flat()), "int64");
  },
};

function compared(site: ImportSite, relation: Relation, isSwapped = false): ImportedTensor {
  const [a, b] = [site.value(0), site.value(1)];
  const operands: readonly [Value, Value] = isSwapped ? [b, a] : [a, b];
  return site.typed(site.apply(compare, operands, { relation }), "bool");
}
