// onnxruntime-node: the native library.
import { serve } from "../lib/serve.mjs";
import { onnxRunner } from "./onnxRunner.mjs";

serve(async ({ threads = 1, ...task }) => {
  const ort = await import("onnxruntime-node").catch(() => {
    throw new Error("onnxruntime-node is not installed");
  });
  return onnxRunner(ort, { ...task, version: ort.env.versions.node }, { intraOpNumThreads: threads, interOpNumThreads: 1 });
});
