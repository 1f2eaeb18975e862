import { describe, expect, test } from "vitest";
import { UsageError, numberOption, readArguments, wordOption, type Command } from "./command.ts";
import { benchCommand } from "./commands/bench.ts";
import { explainCommand } from "./commands/explain.ts";
import { exportCommand } from "./commands/export.ts";
import { fitCommand } from "./commands/fit.ts";
import { modelsCommand } from "./commands/models.ts";
import { predictCommand } from "./commands/predict.ts";
import { commandHelp } from "./help.ts";
import { Terminal } from "./terminal.ts";

const commands: readonly Command[] = [
  fitCommand,
  predictCommand,
  exportCommand,
  modelsCommand,
  explainCommand,
  benchCommand,
];
const terminal = new Terminal({ json: false });

/** Runs a command line in this process; every case here ends before a model is read. */
async function run(name: string, args: readonly string[]): Promise<number> {
  const command = commands.find((candidate) => candidate.name === name)!;
  return command.run(readArguments(command, args), terminal);
}

describe("wrong usage", () => {
  test.each<[string, string[], RegExp]>([
    ["fit", ["tiny", "--no-flp"], /Unknown option --no-flp of sabok fit\. Did you mean --no-flip\?/],
    ["fit", ["tiny", "--no-epochs"], /Unknown option --no-epochs/],
    ["fit", ["tiny", "-q"], /Unknown option -q of sabok fit/],
    ["fit", ["tiny", "--budget"], /--budget needs a value: --budget <MACs>/],
    ["fit", ["tiny", "--budget", "--json"], /--budget needs a value/],
    ["fit", ["tiny", "--budget", "3Q"], /--budget: "3Q" is not a count/],
    [
      "fit",
      ["tiny", "--budget", "3M", "--epochs", "0"],
      /--epochs: got "0"; expected a whole number of at least 1\./,
    ],
    ["fit", ["tiny", "--budget=3M", "--lr", "-1"], /--lr: got "-1"; expected a number above 0\./],
    [
      "fit",
      ["tiny", "--budget", "3M", "--smoothing", "1.5"],
      /--smoothing: got "1\.5"; expected a number of at least 0 and of at most 0\.9/,
    ],
    [
      "fit",
      ["tiny", "--budget", "3M", "--optimizer", "adam"],
      /--optimizer: got "adam"; expected sgd or adamw\. Did you mean adamw\?/,
    ],
    ["fit", ["tiny", "--budget", "3M", "--width", "2"], /--budget chooses width and depth/],
    ["fit", ["tiny", "--model", "resnet18", "--blocks", "ds"], /--model or --blocks, not both/],
    ["fit", ["tiny", "--model", "resnet18", "--depth", "2"], /--depth goes with neither/],
    ["fit", ["tiny", "--flip=yes", "--budget", "3M"], /--flip takes no value; got "yes"/],
    ["fit", ["tiny", "more", "--budget", "3M"], /Unexpected argument "more"/],
    ["fit", [], /What should be learnt\? Give a data set \(fashion-mnist, /],
    [
      "fit",
      ["--resume", "run", "--epochs", "3"],
      /--epochs does not go with --resume: every option comes from the checkpoint/,
    ],
    ["fit", ["tiny", "--resume", "run"], /--resume takes no data/],
    ["predict", [], /Which model\?/],
    ["predict", ["run"], /Which images\?/],
    ["predict", ["run", "a.png", "--top", "0"], /--top: got "0"/],
    ["export", ["run"], /To what\? Give --to onnx or --to safetensors/],
    ["export", ["run", "--to", "onx"], /--to: got "onx"; expected onnx or safetensors\. Did you mean onnx\?/],
    ["export", ["model.onnx", "--to", "safetensors"], /Where to\? Give --out/],
    ["models", ["resnet18"], /Unexpected argument "resnet18": sabok models takes none/],
    ["explain", [], /Which model\? Give a model's name, a run's folder or a model file/],
    ["explain", ["resnet18", "--batch", "0"], /--batch: got "0"; expected a whole number of at least 1/],
    ["explain", ["resnet18", "--thread", "2"], /Unknown option --thread .* Did you mean --threads\?/],
    ["bench", ["resnet18", "--threads", "99"], /--threads: got "99"; expected .* of at most 64/],
    ["bench", ["resnet18", "--trace"], /--trace needs a value: --trace <file>/],
    ["bench", ["apps", "--size", "64"], /--size goes with a model's name/],
  ])("sabok %s %j", async (name, args, message) => {
    const error: unknown = await run(name, args).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toMatch(message);
  });
});

test("options are read whole, by their short name, after = and negated", () => {
  expect(
    readArguments(fitCommand, ["tiny", "-o", "x", "--lr=1e-3", "--no-flip", "--weight-decay", "0.1"]),
  ).toMatchObject({
    data: "tiny",
    out: "x",
    lr: "1e-3",
    flip: false,
    "weight-decay": "0.1",
  });
  expect(readArguments(predictCommand, ["run", "a.png", "--json", "b.png"])._).toEqual([
    "run",
    "a.png",
    "b.png",
  ]);
});

test("numbers and words", () => {
  expect(numberOption("--lr", "1e30")).toBe(1e30);
  expect(numberOption("--lr", undefined)).toBeUndefined();
  expect(() => numberOption("--size", "", { whole: true })).toThrow(
    /--size: got ""; expected a whole number\./,
  );
  expect(wordOption("--to", "onnx", ["onnx"])).toBe("onnx");
});

test("help pages have 80 columns and an example each", () => {
  for (const command of commands) {
    const page = commandHelp(terminal, command);
    expect(Math.max(...page.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(page).toContain(`sabok ${command.name}`);
    expect(page).toMatch(/Examples?\n/);
  }
});
