// The model.onnx of a run in onnxruntime-web against sabok, on every test image: logits, and who is right how often.
//   node bench/onnxAccuracy.mjs runs/first [data folder]      (after `npm run build`)
import { readFileSync } from "node:fs";
import * as ort from "onnxruntime-web";
import { channelStatistics, evaluationBatches } from "sabok/data";
import { openDataset } from "sabok/node";
import { readModelJson, readSafetensors } from "sabok/onnx";
import { createEvaluationSession } from "sabok/train";

const [folder = "runs/first", dataDir] = process.argv.slice(2);
const { record } = JSON.parse(readFileSync(`${folder}/checkpoint/checkpoint.json`, "utf8"));
const { options, source } = record;
const dataset = await openDataset(source.data, {
  ...source,
  seed: options.seed,
  ...(dataDir && { dataDir }),
  log() {},
});
const statistics = channelStatistics(dataset.train);
const classes = dataset.classes.length;
const batches = evaluationBatches(dataset.test, { batch: 100, classes, statistics });
const { graph } = readModelJson(readFileSync(`${folder}/model.json`, "utf8"));
const sabok = await createEvaluationSession(graph, 100);
sabok.setStates(readSafetensors(readFileSync(`${folder}/model.safetensors`)).tensors);
ort.env.wasm.numThreads = 1;
const runtime = await ort.InferenceSession.create(readFileSync(`${folder}/model.onnx`));

let [difference, largest, right, rightThere, same] = [0, 0, 0, 0, 0];
for (let step = 0; step < batches.steps; step++) {
  const { images, labels, count } = batches.load(step);
  const [input] = runtime.inputNames;
  const shape = [100, dataset.channels, dataset.height, dataset.width];
  const there = (await runtime.run({ [input]: new ort.Tensor("float32", images, shape) }))[
    runtime.outputNames[0]
  ].data;
  const here = Object.values(await sabok.run({ [Object.keys(graph.inputs)[0]]: images }))[0].data;
  for (let row = 0; row < count; row++) {
    const best = (logits) => {
      const part = logits.subarray(row * classes, (row + 1) * classes);
      return part.indexOf(Math.max(...part));
    };
    right += Number(best(here) === labels[row]);
    rightThere += Number(best(there) === labels[row]);
    same += Number(best(here) === best(there));
  }
  for (let i = 0; i < count * classes; i++) {
    difference = Math.max(difference, Math.abs(here[i] - there[i]));
    largest = Math.max(largest, Math.abs(here[i]));
  }
}
const share = (n) => `${((100 * n) / batches.count).toFixed(2)} %`;
console.log(
  `${batches.count} test images: largest logit difference ${difference.toExponential(1)} (logits reach ${largest.toFixed(1)})`,
);
console.log(
  `top-1: sabok, batch norm unfolded ${share(right)}; onnxruntime-web, folded ${share(rightThere)}; same answer ${share(same)}`,
);
