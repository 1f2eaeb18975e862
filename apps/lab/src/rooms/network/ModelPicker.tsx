// Which network: a model by its name, blocks that are typed, or the file that was dropped.
import type { ModelChoice } from "../../engine/jobs/listModels.ts";
import { Choice } from "../../shared/controls.tsx";
import { useWords } from "../../shared/words.ts";
import { words } from "./words.ts";

export interface ModelPickerProps {
  readonly models: readonly ModelChoice[];
  /** A model's name, "blocks" or "file". */
  readonly model: string;
  /** The file's name, where there is one. */
  readonly file: string;
  readonly onPick: (model: string) => void;
}

export function ModelPicker({ models, model, file, onPick }: ModelPickerProps) {
  const w = useWords(words);
  const options = [
    ...modelNames(models, model).map((name) => ({ value: name, label: name })),
    { value: "blocks", label: w.fromBlocks },
    ...(file === "" ? [] : [{ value: "file", label: w.fromFile(file) }]),
  ];
  return <Choice label={w.model} as="menu" value={model} options={options} onChange={onPick} />;
}

/** The models there are; while they are not known yet, the one that is shown. */
function modelNames(models: readonly ModelChoice[], shown: string): string[] {
  if (models.length > 0) return models.map(({ name }) => name);
  return shown === "blocks" || shown === "file" ? [] : [shown];
}
