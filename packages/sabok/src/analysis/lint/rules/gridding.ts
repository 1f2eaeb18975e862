import { isLeaf } from "../../../graph/index.ts";
import { localTerms } from "../../receptiveField/fields.ts";
import { coverageOf, lastMap } from "../../receptiveField/receptiveField.ts";
import { integer, nodeName, percent } from "../reading.ts";
import type { Rule } from "../rule.ts";

/** Holes in what an output of the last map reads. */
export const gridding: Rule = {
  name: "gridding",
  doc: "Dilations or strides with gaps between their taps leave pixels inside the field that never reach an output.",
  *check({ fields }) {
    const last = lastMap(fields);
    const coverage = coverageOf(fields, last);
    if (!coverage?.gridding) return;
    const first = [...fields.seen].find(
      ([value, seen]) => !isLeaf(value) && localTerms(seen).length > 0 && coverageOf(fields, value)?.gridding,
    );
    yield {
      node: nodeName(first![0]),
      severity: "warning",
      message:
        "The field has holes. With taps a = d·J apart in each layer there are none exactly if, the a sorted, each is at most 1 + Σ a(k − 1) of the smaller ones.",
      effect: `An output reads ${integer(coverage.pixels)} pixels, ${percent(coverage.share, 1)} of its field.`,
      fix: "Choose dilations without a common divisor, such as 1, 2, 4 or 1, 2, 5 for 3x3 kernels; sabok design finds the cheapest.",
    };
  },
};
