import { shapeOf, type Value } from "../../../graph/index.ts";
import { isConvolution, nodeName, percent } from "../reading.ts";
import type { Fields } from "../../receptiveField/fields.ts";
import type { Rule } from "../rule.ts";

/** A squeeze-and-excitation whose bottleneck is too small for its channels. */
export const narrowSqueeze: Rule = {
  name: "narrow-squeeze",
  doc: "The logits of a squeeze-and-excitation's gates have a rank of at most its squeezed channels.",
  *check({ fields }) {
    for (const gated of fields.graph.values.filter(({ op }) => op === "mul")) {
      const gate = gated.inputs.find((input) => fields.seen.get(input)?.axes.includes(-1));
      if (!gate) continue;
      const squeeze = narrowest(gate, fields);
      const channels = shapeOf(gated)[1]!;
      if (squeeze === undefined || (squeeze >= 4 && channels / squeeze <= 16)) continue;
      yield {
        node: nodeName(gated),
        severity: "warning",
        message: `${channels} gates come from ${squeeze} squeezed ${squeeze === 1 ? "channel" : "channels"}: rank(logit s − b) ≤ ${squeeze}, so the gates move together.`,
        effect: `The gates' logits span ${percent(squeeze / channels, 1)} of the directions they could.`,
        fix: `Squeeze to ${Math.max(8, Math.ceil(channels / 16 / 8) * 8)} or more; MobileNetV3 takes a quarter of the channels, SENet a sixteenth.`,
      };
    }
  },
};

/** The fewest channels between the pooling and the gate. */
function narrowest(gate: Value, { seen }: Fields): number | undefined {
  const widths: number[] = [];
  let next: Value | undefined = gate;
  while (next) {
    const value: Value = next;
    if (isConvolution(value) || value.op === "linear" || value.op === "fusedLinear")
      widths.push(shapeOf(value.inputs[1]!)[0]!);
    next = value.inputs.find((input) => seen.get(input)?.axes.includes(-1));
  }
  return widths.length > 1 ? Math.min(...widths) : undefined;
}
