// The network's own figures.
import type { InspectionView, NetworkView } from "../../engine/network/view.ts";
import { Facts } from "../../shared/panel.tsx";
import { useNumbers, useWords } from "../../shared/words.ts";
import { words } from "./words.ts";

export interface NetworkFactsProps {
  readonly view: NetworkView;
  /** Undefined while it is computed. */
  readonly inspection: InspectionView | undefined;
}

export function NetworkFacts({ view, inspection }: NetworkFactsProps) {
  const w = useWords(words);
  const n = useNumbers();
  const { field } = view;
  const seen = field && (field.size === "global" ? w.allOfImage : n.shape(field.size));
  return (
    <div class="network-facts">
      <Facts
        label={w.choose}
        facts={[
          { label: w.input, value: n.shape(view.input) },
          { label: w.macs, value: n.integer(view.macs), note: w.flops(n.compact(2 * view.macs)) },
          { label: w.params, value: n.integer(view.params) },
          {
            label: w.memory,
            value: inspection ? n.bytes(inspection.inference) : "…",
            note: !inspection
              ? w.counting
              : inspection.training === null
                ? w.memoryNone
                : w.memoryNote(n.bytes(inspection.training)),
          },
          { label: w.sees, value: seen ?? "–", note: field && w.seesNote(n.percent(field.relative.area, 0)) },
        ]}
      />
    </div>
  );
}
