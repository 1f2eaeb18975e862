import { shapeOf, type Value } from "../../../graph/index.ts";
import {
  activationOf,
  isConvolution,
  isDepthwise,
  isPointwise,
  isRectifier,
  nodeName,
  readersOf,
  short,
  sourceOf,
} from "../reading.ts";
import type { Rule } from "../rule.ts";

/** A rectifier behind the narrow end of an inverted residual (Sandler et al., 2018). */
export const rectifiedBottleneck: Rule = {
  name: "rectified-bottleneck",
  doc: "ReLU behind a narrow projection loses what its few channels carry; wide layers have channels to spare.",
  *check({ users, fields: { graph } }) {
    for (const project of graph.values.filter(isPointwise)) {
      const [outputs, inputs] = shapeOf(project.inputs[1]!) as [number, number];
      if (outputs >= inputs || !isDepthwise(beforeGates(project.inputs[0]!))) continue;
      const fused = activationOf(project);
      const activation = fused ?? readersOf(project, users).map(activationOf).find(isRectifier);
      if (!isRectifier(activation) || activation === "leakyRelu") continue;
      const expansion = inputs / outputs;
      yield {
        node: nodeName(project),
        severity: "warning",
        message: `${activation} behind a projection from ${inputs} to ${outputs} channels. A rectified map of tn channels can be undone where at least n are active: P = P(Bin(tn, ½) ≥ n).`,
        effect: `On the ${outputs} channels themselves P = 2^−${outputs} = ${short(2 ** -outputs)}; on the ${inputs} before them ${short(atLeastActive(outputs, inputs))} (t = ${short(expansion)}).`,
        fix: "Leave the projection linear, as MobileNetV2 does.",
      };
    }
  },
};

/** What a map was before squeeze-and-excitation scaled it. */
function beforeGates(value: Value): Value {
  const source = sourceOf(value);
  if (source.op !== "mul") return source;
  const candidates = source.inputs.map(sourceOf);
  return (
    candidates.find((candidate) => isConvolution(candidate) && shapeOf(candidate)[2] === shapeOf(value)[2]) ??
    source
  );
}

/** P(Bin(count, ½) ≥ least). */
export function atLeastActive(least: number, count: number): number {
  let [term, sum] = [2 ** -count, 0];
  if (term === 0) return 1; // some 1000 channels and more
  for (let active = 0; active <= count; active++) {
    if (active >= least) sum += term;
    term *= (count - active) / (active + 1);
  }
  return sum;
}
