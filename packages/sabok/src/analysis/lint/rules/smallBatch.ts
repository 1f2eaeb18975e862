import { shapeOf } from "../../../graph/index.ts";
import { strideOf } from "../../receptiveField/axisField.ts";
import { localTerms, type Seen } from "../../receptiveField/fields.ts";
import { integer, nodeName, percent, short } from "../reading.ts";
import type { Rule } from "../rule.ts";

const leastCount = 16;

/** Batch norms with too few independent numbers a channel. */
export const smallBatch: Rule = {
  name: "small-batch",
  doc: "A batch norm's statistics are noisy where a channel has few independent values in a batch.",
  *check({ graph, fields, batch }) {
    const training = new Set(
      graph.values
        .filter(({ op, inputs }) => op === "batchNorm" && inputs[3]!.op === "batchMean")
        .map(({ name }) => name),
    );
    const norms = fields.graph.values.filter(({ op, name }) => op === "batchNorm" && training.has(name));
    const counted = norms.map((norm) => {
      const [height = 1, width = 1] = shapeOf(norm).slice(2);
      const seen = fields.seen.get(norm.inputs[0]!);
      return {
        norm,
        count: batch * height * width,
        effective: batch * independent(height, 0, seen) * independent(width, 1, seen),
      };
    });
    const small = counted
      .filter(({ effective }) => effective < leastCount)
      .sort((a, b) => a.effective - b.effective);
    const worst = small[0];
    if (!worst) return;
    const { norm, count, effective } = worst;
    yield {
      node: nodeName(norm),
      severity: count === 1 ? "error" : "warning",
      message:
        count === 1
          ? "The batch variance of a single value is 0: the norm has nothing to divide by."
          : `At batch ${batch} a channel has ${integer(count)} values but only about ${short(effective)} independent ones: neighbours a stride apart share 1 − J/R of what they see, m_eff = m/(1 + 2Σ(1 − k/n)ρ_k) along each axis.`,
      effect: `The batch variance is off by ${percent(Math.sqrt(2 / effective))} (√(2/m_eff)) from step to step${small.length > 1 ? `; ${small.length} of ${norms.length} batch norms have fewer than ${leastCount}` : ""}.`,
      fix: `Use a batch of at least ${integer(Math.ceil((batch * leastCount) / effective))}, or freeze the statistics.`,
    };
  },
};

/** n correlated values along an axis count as n/(1 + 2Σ(1 − k/n)ρ_k); ρ_k is the overlap of fields k strides apart. */
function independent(length: number, k: 0 | 1, seen: Seen | undefined): number {
  const fields = seen ? localTerms(seen).map((term) => term[k]) : [];
  const size = Math.max(1, ...fields.flatMap((field) => field.sets.map((set) => set.length)));
  const stride = fields.length > 0 ? strideOf(fields[0]!) : 1;
  let spread = 1;
  for (let lag = 1; lag < length; lag++)
    spread += 2 * (1 - lag / length) * Math.max(0, 1 - (lag * stride) / size);
  return length / spread;
}
