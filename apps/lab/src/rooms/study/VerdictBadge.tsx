// A verdict in a word and a sign: never by colour alone.
import type { Verdict } from "sabok/study";
import { useWords } from "../../shared/words.ts";
import { studyWords } from "./words.ts";

const signs = { holds: "✓", conditional: "~", false: "✗" } as const;

export function VerdictBadge({ status }: { readonly status: Verdict["status"] }) {
  const words = useWords(studyWords);
  return (
    <span class={`badge ${status}`}>
      <span aria-hidden="true">{signs[status]}</span> {words.verdicts[status]}
    </span>
  );
}
