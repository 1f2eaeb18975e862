// A trained network from the two files that `sabok fit` writes, and what it sees.
import { compile, readModelJson, readSafetensors } from "sabok";

const [document, bytes] = await Promise.all(["model.json", "model.safetensors"].map((file) => fetch(file)));
const { graph } = readModelJson(await document.text());
const { tensors } = readSafetensors(new Uint8Array(await bytes.arrayBuffer()));
const session = await compile({ graph, weights: tensors }, { threads: navigator.hardwareConcurrency });
const { logits } = await session.run({ image: new Float32Array(3 * 224 * 224) });
window.result = logits.data.indexOf(Math.max(...logits.data));
