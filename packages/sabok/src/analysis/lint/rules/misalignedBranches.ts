import { short } from "../reading.ts";
import type { Rule } from "../rule.ts";

/** Branches that are added although they look at different places. */
export const misalignedBranches: Rule = {
  name: "misaligned-branches",
  doc: "Branches that are joined should look at the same place: their fields should have one centre and one stride.",
  *check({ fields }) {
    const nodes = new Set(fields.misaligned.map(({ node }) => node));
    for (const node of nodes) {
      const all = fields.misaligned.filter((misalignment) => misalignment.node === node);
      const drifts = all.some(({ kind }) => kind === "stride");
      const by = Math.max(...all.map((misalignment) => misalignment.by));
      yield {
        node: node === "" ? all[0]!.op : node,
        severity: drifts ? "warning" : "info",
        message: drifts
          ? "The branches have different strides, so their fields drift apart across the map."
          : "The branches' fields have different centres: uneven padding, an even kernel or a crop on one side only.",
        effect: drifts
          ? `${short(by)} input pixels further apart with every output.`
          : `${short(by)} input pixels apart (${[...new Set(all.map(({ axis }) => axis))].join(" and ")}).`,
        fix: drifts
          ? "Give both branches the same strides before they meet."
          : "Pad both sides alike, or shift the other branch by as much.",
      };
    }
  },
};
