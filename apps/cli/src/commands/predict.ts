// sabok predict: what a trained network sees in images.
import { stat } from "node:fs/promises";
import { openRunFolder, readImage, readModelFile } from "sabok/node";
import { loadClassifier, loadRun, predict, type Guess, type TrainedModel } from "sabok/recipes";
import { UsageError, defineCommand, numberOption } from "../command.ts";
import { formatPercent } from "../format.ts";
import type { Terminal } from "../terminal.ts";

export const predictCommand = defineCommand({
  name: "predict",
  summary: "say what images show",
  description:
    "Runs a trained network on images and prints the most probable classes of each. Class names, image size and normalisation come from the model; " +
    "what a file of another origin does not say is assumed, and said.",
  args: {
    model: {
      type: "positional",
      required: false,
      valueHint: "model",
      description: "A run's folder, or an .onnx, .tflite, tfjs or .safetensors file",
    },
    images: {
      type: "positional",
      required: false,
      valueHint: "image…",
      description: "PNG, JPEG or WebP files",
    },
    top: { type: "string", valueHint: "n", description: "Classes to print; 5 if not given" },
  },
  examples: [
    ["sabok predict runs/first shoe.png shirt.jpg", "The five most probable classes of each image"],
    ["sabok predict model.onnx shoe.png --json", "An ONNX file; one JSON document"],
  ],
  async run(given, terminal) {
    const [path, ...files] = given._;
    if (path === undefined)
      throw new UsageError("Which model? Give a run's folder or a model file, then the images.");
    if (files.length === 0) throw new UsageError("Which images? Give one file or more after the model.");
    const most = numberOption("--top", given.top, { least: 1, whole: true }) ?? 5;
    const model = await openModel(path);
    for (const note of model.notes) terminal.warn(note);
    const guesses = await predict(model, readImages(files, model), most);
    terminal.document({
      type: "predictions",
      model: path,
      images: files.map((file, i) => ({ file, top: guesses[i]! })),
    });
    if (!terminal.json) for (const [i, file] of files.entries()) showGuesses(terminal, file, guesses[i]!);
    return 0;
  },
});

/** The classifier of a run's folder, finished or not, or of a model file of any format. */
export async function openModel(path: string): Promise<TrainedModel> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) return loadRun(await openRunFolder(path));
  return loadClassifier(await readModelFile(path), path);
}

async function* readImages(files: readonly string[], { shape }: TrainedModel): AsyncGenerator<Uint8Array> {
  for (const file of files) yield await readImage(file, shape);
}

function showGuesses(terminal: Terminal, file: string, guesses: readonly Guess[]): void {
  const { colors } = terminal;
  const width = Math.min(40, Math.max(...guesses.map((guess) => guess.class.length)));
  terminal.line(colors.bold(file));
  for (const { class: name, probability } of guesses) {
    const bar = "━".repeat(Math.round(20 * probability));
    terminal.line(
      `  ${formatPercent(probability).padStart(7)}  ${name.padEnd(width)}  ${colors.cyan(bar)}`.trimEnd(),
    );
  }
}
