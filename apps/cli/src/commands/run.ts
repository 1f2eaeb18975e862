// sabok run: any model on any data, its outputs as they are.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { compileGraph, readFeeds } from "../modelRun.ts";
import { drawDetections, readStretched } from "../detections.ts";
import { writeFileWhole } from "sabok/node";
import { writeNpy } from "sabok/onnx";
import { UsageError, defineCommand, numberOption } from "../command.ts";
import { modelArgs, openModelFile, readModelArgs } from "../modelFiles.ts";
import { formatPercent } from "../format.ts";
import { formatTable } from "../table.ts";

export const runCommand = defineCommand({
  name: "run",
  summary: "run a model on images or tensors and show its outputs",
  description:
    "Runs a model once: an .onnx or .tflite file, a tfjs model.json, a .safetensors file with its .json, or a run's folder. Each further file is one input, " +
    "in the model's order: a .npy or .pb tensor, or an image, scaled and normalised as the model says. Without files the inputs are seeded " +
    "numbers between -1 and 1.",
  args: {
    model: { type: "positional", required: false, valueHint: "model", description: "The model" },
    data: { type: "positional", required: false, valueHint: "data…", description: "One file an input" },
    ...modelArgs,
    boxes: {
      type: "string",
      valueHint: "file",
      description:
        "Of a detector: write its image as PNG with the boxes it finds drawn on it; the image is then stretched to the input",
    },
    out: { type: "string", alias: "o", valueHint: "folder", description: "Write each output there as .npy" },
    threads: { type: "string", valueHint: "n", description: "Threads; 1 if not given" },
  },
  examples: [
    ["sabok run model.onnx photo.jpg", "The outputs' shapes, ranges and first numbers"],
    ["sabok run model.onnx x.npy --out results", "Every output as a file"],
    [
      "sabok run ssd/model.json photo.jpg --input Preprocessor/sub=1,300,300,3 --outputs Squeeze,Postprocessor/convert_scores,Postprocessor/ExpandDims --boxes found.png",
      "A detector of TensorFlow.js, cut before its own loop: offsets, scores and anchors",
    ],
    ["sabok run model.onnx --input image=1,3,320,320 --json", "An open size given; one JSON document"],
  ],
  async run(given, terminal) {
    const [path, ...files] = given._;
    if (path === undefined) throw new UsageError("Which model? Give a model, then a file for each input.");
    const threads = numberOption("--threads", given.threads, { least: 1, whole: true }) ?? 1;
    const model = await openModelFile(path, readModelArgs(given));
    const feeds =
      given.boxes === undefined ? await readFeeds(model, files) : await readStretched(model, files);
    const session = await compileGraph(model, threads);
    const results = await session.run(feeds).finally(() => session.close());
    const outputs = Object.entries(results).map(([name, { shape, data }]) => ({ name, shape, data }));
    if (given.out !== undefined) {
      await mkdir(given.out, { recursive: true });
      for (const { name, shape, data } of outputs)
        await writeFileWhole(
          join(given.out, `${name.replaceAll(/[^\w.-]/g, "_")}.npy`),
          writeNpy({ shape, data }),
        );
    }
    const found =
      given.boxes === undefined ? undefined : await drawDetections(model, results, files[0]!, given.boxes);
    terminal.document({
      type: "run",
      model: path,
      ...(found && { boxes: given.boxes, detections: found }),
      outputs: outputs.map(({ name, shape, data }) => ({ name, shape, data: Array.from(data) })),
    });
    if (terminal.json) return 0;
    const rows = outputs.map(({ name, shape, data }) => {
      const numbers = Array.from(data);
      const [least, most] = numbers.reduce(
        ([a, b], x) => [Math.min(a, x), Math.max(b, x)],
        [Infinity, -Infinity],
      );
      const mean = numbers.reduce((total, x) => total + x, 0) / numbers.length;
      const first = numbers.slice(0, 4).map(short).join(" ");
      return [
        name,
        `[${shape}]`,
        short(least),
        short(mean),
        short(most),
        first + (numbers.length > 4 ? " …" : ""),
      ];
    });
    terminal.line(formatTable(terminal, ["output", "shape", "least", "mean", "most", "first"], rows, 2));
    if (!found) return 0;
    terminal.line();
    for (const { label, score } of found) terminal.line(`  ${formatPercent(score).padStart(7)}  ${label}`);
    terminal.line(`  ${given.boxes}: ${found.length} ${found.length === 1 ? "box" : "boxes"}`);
    return 0;
  },
});

function short(x: number): string {
  return Number(x.toPrecision(4)).toString();
}
