// What makes the network: its width, image and classes, its blocks as text, or a file.
import type { ModelChoice } from "../../engine/jobs/listModels.ts";
import { Choice, NumberField, Slider } from "../../shared/controls.tsx";
import { DropZone } from "../../shared/dropZone.tsx";
import { Panel } from "../../shared/panel.tsx";
import { useNumbers, useWords } from "../../shared/words.ts";
import type { Signal } from "@preact/signals";
import { BlocksField } from "./BlocksField.tsx";
import { words } from "./words.ts";

export interface ChooserProps {
  readonly choice: {
    readonly blocks: Signal<string>;
    readonly width: Signal<number>;
    readonly size: Signal<number>;
    readonly classes: Signal<number>;
  };
  /** A model's name, "blocks" or "file". */
  readonly picked: string;
  readonly models: readonly ModelChoice[];
  /** The notation of the network that is shown, where it has one. */
  readonly notation: string | undefined;
  /** Goes over to a network typed as blocks. */
  readonly onBlocks: (notation: string) => void;
  readonly onFile: (file: File) => void;
}

const sizes = [32, 64, 96, 128, 160, 192, 224, 256, 320];

export function Chooser({ choice, picked, models, notation, onBlocks, onFile }: ChooserProps) {
  const w = useWords(words);
  const n = useNumbers();
  const { blocks, width, size, classes } = choice;
  const isFile = picked === "file";
  const hasWidth = picked === "blocks" || models.find(({ name }) => name === picked)?.hasWidth === true;
  const typed = picked === "blocks" ? blocks.value : (notation ?? "");
  return (
    <Panel title={w.choose} class="chooser">
      <div class="stack">
        {hasWidth && (
          <Slider
            label={w.width}
            min={0.25}
            max={1.5}
            step={0.05}
            value={width.value}
            format={(value) => `\u2066×${n.significant(value, 3)}\u2069`}
            onChange={(value) => (width.value = Number(value.toFixed(2)))}
          />
        )}
        {!isFile && (
          <div class="row pair">
            <Choice
              label={w.size}
              as="menu"
              value={String(size.value)}
              options={[...new Set([...sizes, size.value])]
                .sort((a, b) => a - b)
                .map((side) => ({ value: String(side), label: n.shape([side, side]) }))}
              onChange={(value) => (size.value = Number(value))}
            />
            <NumberField
              label={w.classes}
              min={2}
              max={20_000}
              step={1}
              value={classes.value}
              onChange={(value) => (classes.value = Math.round(value))}
            />
          </div>
        )}
        {!isFile && (notation !== undefined || picked === "blocks") ? (
          <BlocksField notation={typed} onChange={onBlocks} />
        ) : (
          <p class="note">{w.noBlocks}</p>
        )}
        <DropZone label={w.drop} accept=".onnx,.tflite,.safetensors" onFiles={([first]) => onFile(first!)} />
      </div>
    </Panel>
  );
}
