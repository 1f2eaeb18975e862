// The help pages: a usage line, arguments and options in two columns, examples. 80 columns wide.
import type { ArgsDef, BooleanArgDef, StringArgDef } from "citty";
import { commonArgs, type Command } from "./command.ts";
import { wrap } from "./format.ts";
import type { Terminal } from "./terminal.ts";

type Style = Pick<Terminal, "colors">;

/** The page of `sabok --help`. */
export function mainHelp({ colors }: Style, commands: readonly Command[], version: string): string {
  return [
    `${colors.bold("sabok")} ${version}: train lightweight convolutional networks on your images.`,
    "",
    `${colors.bold("Usage")}  sabok <command> [options]`,
    "",
    colors.bold("Commands"),
    columns(
      colors.cyan,
      commands.map(({ name, summary }) => [name, summary]),
    ),
    "",
    colors.bold("Options"),
    columns(colors.cyan, [
      ["-h, --help", "This page; sabok <command> --help tells more of a command"],
      ["-v, --version", "The version"],
    ]),
    "",
    exampleLines(
      { colors },
      commands.map(({ examples }) => examples[0]!),
    ),
    "",
    "Exit status: 0 done, 1 a problem you can mend, 2 wrong usage, 130 interrupted.",
  ].join("\n");
}

/** The page of `sabok <command> --help`. */
export function commandHelp({ colors }: Style, command: Command): string {
  const entries = Object.entries<ArgsDef[string]>({ ...command.args, ...commonArgs });
  const positional = entries.filter(([, { type }]) => type === "positional");
  const options = entries.filter(([, { type }]) => type !== "positional");
  const usage = positional.map(([name, { required, valueHint = name }]) =>
    required === false ? `[${valueHint}]` : `<${valueHint}>`,
  );
  return [
    `${colors.bold("Usage")}  ${["sabok", command.name, ...usage, "[options]"].join(" ")}`,
    "",
    wrap(command.description, 80).join("\n"),
    "",
    ...(positional.length > 0
      ? [
          colors.bold("Arguments"),
          columns(
            colors.cyan,
            positional.map(([name, { valueHint = name, description = "" }]) => [valueHint, description]),
          ),
          "",
        ]
      : []),
    colors.bold("Options"),
    columns(
      colors.cyan,
      options.map(([name, definition]) => [optionLabel(name, definition), definition.description ?? ""]),
    ),
    "",
    exampleLines({ colors }, command.examples),
  ].join("\n");
}

function optionLabel(name: string, definition: ArgsDef[string]): string {
  if (definition.type === "positional") return name;
  const { type, alias = [], valueHint } = definition as StringArgDef | BooleanArgDef;
  const short = [alias]
    .flat()
    .map((letter) => `-${letter}, `)
    .join("");
  if (type === "boolean")
    return `${short}--${(definition as BooleanArgDef).negativeDescription ? "[no-]" : ""}${name}`;
  return `${short}--${name} <${valueHint}>`;
}

function exampleLines({ colors }: Style, examples: Command["examples"]): string {
  const lines = examples.flatMap(([command, what]) => [`  ${colors.dim(`# ${what}`)}`, `  ${command}`]);
  return [colors.bold(examples.length > 1 ? "Examples" : "Example"), ...lines].join("\n");
}

function columns(paint: (text: string) => string, rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows
    .flatMap(([label, text]) =>
      wrap(text, 80 - width - 4).map(
        (part, i) =>
          `  ${i === 0 ? paint(label) + " ".repeat(width - label.length) : " ".repeat(width)}  ${part}`,
      ),
    )
    .join("\n");
}
