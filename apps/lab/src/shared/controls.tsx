// The controls every room is made of. Each takes `value` and `onChange`, and a label that is its name for everyone.
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Icon, type IconName } from "./icons.tsx";
import { sharedWords } from "./sharedWords.ts";
import { useNumbers, useWords } from "./words.ts";

export interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly onChange: (value: number) => void;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  /** How the value is written beside the label; default: a number in the page's digits. */
  readonly format?: (value: number) => string;
  readonly disabled?: boolean;
}

/** A value on a line between two ends. */
export function Slider({
  label,
  value,
  onChange,
  min,
  max,
  step = 1,
  format,
  disabled = false,
}: SliderProps) {
  const id = useId();
  const numbers = useNumbers();
  const written = format ? format(value) : numbers.significant(value, 6);
  const share = max > min ? (100 * (Math.min(max, Math.max(min, value)) - min)) / (max - min) : 0;
  return (
    <div class="field slider">
      <label for={id}>{label}</label>
      <output for={id}>{written}</output>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={value}
        disabled={disabled}
        aria-valuetext={written}
        style={`--share:${share}%`}
        onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}

export interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly onChange: (value: number) => void;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  readonly disabled?: boolean;
}

/** A number typed, or stepped with the buttons beside it. What is outside min and max is not passed on. */
export function NumberField({
  label,
  value,
  onChange,
  min = -Infinity,
  max = Infinity,
  step = 1,
  disabled = false,
}: NumberFieldProps) {
  const id = useId();
  const words = useWords(sharedWords);
  const give = (next: number): void => {
    const rounded = Number(next.toFixed(6));
    if (Number.isFinite(rounded) && rounded >= min && rounded <= max) onChange(rounded);
  };
  const stepBy = (by: number, icon: IconName, name: string) => (
    <button
      type="button"
      aria-label={`${label}: ${name}`}
      disabled={disabled || value + by < min || value + by > max}
      onClick={() => give(value + by)}
    >
      <Icon name={icon} />
    </button>
  );
  return (
    <div class="field number">
      <label for={id}>{label}</label>
      <div class="stepper" dir="ltr">
        {stepBy(-step, "minus", words.less)}
        <input
          id={id}
          type="number"
          inputMode="decimal"
          value={value}
          min={Number.isFinite(min) ? min : undefined}
          max={Number.isFinite(max) ? max : undefined}
          step={step}
          disabled={disabled}
          onChange={(event) => {
            give(event.currentTarget.valueAsNumber);
            event.currentTarget.value = String(value);
          }}
        />
        {stepBy(step, "plus", words.more)}
      </div>
    </div>
  );
}

export interface ChoiceOption<T extends string> {
  readonly value: T;
  readonly label: string;
}

export interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly ChoiceOption<T>[];
  readonly onChange: (value: T) => void;
  /** Side by side while there are few (the default up to four), else a menu. */
  readonly as?: "segments" | "menu";
  /** Keeps the label for screen readers only. */
  readonly quiet?: boolean;
  readonly disabled?: boolean;
}

/** One of several. */
export function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
  as = options.length <= 4 ? "segments" : "menu",
  quiet = false,
  disabled = false,
}: ChoiceProps<T>) {
  const id = useId();
  const labelClass = quiet ? "unseen" : undefined;
  if (as === "menu")
    return (
      <div class="field">
        <label for={id} class={labelClass}>
          {label}
        </label>
        <div class="menu">
          <select
            id={id}
            value={value}
            disabled={disabled}
            onChange={(event) => onChange(event.currentTarget.value as T)}
          >
            {options.map((option) => (
              <option key={option.value} value={option.value} selected={option.value === value}>
                {option.label}
              </option>
            ))}
          </select>
        </div>
      </div>
    );
  return (
    <fieldset class="field segments" disabled={disabled}>
      <legend class={labelClass}>{label}</legend>
      <div>
        {options.map((option) => (
          <label key={option.value}>
            <input
              type="radio"
              name={id}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export interface SwitchProps {
  readonly label: string;
  readonly value: boolean;
  readonly onChange: (value: boolean) => void;
  readonly disabled?: boolean;
}

/** On or off. */
export function Switch({ label, value, onChange, disabled = false }: SwitchProps) {
  return (
    <label class="switch">
      <input
        type="checkbox"
        role="switch"
        checked={value}
        disabled={disabled}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>{label}</span>
    </label>
  );
}

export interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  /** Called with every change of the text. */
  readonly onChange: (value: string) => void;
  /** What is wrong with the text, said below it and to screen readers. */
  readonly error?: string | undefined;
  readonly hint?: string;
  readonly placeholder?: string;
  /** More than one turns it into a box of that many lines. Code is set in its own type, from left to right. */
  readonly lines?: number;
  readonly code?: boolean;
}

/** A text typed. */
export function TextField({
  label,
  value,
  onChange,
  error,
  hint,
  placeholder,
  lines = 1,
  code = false,
}: TextFieldProps) {
  const id = useId();
  const shared = {
    id,
    value,
    placeholder,
    spellcheck: !code,
    class: code ? "code" : undefined,
    dir: code ? ("ltr" as const) : undefined,
    "aria-invalid": error !== undefined,
    "aria-describedby": error !== undefined || hint !== undefined ? `${id}-note` : undefined,
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {lines > 1 ? (
        <textarea {...shared} rows={lines} onInput={(event) => onChange(event.currentTarget.value)} />
      ) : (
        <input {...shared} type="text" onInput={(event) => onChange(event.currentTarget.value)} />
      )}
      {(error ?? hint) !== undefined && (
        <div
          id={`${id}-note`}
          class={error === undefined ? "note" : "note wrong"}
          role={error === undefined ? undefined : "alert"}
        >
          {error ?? hint}
        </div>
      )}
    </div>
  );
}

export interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onClick: () => void;
  /** `main`: the one thing to do here; `plain`: the rest; `bare`: without a frame. */
  readonly kind?: "main" | "plain" | "bare";
  readonly icon?: IconName;
  /** The name where the button shows an icon only. */
  readonly name?: string;
  readonly disabled?: boolean;
  /** For a button that stays down. */
  readonly pressed?: boolean | undefined;
}

/** Something to do. */
export function Button({
  children,
  onClick,
  kind = "plain",
  icon,
  name,
  disabled = false,
  pressed,
}: ButtonProps) {
  return (
    <button
      type="button"
      class={`button ${kind}`}
      aria-label={name}
      aria-pressed={pressed}
      title={name}
      disabled={disabled}
      onClick={onClick}
    >
      {icon && <Icon name={icon} />}
      {children !== undefined && children !== null && children !== "" && <span>{children}</span>}
    </button>
  );
}
