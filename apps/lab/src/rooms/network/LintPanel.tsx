// What the lint found, each with its effect and its fix.
import type { Finding } from "sabok/analysis";
import { Button } from "../../shared/controls.tsx";
import { useWords } from "../../shared/words.ts";
import { words } from "./words.ts";

export interface FindingListProps {
  readonly findings: readonly Finding[];
  /** Opens the layer a finding is about. */
  readonly onShow?: (name: string) => void;
}

export function FindingList({ findings, onShow }: FindingListProps) {
  const w = useWords(words);
  return (
    <ul class="findings">
      {findings.map(({ rule, node, severity, message, effect, fix }) => (
        <li key={`${rule} ${node}`} class={severity}>
          <p class="finding-head">
            <span class="badge">{w.severity[severity]}</span>
            {onShow && node !== "" ? (
              <Button kind="bare" name={w.showLayer(node)} onClick={() => onShow(node)}>
                <code>{node}</code>
              </Button>
            ) : (
              <code>{node}</code>
            )}
          </p>
          <div lang="en" dir="ltr">
            <p>{message}</p>
            <p class="muted">{effect}</p>
            <p>
              <strong>{w.fix}:</strong> {fix}
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}
