import { usersOf, type Value } from "../../../graph/index.ts";
import { activationOf, isConvolution, isRectifier, nodeName, percent, short } from "../reading.ts";
import type { Rule } from "../rule.ts";

/** Dropout whose changed variance a batch norm remembers (Li et al., 2019). */
export const dropoutBeforeNorm: Rule = {
  name: "dropout-before-norm",
  doc: "Dropout raises the variance in training only, and a batch norm behind it remembers the raised one.",
  *check({ graph }) {
    const users = usersOf(graph);
    for (const drop of graph.values.filter(({ op }) => op === "dropout")) {
      const rate = drop.attrs["rate"] as number;
      const norm = rate > 0 ? normBehind(drop, users) : undefined;
      if (!norm) continue;
      const rectified = isRectifier(activationOf(drop.inputs[0]!));
      // ReLU of a standard normal number: mean 1/√(2π), variance 1/2 − 1/(2π).
      const [mean, variance] = rectified ? [1 / Math.sqrt(2 * Math.PI), 0.5 - 1 / (2 * Math.PI)] : [0, 1];
      const ratio = varianceRatio(mean, variance, 1 - rate);
      yield {
        node: nodeName(drop),
        severity: "warning",
        message: `Dropout before "${norm.name}": with keep probability p the variance is (c² + v)/p − c² in training and v in inference, and the running variance is the former.`,
        effect: `Behind the norm the inference variance is ${short(ratio)} of the training one (deviation ${percent(Math.sqrt(ratio))}), for ${rectified ? "rectified normal" : "zero-mean"} inputs.`,
        fix: "Put dropout behind the last batch norm, before the classifier; or estimate the running statistics again with dropout off.",
      };
    }
  },
};

/** Δ = v/((c² + v)/p − c²): inference variance over training variance behind the norm. */
export function varianceRatio(mean: number, variance: number, keep: number): number {
  return variance / ((mean ** 2 + variance) / keep - mean ** 2);
}

/** The batch norm that reads a value directly, or behind one linear map. */
function normBehind(value: Value, users: ReadonlyMap<Value, readonly Value[]>, depth = 0): Value | undefined {
  for (const user of users.get(value)!) {
    if (user.op === "batchNorm" && user.inputs[0] === value) return user;
    const passes = user.op === "biasAdd" || user.op === "flatten" || user.op === "reshape";
    const mixes = (isConvolution(user) || user.op === "linear") && user.inputs[0] === value;
    if (!passes && !(mixes && depth === 0)) continue;
    const found = normBehind(user, users, depth + (mixes ? 1 : 0));
    if (found) return found;
  }
  return undefined;
}
