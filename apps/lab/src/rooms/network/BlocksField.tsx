// The network's notation as text, an entry a line. What does not parse stays in the field, with the character pointed at; the
// network changes only with a text that does.
import { useEffect, useState } from "preact/hooks";
import { parseBlockString } from "sabok/models";
import { TextField } from "../../shared/controls.tsx";
import { useWords } from "../../shared/words.ts";
import { words } from "./words.ts";

export interface BlocksFieldProps {
  /** Entries apart by spaces. */
  readonly notation: string;
  readonly onChange: (notation: string) => void;
}

const entriesOf = (text: string): string => text.trim().replaceAll(/[\s,]+/g, " ");

export function BlocksField({ notation, onChange }: BlocksFieldProps) {
  const w = useWords(words);
  const [draft, setDraft] = useState(() => notation.replaceAll(" ", "\n"));
  const [error, setError] = useState<string>();
  useEffect(() => {
    if (entriesOf(draft) === notation) return;
    setDraft(notation.replaceAll(" ", "\n"));
    setError(undefined);
  }, [notation]);
  return (
    <TextField
      label={w.blocks}
      code
      lines={9}
      value={draft}
      hint={w.blocksHint}
      error={error}
      onChange={(text) => {
        setDraft(text);
        try {
          parseBlockString(text);
          setError(undefined);
        } catch (problem) {
          setError((problem as Error).message);
          return;
        }
        onChange(entriesOf(text));
      }}
    />
  );
}
