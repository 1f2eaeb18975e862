import { short } from "../reading.ts";
import type { Rule } from "../rule.ts";

/** Batch norms whose running statistics are not those of the data at hand. */
export const shiftedStatistics: Rule = {
  name: "shifted-statistics",
  doc: "In inference a batch norm is a fixed affine map, so data that differ from its running statistics leave it shifted.",
  *check({ shifts = new Map() }) {
    for (const [node, { shift, ratio }] of shifts) {
      if (shift < 0.5 && ratio > 0.5 && ratio < 2) continue;
      yield {
        node,
        severity: shift > 1 || ratio > 4 || ratio < 0.25 ? "warning" : "info",
        message: `Fresh data are not what the norm remembers: behind it the mean is (μ' − μ)/σ instead of 0 and the variance σ'²/σ² instead of 1.`,
        effect: `Over the channels the shift is ${short(shift)} deviations (rms) and the variance ${short(ratio)} times what it was (geometric mean).`,
        fix: "Check that images are normalised as in training; or estimate the running statistics again on fresh data.",
      };
    }
  },
};
