// The sabok command: finds the command, reads its options, runs it, and turns errors into messages and exit statuses.
import { SabokError, nearestNames } from "sabok";
import { UsageError, readArguments, type Command } from "./command.ts";
import { analyzeCommand } from "./commands/analyze.ts";
import { benchCommand } from "./commands/bench.ts";
import { designCommand } from "./commands/design.ts";
import { explainCommand } from "./commands/explain.ts";
import { convertCommand } from "./commands/convert.ts";
import { diffCommand } from "./commands/diff.ts";
import { exportCommand } from "./commands/export.ts";
import { fitCommand } from "./commands/fit.ts";
import { labCommand } from "./commands/lab.ts";
import { modelsCommand } from "./commands/models.ts";
import { onnxTestCommand } from "./commands/onnxTest.ts";
import { predictCommand } from "./commands/predict.ts";
import { runCommand } from "./commands/run.ts";
import { studyCommand } from "./commands/study.ts";
import { commandHelp, mainHelp } from "./help.ts";
import { Terminal } from "./terminal.ts";
import { version } from "./version.ts";

const commands: readonly Command[] = [
  fitCommand,
  predictCommand,
  exportCommand,
  modelsCommand,
  analyzeCommand,
  designCommand,
  runCommand,
  convertCommand,
  diffCommand,
  onnxTestCommand,
  explainCommand,
  benchCommand,
  studyCommand,
  labCommand,
];

const exitStatus = { mendable: 1, usage: 2 } as const;

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // The reader, `head` say, has seen enough.
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const raw = process.argv.slice(2);
const terminal = new Terminal({ json: raw.includes("--json") });
process.exitCode = await main().catch(report);

async function main(): Promise<number> {
  const [first, ...rest] = raw;
  const wantsHelp = raw.includes("--help") || raw.includes("-h");
  const named = first === "help" ? rest[0] : first;
  const found = commands.find(({ name }) => name === named);
  const command = found?.specialize?.(first === "help" ? rest.slice(1) : rest) ?? found;
  if (command) {
    if (first === "help" || wantsHelp) return print(commandHelp(plain(), command));
    return command.run(readArguments(command, rest), terminal);
  }
  if (first === "--version" || first === "-v") return print(version());
  if (
    first === undefined ||
    first === "--help" ||
    first === "-h" ||
    (first === "help" && rest.length === 0)
  ) {
    if (first !== undefined) return print(mainHelp(plain(), commands, version()));
    process.stderr.write(`${mainHelp(plain(), commands, version())}\n`);
    return exitStatus.usage;
  }
  const names = commands.map(({ name }) => name);
  const nearest = nearestNames(named!, names, 1)[0];
  throw new UsageError(
    `Unknown ${named!.startsWith("-") ? "option" : "command"} ${named}.${nearest ? ` Did you mean ${nearest}?` : ` The commands are ${names.join(", ")}.`}`,
  );
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

/** Help goes to stdout whatever --json says, so its colours follow stdout. */
function plain(): Terminal {
  return new Terminal({ json: false });
}

/** One clear message; the stack for a fault of ours, and where DEBUG asks for it. */
function report(error: unknown): number {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const expected = error instanceof SabokError || error instanceof UsageError;
  terminal.document({ type: "error", name, message });
  terminal.error(message);
  if (!expected) process.stderr.write("This is a fault of sabok; please report it with these lines:\n");
  if (!expected || process.env["DEBUG"]) process.stderr.write(`${stack}\n`);
  if (!(error instanceof UsageError)) return exitStatus.mendable;
  const command = commands.find((candidate) => candidate.name === raw[0]);
  process.stderr.write(`See sabok ${command ? `${command.name} ` : ""}--help.\n`);
  return exitStatus.usage;
}
