// `sabok run --boxes`: a detector's image as it is fed, and its boxes drawn.
import { SabokError, type Tensor } from "sabok";
import { drawBoxes, fromImage, writeFileWhole } from "sabok/node";
import { cocoClasses, detectorOutputs, keepDetections } from "sabok/recipes";
import { UsageError } from "./command.ts";
import type { ModelFile } from "./modelFiles.ts";

/** The image stretched to the model's one input, so that its boxes are shares of the whole image. */
export async function readStretched(
  { graph, metadata }: ModelFile,
  files: readonly string[],
): Promise<Record<string, Tensor>> {
  const [[name, input] = [], ...others] = Object.entries(graph.inputs);
  if (files.length !== 1 || others.length > 0 || !input)
    throw new UsageError("--boxes takes one image, and a model of one input.");
  const [batch, channels, height, width] = input.type.shape;
  if (batch !== 1 || channels !== 3)
    throw new SabokError(`The input "${name}" has shape [${input.type.shape}]; --boxes needs [1,3,H,W].`);
  const { mean = 0.5, std = 0.5 } = metadata;
  return { [name!]: await fromImage(files[0]!, { size: [height!, width!], fit: "fill", mean, std }) };
}

/** Draws what a detector found; an output that the graph holds as a constant is its anchors. */
export async function drawDetections(
  { graph, metadata }: ModelFile,
  results: Readonly<Record<string, Tensor>>,
  image: string,
  target: string,
): Promise<{ label: string; score: number; box: object }[]> {
  const anchors = Object.entries(graph.outputs).find(
    ([, value]) => value.op === "constant" || value.op === "parameter",
  )?.[0];
  const { boxes, scores } = detectorOutputs(results, anchors);
  const names = metadata.classes ?? cocoClasses;
  // Detectors trained by a softmax have a class for nothing.
  const background = scores.shape.at(-1) === names.length + 1;
  const found = keepDetections(boxes, scores, { background }).map(({ class: index, score, box }) => ({
    label: names[index] || `class ${index}`,
    score,
    box,
  }));
  const labelled = found.map(({ label, score, box }) => ({
    label: `${label} ${Math.round(100 * score)}%`,
    box,
  }));
  await writeFileWhole(target, await drawBoxes(image, labelled));
  return found;
}
