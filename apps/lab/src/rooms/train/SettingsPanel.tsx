// What to train: images, network, optimiser, and the buttons that start it.
import type { Signal } from "@preact/signals";
import { useState } from "preact/hooks";
import type { NamedFile } from "../../engine/jobs/trainDropped.ts";
import { Button, Choice, NumberField, Slider, TextField } from "../../shared/controls.tsx";
import { Message } from "../../shared/feedback.tsx";
import { Panel } from "../../shared/panel.tsx";
import { useNumbers, useWords } from "../../shared/words.ts";
import { FolderZone } from "./FolderZone.tsx";
import { currentRun, isBusy, startRun } from "./runs.ts";
import { bounded, bounds, fromLogarithm, rateOf, type Settings } from "./settings.ts";
import { trainWords } from "./words.ts";

export type SettingSignals = { readonly [Name in keyof Settings]: Signal<Settings[Name]> };

/** All threads but one, which the page keeps for itself. */
const mostThreads = crossOriginIsolated ? Math.max(1, Math.min(16, navigator.hardwareConcurrency)) : 1;
const usualThreads = Math.max(1, Math.min(8, mostThreads - 1));

/** What was dropped stays while other rooms are open. */
let kept: readonly NamedFile<File>[] = [];

export function SettingsPanel({ signals }: { readonly signals: SettingSignals }) {
  const words = useWords(trainWords);
  const [files, setFiles] = useState(kept);
  const [isMissed, setMissed] = useState(false);
  const settings = readSettings(signals);
  const begin = (held: boolean): void => {
    const isOwn = settings.data === "dropped";
    setMissed(isOwn && files.length === 0);
    if (isOwn && files.length === 0) return;
    const source = isOwn
      ? ({ kind: "dropped", files, size: settings.size } as const)
      : ({ kind: "fashion-mnist" } as const);
    startRun(settings, source, threadsOf(settings), held);
  };
  const take = (given: readonly NamedFile<File>[]): void => {
    kept = given;
    setFiles(given);
    setMissed(false);
    signals.dropped.value = given[0]!.path.split("/")[0]!;
  };
  return (
    <Panel title={words.setUp} class="train-settings">
      <div class="stack">
        <DataFields signals={signals} settings={settings} files={files} onFiles={take} isMissed={isMissed} />
        <NetworkFields signals={signals} settings={settings} />
        <OptimizerFields signals={signals} settings={settings} />
        <div class="actions">
          <Button kind="main" icon="play" disabled={isBusy.value} onClick={() => begin(false)}>
            {words.start}
          </Button>
          <Button icon="pause" disabled={isBusy.value} onClick={() => begin(true)}>
            {words.startHeld}
          </Button>
        </div>
        {isBusy.value && <p class="note">{words.anew}</p>}
      </div>
    </Panel>
  );
}

interface FieldsProps {
  readonly signals: SettingSignals;
  readonly settings: Settings;
}

function DataFields({
  signals,
  settings,
  files,
  onFiles,
  isMissed,
}: FieldsProps & {
  readonly files: readonly NamedFile<File>[];
  readonly onFiles: (files: readonly NamedFile<File>[]) => void;
  readonly isMissed: boolean;
}) {
  const words = useWords(trainWords);
  const numbers = useNumbers();
  return (
    <>
      <Choice
        label={words.data}
        value={settings.data}
        options={[
          { value: "fashion-mnist", label: words.fashion },
          { value: "dropped", label: words.own },
        ]}
        onChange={(value) => (signals.data.value = value)}
      />
      {settings.data === "fashion-mnist" && (
        <p class="note">{words.fashionNote(numbers.integer(10_000), numbers.integer(2000))}</p>
      )}
      {settings.data === "dropped" && (
        <>
          <FolderZone onFiles={onFiles} />
          {files.length > 0 && (
            <p class="note">{words.got(numbers.integer(files.length), settings.dropped)}</p>
          )}
          {files.length === 0 && settings.dropped !== "" && (
            <Message kind="warning">{words.askAgain(settings.dropped)}</Message>
          )}
          {isMissed && <Message kind="error">{words.needFiles}</Message>}
          <Slider
            label={words.size}
            value={settings.size}
            min={bounds.size[0]}
            max={bounds.size[1]}
            step={8}
            onChange={(value) => (signals.size.value = value)}
          />
        </>
      )}
    </>
  );
}

function NetworkFields({ signals, settings }: FieldsProps) {
  const words = useWords(trainWords);
  const numbers = useNumbers();
  return (
    <>
      <Choice
        label={words.network}
        value={settings.network}
        options={[
          { value: "budget", label: words.budget },
          { value: "blocks", label: words.blocks },
        ]}
        onChange={(value) => (signals.network.value = value)}
      />
      {settings.network === "budget" ? (
        <Slider
          label={words.macs}
          value={Math.log10(settings.macs)}
          min={Math.log10(bounds.macs[0])}
          max={Math.log10(bounds.macs[1])}
          step={0.1}
          format={() => numbers.compact(settings.macs)}
          onChange={(exponent) => (signals.macs.value = fromLogarithm(exponent))}
        />
      ) : (
        <TextField
          label={words.blockString}
          value={settings.blocks}
          hint={words.blockHint}
          lines={3}
          code
          onChange={(value) => (signals.blocks.value = value)}
        />
      )}
    </>
  );
}

function OptimizerFields({ signals, settings }: FieldsProps) {
  const words = useWords(trainWords);
  const numbers = useNumbers();
  const run = currentRun.value;
  const rate = isBusy.value && run!.peak.value > 0 ? run!.peak.value : rateOf(settings);
  const number = (name: "batch" | "epochs" | "seed", step = 1) => (
    <NumberField
      label={words[name]}
      value={settings[name]}
      min={bounds[name][0]}
      max={bounds[name][1]}
      step={step}
      onChange={(value) => (signals[name].value = Math.round(value))}
    />
  );
  return (
    <>
      <Choice
        label={words.optimizer}
        value={settings.optimizer}
        options={[
          { value: "adamw", label: words.adamw },
          { value: "sgd", label: words.sgd },
        ]}
        onChange={(value) => (signals.optimizer.value = value)}
      />
      <Slider
        label={words.rate}
        value={Math.log10(rate)}
        min={Math.log10(bounds.rate[0])}
        max={Math.log10(bounds.rate[1])}
        step={0.05}
        format={() => numbers.significant(rate, 2)}
        onChange={(exponent) => {
          const peak = fromLogarithm(exponent);
          signals.rate.value = peak;
          if (isBusy.peek()) void currentRun.peek()!.steer({ kind: "rate", peak });
        }}
      />
      <div class="pair">
        {number("batch", 8)}
        {number("epochs")}
        {number("seed")}
        <NumberField
          label={words.threads}
          value={threadsOf(settings)}
          min={1}
          max={mostThreads}
          onChange={(value) => (signals.threads.value = Math.round(value))}
        />
      </div>
    </>
  );
}

function threadsOf({ threads }: Settings): number {
  return threads === 0 ? usualThreads : Math.min(threads, mostThreads);
}

function readSettings(signals: SettingSignals): Settings {
  const { data, dropped, size, network, macs, blocks, optimizer, rate, batch, epochs, seed, threads } =
    signals;
  return bounded({
    data: data.value,
    dropped: dropped.value,
    size: size.value,
    network: network.value,
    macs: macs.value,
    blocks: blocks.value,
    optimizer: optimizer.value,
    rate: rate.value,
    batch: batch.value,
    epochs: epochs.value,
    seed: seed.value,
    threads: threads.value,
  });
}
