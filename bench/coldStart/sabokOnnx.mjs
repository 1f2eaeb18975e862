// From model.onnx to the first result.
import { open } from "sabok/node";
import { cpuMilliseconds } from "./cpuMilliseconds.mjs";

const session = await open(`${process.argv[2]}/model.onnx`);
const { logits } = await session.run({ image: new Float32Array(3 * 224 * 224).fill(0.5) });
process.stdout.write(`${logits.data[0]} ${cpuMilliseconds()}\n`);
