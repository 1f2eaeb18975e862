import { shapeOf, type Value } from "../../../graph/index.ts";
import { identityTaps } from "../../receptiveField/taps.ts";
import type { LintContext, Rule } from "../rule.ts";
import { nodeName, percent } from "../reading.ts";

/** Pixels of a map that no reader of the map reads. */
export const strideDiscards: Rule = {
  name: "stride-discards",
  doc: "A stride larger than the window, or a window that ends short of the border, computes pixels that nothing reads.",
  *check(context) {
    const { fields, users } = context;
    for (const [value, { axes }] of fields.seen) {
      const readers = users.get(value)!;
      if (axes.includes(-1) || readers.length === 0 || Object.values(fields.graph.outputs).includes(value))
        continue;
      const unread = unreadShare(value, readers, context);
      if (unread < 0.01) continue;
      const reader = readers[0]!;
      yield {
        node: nodeName(reader),
        severity: unread >= 0.2 ? "warning" : "info",
        message: `${reader.op} reads ${value === fields.image ? "the image" : `the map of "${nodeName(value)}"`} with a stride beyond its window, or ends short of the border: of ${shapeOf(value).slice(2).join("x")} pixels some are read by no one.`,
        effect: `${percent(unread, 1)} of the pixels${value === fields.image ? "" : ", and the work that made them,"} are thrown away.`,
        fix: "Use a window at least as large as the stride, pool first, move the stride to the layer before, or choose a size that divides.",
      };
    }
  },
};

function unreadShare(value: Value, readers: readonly Value[], { fields }: LintContext): number {
  const { axes } = fields.seen.get(value)!;
  const lengths = axes.map((axis) => shapeOf(value)[axis]!) as [number, number];
  const blocks: [boolean[], boolean[]][] = [];
  for (const reader of readers)
    for (const [i, input] of reader.inputs.entries()) {
      if (input !== value) continue;
      const edge = fields.seen.get(reader)?.edges.get(i);
      if (!edge) return 0;
      const marks = ([0, 1] as const).map((k) => {
        const how = edge[k];
        if (how === "all" || how.taps === "all" || how.taps === identityTaps) return undefined;
        const read = Array.from({ length: lengths[k] }, () => false);
        const { period, step, reads } = how.taps;
        for (let p = 0; p < shapeOf(reader)[how.axis]!; p++)
          for (const offset of reads[p % period]!) read[step * Math.floor(p / period) + offset] = true;
        return read;
      });
      if (!marks[0] && !marks[1]) return 0;
      const all = (k: 0 | 1): boolean[] => marks[k] ?? Array.from({ length: lengths[k] }, () => true);
      blocks.push([all(0), all(1)]);
    }
  let read = 0;
  for (let row = 0; row < lengths[0]; row++) {
    const columns = blocks.filter(([rows]) => rows[row]).map(([, own]) => own);
    if (columns.length > 0)
      for (let column = 0; column < lengths[1]; column++) if (columns.some((own) => own[column])) read++;
  }
  return 1 - read / (lengths[0] * lengths[1]);
}
