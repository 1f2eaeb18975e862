import { sizeOf } from "../../../core/index.ts";
import { shapeOf } from "../../../graph/index.ts";
import { foldBatchNorm } from "../../../passes/index.ts";
import { shapesOnly } from "../../activationMemory.ts";
import { integer } from "../reading.ts";
import type { Rule } from "../rule.ts";

/** Batch norms that inference has to compute. */
export const normNotFolded: Rule = {
  name: "norm-not-folded",
  doc: "A batch norm that cannot become part of a convolution's weights costs a pass over its map in inference.",
  *check({ fields: { graph } }) {
    const norms = new Map(
      graph.values.filter(({ op }) => op === "batchNorm").map((norm) => [norm.name, norm]),
    );
    for (const { name, reason } of foldBatchNorm(graph, shapesOnly(graph)).refused)
      yield {
        node: name,
        severity: "info",
        message: `The norm stays in inference: ${reason}. Folding is W' = γW/√(σ² + ε), b' = β + (b − μ)γ/√(σ² + ε).`,
        effect: `${integer(2 * sizeOf(shapeOf(norms.get(name)!).slice(1)))} operations an image, and reading and writing its map.`,
        fix: "Put it directly behind a convolution where the design allows; pre-activation blocks keep theirs.",
      };
  },
};
