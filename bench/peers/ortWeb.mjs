// onnxruntime-web, its wasm backend in Node.
import * as ort from "onnxruntime-web";
import { serve } from "../lib/serve.mjs";
import { onnxRunner } from "./onnxRunner.mjs";

serve(({ threads = 1, ...task }) => {
  ort.env.wasm.numThreads = threads;
  return onnxRunner(ort, { ...task, version: ort.env.versions.web });
});
