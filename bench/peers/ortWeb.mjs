// onnxruntime-web, its wasm backend in Node.
import { createRequire } from "node:module";
import * as ort from "onnxruntime-web";
import { serve } from "../lib/serve.mjs";
import { onnxRunner } from "./onnxRunner.mjs";

const { version } = createRequire(import.meta.url)("onnxruntime-web/package.json");

serve(({ threads = 1, ...task }) => {
  ort.env.wasm.numThreads = threads;
  return onnxRunner(ort, { ...task, version });
});
