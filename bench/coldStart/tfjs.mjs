// From a graph model's files to the first result.
import { readFile } from "node:fs/promises";
import "@tensorflow/tfjs-backend-wasm";
import { loadGraphModel } from "@tensorflow/tfjs-converter";
import { io, setBackend, tensor } from "@tensorflow/tfjs-core";
import { cpuMilliseconds } from "./cpuMilliseconds.mjs";

const at = (name) => readFile(`${process.argv[2]}/${name}`);
await setBackend("wasm");
const { modelTopology, weightSpecs } = JSON.parse(await at("tfjs.json"));
const { buffer, byteOffset, length } = await at("tfjs.bin");
const weightData = buffer.slice(byteOffset, byteOffset + length);
const model = await loadGraphModel(io.fromMemory({ modelTopology, weightSpecs, weightData }));
const result = model.predict(tensor(new Float32Array(3 * 224 * 224).fill(0.5), [1, 224, 224, 3]));
process.stdout.write(`${result.dataSync()[0]} ${cpuMilliseconds()}\n`);
