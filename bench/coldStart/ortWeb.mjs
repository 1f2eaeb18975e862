// From model.onnx to the first result.
import { readFile } from "node:fs/promises";
import * as ort from "onnxruntime-web";
import { cpuMilliseconds } from "./cpuMilliseconds.mjs";

ort.env.wasm.numThreads = 1;
const session = await ort.InferenceSession.create(await readFile(`${process.argv[2]}/model.onnx`));
const image = new ort.Tensor("float32", new Float32Array(3 * 224 * 224).fill(0.5), [1, 3, 224, 224]);
const { logits } = await session.run({ image });
process.stdout.write(`${logits.data[0]} ${cpuMilliseconds()}\n`);
