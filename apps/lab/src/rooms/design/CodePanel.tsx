// The stack to take away: code with a copy button, block notation, and the way to the Network room.
import { emitDesign, type Design, type DesignProblem } from "sabok/analysis";
import { useSignal } from "@preact/signals";
import { Button } from "../../shared/controls.tsx";
import { Panel } from "../../shared/panel.tsx";
import { useWords } from "../../shared/words.ts";
import { hrefOf } from "../../shell/router.ts";
import { stackBlocks } from "./stackBlocks.ts";
import { designWords } from "./words.ts";

export function CodePanel({ stack, problem }: { readonly stack: Design; readonly problem: DesignProblem }) {
  const words = useWords(designWords);
  const { code } = emitDesign(stack, problem);
  const blocks = stackBlocks(stack, problem);
  const copied = useSignal<"copied" | "copyFailed" | undefined>(undefined);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(code);
      copied.value = "copied";
    } catch {
      copied.value = "copyFailed";
    }
  };
  return (
    <Panel
      title={words.code}
      lead={words.codeLead}
      actions={
        <>
          <Button onClick={() => void copy()} icon="download">
            {words.copy}
          </Button>
          {blocks !== null && (
            <a
              class="button main"
              href={hrefOf("network", { blocks, size: String(Math.max(...problem.input)) })}
            >
              {words.open}
            </a>
          )}
        </>
      }
    >
      <div class="stack">
        <p role="status" class="note">
          {copied.value && words[copied.value]}
        </p>
        <pre tabIndex={0} role="region" aria-label={words.codeLabel}>
          {code}
        </pre>
        {blocks === null ? (
          <p class="note">{words.noBlocks}</p>
        ) : (
          <div>
            <h3>{words.blocks}</h3>
            <pre tabIndex={0} role="region" aria-label={words.blocks}>
              {blocks}
            </pre>
            {problem.cost === "valid" && <p class="note">{words.blocksPad}</p>}
          </div>
        )}
      </div>
    </Panel>
  );
}
