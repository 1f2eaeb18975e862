// Two runs side by side: which one to lay over the current, and a table of what differs.
import type { Signal } from "@preact/signals";
import { Choice } from "../../shared/controls.tsx";
import { Panel } from "../../shared/panel.tsx";
import { Table } from "../../shared/table.tsx";
import { useNumbers, useWords } from "../../shared/words.ts";
import { runs } from "./runs.ts";
import { differences, type SettingName } from "./settings.ts";
import type { TrainingRun } from "./TrainingRun.ts";
import { trainWords } from "./words.ts";

export interface ComparePanelProps {
  readonly run: TrainingRun;
  readonly other: TrainingRun | undefined;
  /** The number of the run to compare with; 0 for none. */
  readonly chosen: Signal<number>;
}

export function ComparePanel({ run, other, chosen }: ComparePanelProps) {
  const words = useWords(trainWords);
  const numbers = useNumbers();
  const others = runs.value.filter((each) => each !== run);
  if (others.length === 0) return null;
  const nameOf = ({ number }: TrainingRun): string => words.run(numbers.integer(number));
  return (
    <Panel title={words.compare} lead={words.compareLead} class="compare">
      <div class="stack">
        <Choice
          label={words.compareWith}
          value={String(other?.number ?? 0)}
          options={[
            { value: "0", label: words.nothing },
            ...others.map((each) => ({ value: String(each.number), label: nameOf(each) })),
          ]}
          onChange={(value) => (chosen.value = Number(value))}
        />
        {other && (
          <Table
            caption={words.compareTable}
            rows={[...settingRows(run, other), ...outcomeRows(run, other)]}
            keyOf={([key]) => key}
            columns={[
              { title: words.what, cell: ([, , title]) => title },
              { title: nameOf(run), numeric: true, cell: ([, [first]]) => first },
              { title: nameOf(other), numeric: true, cell: ([, [, second]]) => second },
            ]}
          />
        )}
      </div>
    </Panel>
  );

  type Row = readonly [key: string, values: readonly [string, string], title: string];

  function settingRows(first: TrainingRun, second: TrainingRun): Row[] {
    const write = (name: SettingName, value: string | number): string => {
      if (value === "") return "–";
      if (name === "network") return value === "blocks" ? words.blocks : words.budget;
      if (name === "optimizer") return value === "sgd" ? words.sgd : words.adamw;
      if (name === "data") return value === "dropped" ? words.own : words.fashion;
      return typeof value === "number" ? numbers.significant(value, 6) : value;
    };
    return differences(first.settings, second.settings).map(({ name, values: [a, b] }) => [
      name,
      [write(name, a), write(name, b)],
      words.settings[name],
    ]);
  }

  function outcomeRows(first: TrainingRun, second: TrainingRun): Row[] {
    const row = (key: keyof typeof words.outcome, read: (of: TrainingRun) => string): Row => [
      `outcome ${key}`,
      [read(first), read(second)],
      words.outcome[key],
    ];
    const last = (of: TrainingRun) => of.epochs.value.at(-1);
    return [
      row("parameters", (of) => numbers.integer(of.network.value?.chosen.parameters ?? NaN)),
      row("macs", (of) => numbers.integer(of.network.value?.chosen.macs ?? NaN)),
      row("trained", (of) => numbers.integer(of.epochs.value.length)),
      row("loss", (of) => numbers.decimals(last(of)?.loss ?? NaN, 3)),
      row("validationLoss", (of) => numbers.decimals(last(of)?.validation?.loss ?? NaN, 3)),
      row("validation", (of) => numbers.percent(last(of)?.validation?.accuracy ?? NaN, 1)),
      row("test", (of) => numbers.percent(of.result.value?.test.accuracy ?? NaN, 2)),
      row("speed", (of) => numbers.integer(of.steps.value?.imagesPerSecond ?? NaN)),
    ];
  }
}
