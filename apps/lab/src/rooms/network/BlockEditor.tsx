// The controls of one block: each change gives the whole network's notation anew.
import { writeBlocks, type BlockList, type BlockNumbers } from "../../engine/network/blocks.ts";
import { Choice, NumberField, Slider } from "../../shared/controls.tsx";
import { Panel } from "../../shared/panel.tsx";
import { useNumbers, useWords } from "../../shared/words.ts";
import { words } from "./words.ts";

export interface BlockEditorProps {
  readonly list: BlockList;
  /** The block that is edited, by its scope. */
  readonly scope: string;
  readonly onChange: (notation: string) => void;
}

export function BlockEditor({ list, scope, onChange }: BlockEditorProps) {
  const w = useWords(words);
  const n = useNumbers();
  const block = list.blocks.find((one) => one.scope === scope);
  if (!block) return null;
  const change = (numbers: Partial<BlockNumbers>): void =>
    onChange(
      writeBlocks({
        ...list,
        blocks: list.blocks.map((one) => (one === block ? { ...block, ...numbers } : one)),
      }),
    );
  const options = (values: readonly number[]) =>
    values.map((value) => ({ value: String(value), label: n.digits(String(value)) }));
  const { type, kernel, stride, dilation, expansion, squeeze, channels } = block;
  const kernels = [...new Set([...(type === "cn" ? [1] : []), 3, 5, 7, kernel])].sort((a, b) => a - b);
  const expands = type === "ir" || type === "er";
  const gates = type !== "cn" && type !== "stem";
  return (
    <Panel title={w.block} lead={w.blockLead} class="block-editor">
      <p class="block-name">
        <strong>{w.types[type]}</strong> <code>{scope}</code>
      </p>
      <div class="stack">
        <div class="row">
          <Choice
            label={w.kernel}
            as="segments"
            value={String(kernel)}
            options={options(kernels).map(({ value, label }) => ({ value, label: `${label}×${label}` }))}
            onChange={(value) => change({ kernel: Number(value) })}
          />
          <Choice
            label={w.stride}
            as="segments"
            value={String(stride)}
            options={options([1, 2])}
            onChange={(value) => change({ stride: Number(value) })}
          />
          {type !== "stem" && (
            <Choice
              label={w.dilation}
              as="segments"
              value={String(dilation)}
              options={options([...new Set([1, 2, 3, 4, dilation])].sort((a, b) => a - b))}
              onChange={(value) => change({ dilation: Number(value) })}
            />
          )}
        </div>
        {expands && (
          <Slider
            label={w.expansion}
            min={1.5}
            max={10}
            step={0.5}
            value={expansion}
            format={(value) => n.significant(value, 3)}
            onChange={(value) => change({ expansion: value })}
          />
        )}
        {gates && (
          <Slider
            label={w.squeeze}
            min={0}
            max={0.5}
            step={1 / 16}
            value={squeeze}
            format={(value) => (value === 0 ? w.squeezeNone : n.significant(value, 3))}
            onChange={(value) => change({ squeeze: value })}
          />
        )}
        <NumberField
          label={w.channels}
          min={8}
          max={2048}
          step={8}
          value={channels}
          onChange={(value) => change({ channels: Math.round(value) })}
        />
      </div>
    </Panel>
  );
}
