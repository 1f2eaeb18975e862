// onnxruntime-node: the native library.
import { createRequire } from "node:module";
import { serve } from "../lib/serve.mjs";
import { onnxRunner } from "./onnxRunner.mjs";

serve(async ({ threads = 1, ...task }) => {
  const ort = await import("onnxruntime-node").catch(() => {
    throw new Error("onnxruntime-node is not installed");
  });
  const { version } = createRequire(import.meta.url)("onnxruntime-node/package.json");
  return onnxRunner(ort, { ...task, version }, { intraOpNumThreads: threads, interOpNumThreads: 1 });
});
