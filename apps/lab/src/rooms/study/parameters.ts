// Parameters between the URL, the fields and the chapter: what is given, what is wrong with it, how a slider moves.
import type { Parameter, ParameterValues } from "sabok/study";

/** The key of a parameter in the URL; `chapter` and `lang` are taken. */
export function keyOf(name: string): string {
  return name === "chapter" || name === "lang" ? `${name}.value` : name;
}

/** What the URL says of a chapter's parameters, those at their defaults left out. Numbers that do not parse stay text. */
export function valuesFrom(
  parameters: readonly Parameter[],
  url: Readonly<Record<string, string>>,
): Record<string, number | string> {
  const values: Record<string, number | string> = {};
  for (const { name, kind, default: usual } of parameters) {
    const text = url[keyOf(name)];
    if (text === undefined) continue;
    const number = Number(text);
    const value = kind === "number" && text.trim() !== "" && Number.isFinite(number) ? number : text;
    if (value !== usual) values[name] = value;
  }
  return values;
}

/** The URL's keys for values: those at their defaults, and those of other chapters, are removed. */
export function urlOf(
  parameters: readonly Parameter[],
  values: ParameterValues,
  url: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
  const changes: Record<string, string | undefined> = Object.fromEntries(
    Object.keys(url)
      .filter((key) => key !== "chapter")
      .map((key) => [key, undefined]),
  );
  for (const { name, default: usual } of parameters) {
    const value = values[name];
    if (value !== undefined && value !== usual) changes[keyOf(name)] = String(value);
  }
  return changes;
}

/** The parameter that an error of a chapter is about: "Chapter 1.3, alpha: got …", or "x: got …". */
export function parameterOf(message: string, parameters: readonly Parameter[]): string | undefined {
  const name = /^(?:Chapter [\d.]+, )?-{0,2}([\w-]+): /.exec(message)?.[1];
  return parameters.some((parameter) => parameter.name === name) ? name : undefined;
}

/** What stands before the message of an error at its field: the field itself says which it is. */
export function messageAtField(message: string): string {
  const rest = message.replace(/^(?:Chapter [\d.]+, )?-{0,2}[\w-]+: /, "");
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}

type NumberParameter = Extract<Parameter, { readonly kind: "number" }>;

/** How a number is moved on a line: evenly, or, where it spans many powers of ten, along the logarithm. */
export interface SliderScale {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly toPosition: (value: number) => number;
  readonly toValue: (position: number) => number;
}

/** Whole numbers of a short range step by one; ranges of more than three powers of ten above zero go by the logarithm. */
export function sliderOf({ least, most, whole = false }: NumberParameter): SliderScale {
  const round = (value: number): number => {
    const rounded = whole ? Math.round(value) : Number(value.toPrecision(3));
    return Math.min(most, Math.max(least, rounded));
  };
  if (least > 0 && most / least > 1000)
    return {
      min: 0,
      max: 200,
      step: 1,
      toPosition: (value) => (200 * Math.log(value / least)) / Math.log(most / least),
      toValue: (position) => round(least * (most / least) ** (position / 200)),
    };
  const span = most - least;
  const fine = 10 ** Math.floor(Math.log10(span / 100));
  const step = whole ? Math.max(1, 10 ** Math.floor(Math.log10(span / 200))) : fine;
  return {
    min: least,
    max: most,
    step,
    toPosition: (value) => value,
    toValue: (position) => Math.min(most, Math.max(least, Number(position.toPrecision(12)))),
  };
}

/** Turns the chapters' "`--mean 8 --std 2`" in Markdown into links that set these parameters; other code stays. */
export function linkedTrials(
  markdown: string,
  parameters: readonly Parameter[],
  hrefOf: (values: ParameterValues) => string,
): string {
  return markdown.replaceAll(/`(--[^`]+)`/g, (code, flags: string) => {
    const values: Record<string, string> = {};
    for (const [, name, value] of flags.matchAll(/--([\w-]+)[ =]("[^"]*"|\S+)/g))
      values[name!] = value!.replaceAll('"', "");
    const names = Object.keys(values);
    const isKnown = names.length > 0 && names.every((name) => parameters.some((one) => one.name === name));
    return isKnown ? `[${code}](${hrefOf(values)})` : code;
  });
}
