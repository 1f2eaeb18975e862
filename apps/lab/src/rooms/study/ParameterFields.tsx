// A chapter's parameters as fields: sliders for numbers, choices, texts; what a chapter refuses is said at its field.
import type { Parameter, ParameterValues } from "sabok/study";
import { useId } from "preact/hooks";
import { Choice, Slider, TextField } from "../../shared/controls.tsx";
import { language, useNumbers, useWords } from "../../shared/words.ts";
import { sliderOf } from "./parameters.ts";
import { studyWords } from "./words.ts";

export interface ParameterFieldsProps {
  readonly parameters: readonly Parameter[];
  /** Those that are not at their defaults. */
  readonly values: ParameterValues;
  readonly onChange: (name: string, value: number | string) => void;
  /** What is wrong with a parameter, by name. */
  readonly errors: Readonly<Record<string, string>>;
}

export function ParameterFields({ parameters, values, onChange, errors }: ParameterFieldsProps) {
  const lang = language.value;
  return (
    <div class="stack">
      {parameters.map((parameter) => {
        const { name, kind } = parameter;
        const value = values[name] ?? parameter.default;
        const error = errors[name];
        const label = parameter.label[lang];
        const change = (next: number | string): void => onChange(name, next);
        if (kind === "number")
          return <NumberParameter key={name} {...{ parameter, label, value, error, onChange: change }} />;
        if (kind === "text")
          return (
            <TextField key={name} label={label} value={String(value)} code error={error} onChange={change} />
          );
        const isKnown = parameter.choices.includes(String(value));
        return (
          <div key={name}>
            <Choice
              label={label}
              value={isKnown ? String(value) : parameter.default}
              options={parameter.choices.map((choice) => ({ value: choice, label: choice }))}
              as={parameter.choices.join("").length > 24 ? "menu" : "segments"}
              onChange={change}
            />
            {error && (
              <p class="note wrong" role="alert">
                {error}
              </p>
            )}
          </div>
        );
      })}
    </div>
  );
}

interface NumberParameterProps {
  readonly parameter: Extract<Parameter, { readonly kind: "number" }>;
  readonly label: string;
  readonly value: number | string;
  readonly error: string | undefined;
  readonly onChange: (value: number | string) => void;
}

/** A slider for the hand and a field for the exact number; what is typed is the chapter's to judge. */
function NumberParameter({ parameter, label, value, error, onChange }: NumberParameterProps) {
  const words = useWords(studyWords);
  const numbers = useNumbers();
  const id = useId();
  const scale = sliderOf(parameter);
  const number = typeof value === "number" ? value : parameter.default;
  return (
    <div class="number-parameter">
      <Slider
        label={label}
        value={scale.toPosition(number)}
        min={scale.min}
        max={scale.max}
        step={scale.step}
        format={() => numbers.significant(number, 6)}
        onChange={(position) => onChange(scale.toValue(position))}
      />
      <input
        type="text"
        inputMode="decimal"
        dir="ltr"
        value={String(value)}
        aria-label={label}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-note`}
        onChange={(event) => {
          const text = latin(event.currentTarget.value.trim());
          onChange(text !== "" && Number.isFinite(Number(text)) ? Number(text) : text);
        }}
      />
      <p id={`${id}-note`} class={error ? "note wrong" : "note"} role={error ? "alert" : undefined}>
        {error ??
          words.range(numbers.significant(parameter.least, 6), numbers.significant(parameter.most, 6))}
      </p>
    </div>
  );
}

/** Persian digits and signs as a number is read. */
function latin(text: string): string {
  return text
    .replaceAll(/[۰-۹]/g, (digit) => String("۰۱۲۳۴۵۶۷۸۹".indexOf(digit)))
    .replaceAll("٫", ".")
    .replaceAll(/[−‎]/g, (sign) => (sign === "−" ? "-" : ""));
}
