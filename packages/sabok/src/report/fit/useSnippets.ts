// The programs of the report's "Use this model", ready to run. Each reads an image as `readImage` did for training:
// scaled to cover the input, cut to its centre, transparency over white.
import type { FitReport } from "./fitReport.ts";

/** With sabok itself: decoding, normalisation and inference as in training. */
export function sabokSnippet({ model, data, testImages: { channels, height, width } }: FitReport): string {
  return `import { readFile } from "node:fs/promises";
import { compile } from "sabok";
import { normalizePixels } from "sabok/data";
import { readImage } from "sabok/node";
import { fromOnnx } from "sabok/onnx";
import { rowProbabilities } from "sabok/train";

${constants(data)}

const session = await compile(fromOnnx(await readFile(${quote(`${model.folder}/model.onnx`)})));
const pixels = await readImage(process.argv[2], { channels: ${channels}, height: ${height}, width: ${width} });
const image = normalizePixels(pixels, ${height} * ${width}, { mean, std });
const { logits } = await session.run({ image });
const probabilities = rowProbabilities(logits, 0);
${printTop("console.log")}
`;
}

/** With onnxruntime-node, and sharp for decoding. */
export function nodeRuntimeSnippet({
  model,
  data,
  testImages: { channels, height, width },
}: FitReport): string {
  return `import * as ort from "onnxruntime-node";
import sharp from "sharp";

${constants(data)}
const [channels, height, width] = [${channels}, ${height}, ${width}];

const pixels = await sharp(process.argv[2], { autoOrient: true })
  .flatten({ background: "#ffffff" })
  .resize(width, height, { fit: "cover" })
  .toColourspace(${channels === 1 ? `"b-w"` : `"srgb"`})
  .removeAlpha()
  .raw({ depth: "uchar" })
  .toBuffer();
const image = new Float32Array(channels * height * width);
for (let c = 0; c < channels; c++)
  for (let i = 0; i < height * width; i++)
    image[c * height * width + i] = (pixels[i * channels + c] / 255 - mean[c]) / std[c];

const session = await ort.InferenceSession.create(${quote(`${model.folder}/model.onnx`)});
${runAndSoftmax}
${printTop("console.log")}
`;
}

/** A whole page with onnxruntime-web: choose an image, read the answer. */
export function webPageSnippet({ data, testImages: { channels, height, width } }: FitReport): string {
  const read =
    channels === 1
      ? `  const grey = 0.2126 * rgba[4 * i] + 0.7152 * rgba[4 * i + 1] + 0.0722 * rgba[4 * i + 2];
      image[i] = (grey / 255 - mean[0]) / std[0];`
      : `  for (let c = 0; c < 3; c++)
        image[c * height * width + i] = (rgba[4 * i + c] / 255 - mean[c]) / std[c];`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Classify an image</title>
<label>Image: <input type="file" accept="image/*"></label>
<pre id="answer" aria-live="polite"></pre>
<script type="module">
  import * as ort from "./node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs";

${indent(constants(data))}
  const [channels, height, width] = [${channels}, ${height}, ${width}];
  const session = await ort.InferenceSession.create("model.onnx");

  async function pixelsOf(file) {
    const bitmap = await createImageBitmap(file);
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = "high";
    const scale = Math.max(width / bitmap.width, height / bitmap.height);
    const [w, h] = [bitmap.width * scale, bitmap.height * scale];
    context.drawImage(bitmap, (width - w) / 2, (height - h) / 2, w, h);
    const rgba = context.getImageData(0, 0, width, height).data;
    const image = new Float32Array(channels * height * width);
    for (let i = 0; i < height * width; i++) {
    ${read}
    }
    return image;
  }

  document.querySelector("input").onchange = async ({ target }) => {
    const image = await pixelsOf(target.files[0]);
${indent(indent(runAndSoftmax))}
    const lines = [];
${indent(indent(printTop("lines.push")))}
    document.getElementById("answer").textContent = lines.join("\\n");
  };
</script>
</html>
`;
}

const runAndSoftmax = `const feeds = { [session.inputNames[0]]: new ort.Tensor("float32", image, [1, channels, height, width]) };
const logits = (await session.run(feeds))[session.outputNames[0]].data;
const most = Math.max(...logits);
const powers = Array.from(logits, (logit) => Math.exp(logit - most));
const total = powers.reduce((a, b) => a + b, 0);
const probabilities = powers.map((power) => power / total);`;

function printTop(print: string): string {
  return `const best = classes.map((name, k) => [name, probabilities[k]]).sort((a, b) => b[1] - a[1]);
for (const [name, probability] of best.slice(0, 5)) ${print}(\`\${(100 * probability).toFixed(1)} %  \${name}\`);`;
}

function constants({ classes, statistics }: FitReport["data"]): string {
  const numbers = (values: readonly number[]): string =>
    `[${values.map((value) => Number(value.toPrecision(9))).join(", ")}]`;
  return `const classes = ${wrappedList(classes.map(quote))};
const mean = ${numbers(statistics.mean)};
const std = ${numbers(statistics.std)};`;
}

/** A JavaScript string that may also stand in a script element. */
function quote(text: string): string {
  return JSON.stringify(text).replaceAll("<", String.raw`\u003c`);
}

/** An array literal, broken where a line gets longer than 80 characters. */
function wrappedList(items: readonly string[]): string {
  const lines = [""];
  for (const item of items) {
    if (lines.at(-1)!.length + item.length > 78) lines.push("");
    lines[lines.length - 1] += `${lines.at(-1) === "" ? "" : " "}${item},`;
  }
  return lines.length === 1
    ? `[${lines[0]!.slice(0, -1)}]`
    : `[\n${lines.map((line) => `  ${line}`).join("\n")}\n]`;
}

function indent(text: string): string {
  return text
    .split("\n") // and nowhere else: a class name may hold other line separators
    .map((line) => (line === "" ? "" : `  ${line}`))
    .join("\n");
}
