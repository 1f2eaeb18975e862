// What a reader may change: how parameters are declared, and how what was given is read, with errors that show the range.
import { SabokError, nearestNames } from "../core/index.ts";
import type { Parameter, ParameterValues } from "./chapter.ts";

type Declared<Kind extends Parameter["kind"]> = Omit<Extract<Parameter, { kind: Kind }>, "name">;
export type Declaration = Declared<"number"> | Declared<"choice"> | Declared<"text">;
export type Declarations = Readonly<Record<string, Declaration>>;

/** What `run` of a chapter is given: a number, one of the choices, or a text, by name. */
export type ValuesOf<D extends Declarations> = {
  readonly [Name in keyof D]: D[Name] extends { readonly kind: "number" }
    ? number
    : D[Name] extends { readonly kind: "choice"; readonly choices: readonly (infer Choice)[] }
      ? Choice
      : string;
};

/** A number from `least` to `most`; `whole` for whole numbers only. */
export function number(options: Omit<Declared<"number">, "kind">): Declared<"number"> {
  return { kind: "number", ...options };
}

/** One of a few words; the first is the default where none is named. */
export function choice<const Choice extends string>(
  options: Omit<Declared<"choice">, "kind" | "choices" | "default"> & {
    readonly choices: readonly Choice[];
    readonly default: NoInfer<Choice>;
  },
): Declared<"choice"> & { readonly choices: readonly Choice[] } {
  return { kind: "choice", ...options };
}

/** Free text, such as a list; read it with `numberList` or `tupleList`. */
export function text(options: Omit<Declared<"text">, "kind">): Declared<"text"> {
  return { kind: "text", ...options };
}

/** Defaults for what was not given, numbers out of texts, and errors for names and values that do not fit. */
export function readParameters(
  id: string,
  parameters: readonly Parameter[],
  given: ParameterValues,
): Record<string, number | string> {
  const names = parameters.map(({ name }) => name);
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const nearest = nearestNames(name, names, 1)[0];
    const known = names.length > 0 ? `it has ${names.join(", ")}` : "it has none";
    throw new SabokError(
      `Chapter ${id} has no parameter "${name}"; ${known}.${nearest ? ` Did you mean ${nearest}?` : ""}`,
    );
  }
  return Object.fromEntries(
    parameters.map((parameter) => [
      parameter.name,
      readParameter(id, parameter, given[parameter.name] ?? parameter.default),
    ]),
  );
}

function readParameter(id: string, parameter: Parameter, value: number | string): number | string {
  const refuse = (expected: string, example: number | string): SabokError =>
    new SabokError(
      `Chapter ${id}, ${parameter.name}: got "${value}"; expected ${expected}, for example ${example}.`,
    );
  if (parameter.kind === "text") return String(value);
  if (parameter.kind === "choice") {
    if (parameter.choices.includes(String(value))) return String(value);
    throw refuse(`one of ${parameter.choices.join(", ")}`, parameter.default);
  }
  const { least, most, whole = false } = parameter;
  const read = toNumber(value);
  if (read >= least && read <= most && (!whole || Number.isInteger(read))) return read;
  throw refuse(rangeOf({ least, most, whole }), parameter.default);
}

export interface ListBounds {
  /** Of each number. */
  readonly least?: number;
  readonly most?: number;
  readonly whole?: boolean;
  /** How many entries the list may have. */
  readonly shortest?: number;
  readonly longest?: number;
}

/** A parameter's name and value with what stands right, for the errors. */
export interface ListSource {
  readonly name: string;
  readonly value: string;
  readonly example: string;
}

/** "3,1,1" → [3, 1, 1]. Throws a SabokError with the bounds and the example. */
export function numberList(source: ListSource, bounds: ListBounds = {}): number[] {
  return tupleList(source, 1, bounds).map(([only]) => only!);
}

/** "3x1x1,3x2x1" → [[3, 1, 1], [3, 2, 1]]: `size` numbers joined by x, entries by commas. */
export function tupleList(
  { name, value, example }: ListSource,
  size: number,
  bounds: ListBounds = {},
): number[][] {
  const { least = -Infinity, most = Infinity, whole = false, shortest = 1, longest = Infinity } = bounds;
  const entry =
    size === 1
      ? rangeOf({ least, most, whole })
      : `${size} numbers joined by x (each ${rangeOf({ least, most, whole })})`;
  const count =
    shortest === longest
      ? `${shortest}`
      : longest === Infinity
        ? `${shortest} or more`
        : `${shortest} to ${longest}`;
  const refuse = (): SabokError =>
    new SabokError(
      `${name}: got "${value}"; expected ${count} entries separated by commas, ${entry}, for example ${example}.`,
    );
  const entries = value.trim() === "" ? [] : value.split(",").map((part) => part.split("x").map(toNumber));
  const fits = (x: number): boolean =>
    x >= least && x <= most && Number.isFinite(x) && (!whole || Number.isInteger(x));
  if (entries.length < shortest || entries.length > longest) throw refuse();
  if (entries.some((tuple) => tuple.length !== size || !tuple.every(fits))) throw refuse();
  return entries;
}

function toNumber(value: number | string): number {
  if (typeof value === "number") return value;
  return value.trim() === "" ? NaN : Number(value.trim().replace("−", "-"));
}

function rangeOf({ least, most, whole }: { least: number; most: number; whole: boolean }): string {
  const kind = whole ? "a whole number" : "a number";
  if (least === -Infinity && most === Infinity) return kind;
  if (most === Infinity) return `${kind} of at least ${least}`;
  return least === -Infinity ? `${kind} of at most ${most}` : `${kind} from ${least} to ${most}`;
}
