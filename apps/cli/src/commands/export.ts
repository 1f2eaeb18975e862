// sabok export: a trained network in another form.
import { stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { openRunFolder, writeFileWhole } from "sabok/node";
import { exportFormats, exportModel } from "sabok/recipes";
import { UsageError, defineCommand, wordOption } from "../command.ts";
import { formatBytes } from "../format.ts";
import { openModel } from "./predict.ts";

export const exportCommand = defineCommand({
  name: "export",
  summary: "write a trained network as ONNX or safetensors",
  description:
    "Writes the network of a run: as ONNX, batch norm folded into the convolutions and the batch left open, or as safetensors with the graph in " +
    "a .json file beside it. A run that is not finished gives the weights of its checkpoint.",
  args: {
    model: {
      type: "positional",
      required: false,
      valueHint: "model",
      description: "A run's folder, or an .onnx, .tflite, tfjs or .safetensors file",
    },
    to: { type: "string", valueHint: "format", description: "onnx or safetensors" },
    out: {
      type: "string",
      alias: "o",
      valueHint: "file",
      description: "The file to write; model.onnx or model.safetensors in the run's folder if not given",
    },
  },
  examples: [
    ["sabok export runs/first --to onnx --out shoes.onnx", "One file for any ONNX runtime"],
    ["sabok export runs/first --to safetensors --out shoes.safetensors", "Weights by their PyTorch names"],
  ],
  async run(given, terminal) {
    if (given.model === undefined) throw new UsageError("Which model? Give a run's folder or a model file.");
    const format = wordOption("--to", given.to, exportFormats);
    if (format === undefined) throw new UsageError(`To what? Give --to ${exportFormats.join(" or --to ")}.`);
    const found = await stat(given.model).catch(() => undefined);
    const isFolder = found?.isDirectory() ?? extname(given.model) === "";
    if (given.out === undefined && !isFolder) throw new UsageError("Where to? Give --out <file>.");
    const target = given.out ?? join((await openRunFolder(given.model)).name, `model.${format}`);
    const model = await openModel(given.model);
    for (const note of model.notes) terminal.warn(note);
    const stem = extname(target) === `.${format}` ? target.slice(0, -extname(target).length) : target;
    const files = Object.entries(exportModel(model, format)).map(([ending, bytes]) => ({
      path: `${stem}${ending}`,
      bytes,
    }));
    for (const { path, bytes } of files) await writeFileWhole(path, bytes);
    terminal.document({
      type: "export",
      format,
      files: files.map(({ path, bytes }) => ({ file: path, bytes: bytes.length })),
    });
    if (!terminal.json)
      for (const { path, bytes } of files) terminal.line(`${path}  ${formatBytes(bytes.length)}`);
    return 0;
  },
});
