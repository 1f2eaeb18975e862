// The rule of the window: operation, kernel size, stride, dilation, padding, and the kernel's weights to type over.
import type { Signal } from "@preact/signals";
import { useState } from "preact/hooks";
import { Choice, Slider } from "../../shared/controls.tsx";
import { useWords } from "../../shared/words.ts";
import { hueOf } from "./CellGrid.tsx";
import { ranges, within } from "./geometry.ts";
import { kernelText, presetKernel, presetNames, presetOf, resizedKernel } from "./kernels.ts";
import { symbolOf } from "./links.ts";
import { convolveWords } from "./words.ts";

export interface RuleSignals {
  readonly operation: Signal<string>;
  readonly kernel: Signal<number>;
  readonly stride: Signal<number>;
  readonly dilation: Signal<number>;
  readonly padding: Signal<number>;
  readonly outputPadding: Signal<number>;
  readonly weights: Signal<string>;
}

interface RuleProps {
  readonly url: RuleSignals;
  /** The weights in force, row by row. */
  readonly kernel: readonly number[];
}

export function RuleControls({ url, kernel }: RuleProps) {
  const words = useWords(convolveWords);
  const edge = within(url.kernel.value, ranges.kernel);
  const transposed = url.operation.value === "transposed";
  const stride = within(url.stride.value, ranges.stride);
  const resize = (to: number): void => {
    const preset = presetOf(kernel, edge);
    url.kernel.value = to;
    url.weights.value = kernelText(preset ? presetKernel(preset, to) : resizedKernel(kernel, edge, to), to);
  };
  return (
    <div class="stack">
      <Choice
        label={words.operation}
        value={transposed ? "transposed" : "convolution"}
        options={[
          { value: "convolution", label: words.operations.convolution },
          { value: "transposed", label: words.operations.transposed },
        ]}
        onChange={(value) => (url.operation.value = value)}
      />
      <Slider label={words.kernelSize} value={edge} onChange={resize} min={1} max={5} />
      {(["stride", "dilation", "padding"] as const).map((name) => (
        <Slider
          key={name}
          label={words[name]}
          value={within(url[name].value, ranges[name])}
          onChange={(value) => (url[name].value = value)}
          min={ranges[name][0]}
          max={ranges[name][1]}
        />
      ))}
      {transposed && (
        <Slider
          label={words.outputPadding}
          value={within(url.outputPadding.value, [0, stride - 1])}
          onChange={(value) => (url.outputPadding.value = value)}
          min={0}
          max={Math.max(1, stride - 1)}
          disabled={stride === 1}
        />
      )}
      <KernelEditor url={url} kernel={kernel} edge={edge} />
    </div>
  );
}

function KernelEditor({ url, kernel, edge }: RuleProps & { readonly edge: number }) {
  const words = useWords(convolveWords);
  const [wrong, setWrong] = useState(false);
  const preset = presetOf(kernel, edge);
  const set = (at: number, text: string): void => {
    const weight = Number(text.replaceAll("\u2212", "-"));
    const sound = text.trim() !== "" && Math.abs(weight) <= 1e6;
    setWrong(!sound);
    if (sound) url.weights.value = kernelText(kernel.with(at, weight), edge);
  };
  return (
    <>
      <Choice
        as="menu"
        label={words.preset}
        value={preset ?? "own"}
        options={[
          ...presetNames.map((name) => ({ value: name as string, label: words.presets[name] })),
          ...(preset ? [] : [{ value: "own", label: words.ownKernel }]),
        ]}
        onChange={(name) => name !== "own" && (url.weights.value = name)}
      />
      <div class="field">
        <span class="field-name">{words.kernel}</span>
        <div class="kernel-editor" style={`--edge:${edge}`} role="group" aria-label={words.kernel} dir="ltr">
          {kernel.map((weight, at) => (
            <input
              key={at}
              type="text"
              inputMode="decimal"
              aria-label={words.weight(symbolOf("w", at, edge))}
              style={`--hue:${hueOf(at, edge ** 2)}`}
              value={String(Number(weight.toPrecision(4)))}
              onChange={(event) => {
                set(at, event.currentTarget.value);
                event.currentTarget.value = String(Number((kernel[at] ?? 0).toPrecision(4)));
              }}
            />
          ))}
        </div>
        {wrong && (
          <p class="note wrong" role="alert">
            {words.notANumber}
          </p>
        )}
      </div>
    </>
  );
}
