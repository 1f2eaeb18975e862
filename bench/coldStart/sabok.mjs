// From its files to the first result, as a program would do it.
import { readFile } from "node:fs/promises";
import { compile, readModelJson, readSafetensors } from "sabok";
import { cpuMilliseconds } from "./cpuMilliseconds.mjs";

const at = (name) => readFile(`${process.argv[2]}/${name}`);
const { graph } = readModelJson((await at("sabok.json")).toString());
const { tensors } = readSafetensors(await at("sabok.safetensors"));
const session = await compile({ graph, weights: tensors });
const { logits } = await session.run({ image: new Float32Array(3 * 224 * 224).fill(0.5) });
process.stdout.write(`${logits.data[0]} ${cpuMilliseconds()}\n`);
