// sabok onnx-test: runs ONNX's backend test cases.
import { readFile, readdir, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { SabokError } from "sabok";
import { runOnnxTests, type OnnxTestCase, type OnnxTestResult } from "sabok/onnx";
import { UsageError, defineCommand } from "../command.ts";
import type { Terminal } from "../terminal.ts";

export const onnxTestCommand = defineCommand({
  name: "onnx-test",
  summary: "run ONNX's backend test cases",
  description:
    "Runs every case below a folder in the layout of the onnx project: <case>/model.onnx with test_data_set_<n>/input_<i>.pb and output_<i>.pb. " +
    "A case passes where every number is within 0.1 % of the expected one, as the project's own runner allows; it is unsupported where sabok says " +
    "what it does not import. The status is 1 where a case fails.",
  args: {
    folder: {
      type: "positional",
      required: false,
      valueHint: "folder",
      description: "A folder of cases, or of folders of cases",
    },
    quiet: { type: "boolean", description: "Leave out the cases that pass" },
  },
  examples: [
    ["sabok onnx-test /usr/share/libonnx-testdata/data/node", "The cases Debian has in libonnx-testdata"],
    ["sabok onnx-test cases --json", "One JSON document with every case"],
  ],
  async run(given, terminal) {
    if (given.folder === undefined) throw new UsageError("Which cases? Give a folder.");
    const folder = resolve(given.folder);
    if (!(await stat(folder).catch(() => undefined))?.isDirectory())
      throw new SabokError(`${given.folder}: no such folder.`);
    const report = await runOnnxTests(readCases(folder), {
      onResult(result) {
        if (!terminal.json && !(given.quiet && result.status === "passed")) showResult(terminal, result);
      },
    });
    if (report.cases.length === 0)
      throw new SabokError(`${given.folder}: holds no case, which is a folder with a model.onnx.`);
    terminal.document(report);
    if (!terminal.json)
      terminal.line(
        `\n${report.passed} passed, ${report.failed} failed, ${report.unsupported} unsupported, of ${report.cases.length}`,
      );
    return report.failed > 0 ? 1 : 0;
  },
});

/** Every case below a folder, by name. */
async function* readCases(root: string): AsyncGenerator<OnnxTestCase> {
  for (const folder of await caseFolders(root, 3))
    yield {
      name: relative(root, folder) || ".",
      model: await readFile(join(folder, "model.onnx")),
      sets: await readSets(folder),
    };
}

async function caseFolders(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  if (entries.some(({ name }) => name === "model.onnx")) return [folder];
  if (depth === 0) return [];
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const found = await Promise.all(names.toSorted().map((name) => caseFolders(join(folder, name), depth - 1)));
  return found.flat();
}

async function readSets(folder: string): Promise<OnnxTestCase["sets"]> {
  const sets = (await readdir(folder)).filter((name) => name.startsWith("test_data_set_")).toSorted();
  return Promise.all(
    sets.map(async (set) => ({
      inputs: await readNumbered(join(folder, set), "input"),
      outputs: await readNumbered(join(folder, set), "output"),
    })),
  );
}

/** input_0.pb, input_1.pb, … in order. */
async function readNumbered(folder: string, kind: string): Promise<Uint8Array[]> {
  const names = new Set(await readdir(folder));
  const files: Uint8Array[] = [];
  for (let i = 0; names.has(`${kind}_${i}.pb`); i++)
    files.push(await readFile(join(folder, `${kind}_${i}.pb`)));
  return files;
}

function showResult(terminal: Terminal, { name, status, maxError, reason }: OnnxTestResult): void {
  const { colors } = terminal;
  const word = {
    passed: colors.green("pass"),
    failed: colors.red("FAIL"),
    unsupported: colors.yellow("none"),
  }[status];
  const error = maxError === undefined || maxError === 0 ? "" : `  ${maxError.toExponential(1)}`;
  const why = reason === undefined ? "" : `  ${reason.replaceAll(/\s*\n\s*/g, " ")}`;
  terminal.line(`${word}  ${name}${error}${why}`);
}
