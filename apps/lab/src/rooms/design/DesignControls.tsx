// The question, as sliders and choices.
import type { Signal } from "@preact/signals";
import { Button, Choice, Slider, TextField } from "../../shared/controls.tsx";
import { useNumbers, useWords } from "../../shared/words.ts";
import {
  coverages,
  kernelSizes,
  measures,
  ranges,
  readList,
  strideSizes,
  toggled,
  type designUrlDefaults,
  type Fault,
} from "./designOptions.ts";
import { designWords } from "./words.ts";

type Kept<T> = T extends string ? string : T extends number ? number : boolean;

/** The room's signals, one a key of the URL. */
export type DesignSignals = {
  readonly [Key in keyof typeof designUrlDefaults]: Signal<Kept<(typeof designUrlDefaults)[Key]>>;
};

export function DesignControls({
  url,
  fault,
}: {
  readonly url: DesignSignals;
  readonly fault: Fault | undefined;
}) {
  const words = useWords(designWords);
  const { percent, integer } = useNumbers();
  const slider = (
    key: "height" | "width" | "from" | "to" | "dilation" | "output",
    [min, max]: readonly [number, number],
    step = 1,
  ) => (
    <Slider
      label={words[key]}
      value={url[key].value}
      onChange={(value) => {
        url[key].value = value;
        if (key === "from" && url.to.peek() < value) url.to.value = value;
        if (key === "to" && url.from.peek() > value) url.from.value = value;
      }}
      min={min}
      max={max}
      step={step}
    />
  );
  const channelFault =
    fault?.kind === "channelText"
      ? words.faults.channelText(fault.text)
      : fault?.kind === "channelCount"
        ? words.faults.channelCount(integer(fault.got), integer(fault.expected))
        : undefined;
  return (
    <div class="stack questions">
      {slider("height", ranges.side)}
      {slider("width", ranges.side)}
      <Slider
        label={words.threshold}
        value={url.threshold.value}
        onChange={(value) => (url.threshold.value = Math.round(100 * value) / 100)}
        min={0.05}
        max={1}
        step={0.01}
        format={(value) => percent(value, 0)}
      />
      <Choice
        label={words.strict}
        value={url.strict.value ? "strictly" : "reached"}
        options={(["strictly", "reached"] as const).map((value) => ({ value, label: words[value] }))}
        onChange={(value) => (url.strict.value = value === "strictly")}
      />
      <Choice
        label={words.measure}
        as="menu"
        value={measures.find((name) => name === url.measure.value) ?? "each"}
        options={measures.map((value) => ({ value, label: words.measures[value] }))}
        onChange={(value) => (url.measure.value = value)}
      />
      {slider("from", ranges.layers)}
      {slider("to", ranges.layers)}
      <Toggles
        label={words.kernels}
        text={url.kernels}
        offered={kernelSizes}
        error={fault?.kind === "noKernel" ? words.faults.noKernel : undefined}
      />
      {slider("dilation", ranges.dilation)}
      <Toggles
        label={words.strides}
        text={url.strides}
        offered={strideSizes}
        error={fault?.kind === "noStride" ? words.faults.noStride : undefined}
      />
      {slider("output", ranges.output)}
      <Choice
        label={words.coverage}
        as="menu"
        value={coverages.find((name) => name === url.coverage.value) ?? "final"}
        options={coverages.map((value) => ({ value, label: words.coverages[value] }))}
        onChange={(value) => (url.coverage.value = value)}
      />
      <Choice
        label={words.cost}
        value={url.cost.value === "same" ? "same" : "valid"}
        options={(["valid", "same"] as const).map((value) => ({ value, label: words.costs[value] }))}
        onChange={(value) => (url.cost.value = value)}
      />
      <TextField
        label={words.channels}
        value={url.channels.value}
        onChange={(value) => (url.channels.value = value)}
        error={channelFault}
        hint={words.channelsHint}
        code
      />
    </div>
  );
}

interface TogglesProps {
  readonly label: string;
  readonly text: Signal<string>;
  readonly offered: readonly number[];
  readonly error: string | undefined;
}

/** Numbers to switch on and off; those that a URL brought are shown too. */
function Toggles({ label, text, offered, error }: TogglesProps) {
  const { integer } = useNumbers();
  const on = readList(text.value) ?? [];
  const shown = [...new Set([...offered, ...on])].sort((a, b) => a - b);
  return (
    <fieldset class="field">
      <legend>{label}</legend>
      <div class="toggles" dir="ltr">
        {shown.map((number) => (
          <Button
            key={number}
            pressed={on.includes(number)}
            onClick={() => (text.value = toggled(text.peek(), number))}
          >
            {integer(number)}
          </Button>
        ))}
      </div>
      {error !== undefined && (
        <p class="note wrong" role="alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
