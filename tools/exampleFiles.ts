// What the examples of docs/session.md find beside them: a model that tells colours apart, and a picture of the sea by night.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { globalAvgPool, linear, network, toInference } from "sabok";
import { toOnnx } from "sabok/onnx";
import sharp from "sharp";

/** Writes model.onnx and photo.png into a folder. */
export async function writeExampleFiles(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const { graph } = network({ image: [3, 64, 64] }, ({ image }) => linear(globalAvgPool(image), { out: 3 }));
  const weights = new Map([
    ["linear.weight", { shape: [3, 3], data: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) }],
    ["linear.bias", { shape: [3], data: new Float32Array(3) }],
  ]);
  const metadata = { classes: ["red", "green", "blue"], mean: [0.5, 0.4, 0.3], std: [0.25, 0.25, 0.25] };
  writeFileSync(join(folder, "model.onnx"), toOnnx(toInference(graph), weights, { metadata }));
  const [width, height] = [96, 80];
  const pixels = Uint8Array.from(
    { length: 3 * width * height },
    (_, i) => [20, 60, 150 + ((i >> 5) % 50)][i % 3]!,
  );
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(join(folder, "photo.png"));
}
