// sabok convert: a model in one form as a file of another.
import { extname } from "node:path";
import { toInference } from "sabok";
import { writeFileWhole } from "sabok/node";
import { toOnnx, writeModelJson, writeSafetensors } from "sabok/onnx";
import { UsageError, defineCommand, numberOption } from "../command.ts";
import { formatBytes } from "../format.ts";
import { modelArgs, openModelFile, readModelArgs } from "../modelFiles.ts";

export const convertCommand = defineCommand({
  name: "convert",
  summary: "write a model in another form",
  description:
    "Reads an .onnx or .tflite file, a tfjs model.json, a .safetensors file with its .json or a run's folder, and writes .onnx or .safetensors (with the graph " +
    "in a .json file beside it), by the ending of the target. Shape arithmetic is gone and constants are folded; layers stay as they are.",
  args: {
    from: { type: "positional", required: false, valueHint: "model", description: "The model" },
    to: {
      type: "positional",
      required: false,
      valueHint: "file",
      description: "An .onnx or .safetensors file",
    },
    ...modelArgs,
    opset: { type: "string", valueHint: "n", description: "ONNX's opset, 18 to 22; 18 if not given" },
    fixed: { type: "boolean", description: "Keep the batch fixed" },
  },
  examples: [
    ["sabok convert model.json model.onnx", "A TensorFlow.js model as ONNX"],
    ["sabok convert model.onnx clean.onnx --input image=1,3,224,224", "A clean graph with its sizes bound"],
  ],
  async run(given, terminal) {
    if (given.from === undefined || given.to === undefined)
      throw new UsageError("From what to what? Give a model and a target.");
    const ending = extname(given.to);
    if (ending !== ".onnx" && ending !== ".safetensors")
      throw new UsageError(`${given.to}: the target's ending must be .onnx or .safetensors.`);
    const opset = numberOption("--opset", given.opset, { least: 18, most: 22, whole: true }) ?? 18;
    const { graph, weights, metadata } = await openModelFile(given.from, readModelArgs(given));
    const inference = toInference(graph);
    const files: readonly (readonly [string, Uint8Array])[] =
      ending === ".onnx"
        ? [
            [
              given.to,
              toOnnx(inference, weights, { opset, metadata, batch: given.fixed ? "fixed" : "dynamic" }),
            ],
          ]
        : [
            [given.to, writeSafetensors(weights)],
            [
              `${given.to.slice(0, -ending.length)}.json`,
              new TextEncoder().encode(writeModelJson(graph, metadata)),
            ],
          ];
    for (const [path, bytes] of files) await writeFileWhole(path, bytes);
    terminal.document({
      type: "convert",
      files: files.map(([file, { length }]) => ({ file, bytes: length })),
    });
    if (!terminal.json)
      for (const [path, { length }] of files) terminal.line(`${path}  ${formatBytes(length)}`);
    return 0;
  },
});
