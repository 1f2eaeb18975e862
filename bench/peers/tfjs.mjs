// TensorFlow.js on its wasm backend: a graph model, predicted from an NHWC image. In Node it has one thread.
import "@tensorflow/tfjs-backend-wasm";
import { loadGraphModel } from "@tensorflow/tfjs-converter";
import * as tf from "@tensorflow/tfjs-core";
import { readCase, toNhwc } from "../lib/readCase.mjs";
import { serve } from "../lib/serve.mjs";
import { tfjsGraph } from "../lib/tfjsGraph.mjs";

serve(async ({ folder, threads = 1 }) => {
  if (threads > 1) throw new Error("its threads are disabled in Node");
  const known = readCase(folder);
  await tf.setBackend("wasm");
  const { modelTopology, weightSpecs, weightData } = tfjsGraph(known);
  const model = await loadGraphModel(tf.io.fromMemory({ modelTopology, weightSpecs, weightData }));
  const feeds = known.inputs.map(({ name, shape: [n, c, h, w] }) => ({
    name,
    shape: [n, h, w, c],
    values: toNhwc(known.data(name), [n, c, h, w]),
  }));
  const run = () => {
    const tensors = Object.fromEntries(feeds.map(({ name, shape, values }) => [name, tf.tensor(values, shape)]));
    const result = model.execute(tensors, known.output);
    const numbers = result.dataSync();
    tf.dispose([result, ...Object.values(tensors)]);
    return numbers;
  };
  return { version: tf.version_core, output: [...run()], run };
});
