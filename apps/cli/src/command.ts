// What a command of `sabok` is, and how its options are read: strictly, with the nearest name for a wrong one.
import { parseArgs, type ArgsDef, type ParsedArgs } from "citty";
import { nearestNames } from "sabok";
import type { Terminal } from "./terminal.ts";

/** A command: citty's definition of its arguments, with what its help shows and what it does. */
export interface Command<Args extends ArgsDef = ArgsDef> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What the help says below the first line. */
  readonly description: string;
  readonly args: Args;
  readonly examples: readonly (readonly [command: string, what: string])[];
  /** The same command with the options of what its first arguments name; for commands whose options depend on them. */
  specialize?(raw: readonly string[]): Command | undefined;
  /** Resolves to the exit status. */
  run(args: ParsedArgs<Args>, terminal: Terminal): Promise<number>;
}

/** The command itself, with the types of its arguments inferred. */
export function defineCommand<const Args extends ArgsDef>(command: Command<Args>): Command<Args> {
  return command;
}

/** A command line that cannot be meant: exit status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Every command's options besides its own. */
export const commonArgs = {
  json: { type: "boolean", description: "JSON on stdout, everything else on stderr" },
  help: { type: "boolean", alias: "h", description: "This page" },
} as const satisfies ArgsDef;

/** Reads the arguments of a command. Throws a UsageError for an unknown option, a missing value and a surplus argument. */
export function readArguments<Args extends ArgsDef>(
  command: Command<Args>,
  raw: readonly string[],
): ParsedArgs<Args> {
  const definitions: ArgsDef = { ...command.args, ...commonArgs };
  checkOptions(command.name, definitions, raw);
  // What is required is checked by the command, in words of its own.
  const lenient = Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [name, { ...definition, required: false }]),
  ) as ArgsDef;
  const parsed = parseArgs<Args>([...raw], lenient);
  const positional = Object.values(definitions).filter(({ type }) => type === "positional");
  const takesMany = positional.some(({ valueHint }) => valueHint?.endsWith("…"));
  const surplus = takesMany ? undefined : parsed._[positional.length];
  if (surplus !== undefined)
    throw new UsageError(
      `Unexpected argument "${surplus}": sabok ${command.name} takes ${positional.length === 0 ? "none" : `${positional.length} only`}.`,
    );
  return parsed;
}

function checkOptions(command: string, definitions: ArgsDef, raw: readonly string[]): void {
  const short = new Map<string, string>();
  for (const [name, definition] of Object.entries(definitions))
    for (const alias of "alias" in definition ? [definition.alias ?? []].flat() : []) short.set(alias, name);
  for (let i = 0; i < raw.length && raw[i] !== "--"; i++) {
    const word = raw[i]!;
    if (!/^-{1,2}[^-\d]/.test(word)) continue;
    const [flag, inline] = splitAtEquals(word);
    const given = flag.replace(/^-+/, "");
    const name = flag.startsWith("--") ? given : (short.get(given) ?? given);
    const positive = name.replace(/^no-/, "");
    const definition =
      definitions[name] ?? (definitions[positive]?.type === "boolean" ? definitions[positive] : undefined);
    if (!definition || definition.type === "positional" || (!flag.startsWith("--") && !short.has(given))) {
      const nearest = nearestNames(given, optionNames(definitions), 1)[0];
      throw new UsageError(
        `Unknown option ${flag} of sabok ${command}.${nearest ? ` Did you mean --${nearest}?` : ""}`,
      );
    }
    if (definition.type === "boolean") {
      if (inline !== undefined) throw new UsageError(`${flag} takes no value; got "${inline}".`);
    } else if (inline === undefined && (raw[++i] === undefined || raw[i]!.startsWith("--")))
      throw new UsageError(`${flag} needs a value: ${flag} <${definition.valueHint}>.`);
  }
}

function splitAtEquals(word: string): [string, string?] {
  const at = word.indexOf("=");
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

function optionNames(definitions: ArgsDef): string[] {
  return Object.entries(definitions).flatMap(([name, definition]) => {
    if (definition.type === "positional") return [];
    return definition.type === "boolean" && definition.negativeDescription ? [name, `no-${name}`] : [name];
  });
}

/** The bounds of a number option. */
interface Bounds {
  readonly least?: number;
  readonly most?: number;
  /** Whether `least` itself is too small, `most` itself too large. */
  readonly open?: boolean;
  readonly whole?: boolean;
}

/** The number an option was given, undefined where it was not. Throws a UsageError for anything else. */
export function numberOption(
  flag: string,
  text: string | undefined,
  { least = -Infinity, most = Infinity, open = false, whole = false }: Bounds = {},
): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === "" ? NaN : Number(text);
  const inside = open ? value > least && value < most : value >= least && value <= most;
  if (Number.isFinite(value) && inside && (!whole || Number.isInteger(value))) return value;
  const kind = whole ? "a whole number" : "a number";
  const words = open ? ["above", "below"] : ["of at least", "of at most"];
  const limits = [
    least > -Infinity ? `${words[0]} ${least}` : "",
    most < Infinity ? `${words[1]} ${most}` : "",
  ].filter(Boolean);
  throw new UsageError(
    `${flag}: got "${text}"; expected ${[kind, limits.join(" and ")].filter(Boolean).join(" ")}.`,
  );
}

/** One of the words an option allows. */
export function wordOption<Word extends string>(
  flag: string,
  text: string | undefined,
  words: readonly Word[],
): Word | undefined {
  if (text === undefined) return undefined;
  const found = words.find((word) => word === text);
  if (found) return found;
  const nearest = nearestNames(text, words, 1)[0];
  throw new UsageError(
    `${flag}: got "${text}"; expected ${words.join(" or ")}.${nearest ? ` Did you mean ${nearest}?` : ""}`,
  );
}
