// A graph model on TensorFlow.js's wasm backend.
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { loadGraphModel } from "@tensorflow/tfjs-converter";
import { setBackend, zeros } from "@tensorflow/tfjs-core";
import wasm from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";

setWasmPaths({ "tfjs-backend-wasm-simd.wasm": wasm });
await setBackend("wasm");
const model = await loadGraphModel("model.json");
window.result = model.predict(zeros([1, 224, 224, 3])).dataSync();
