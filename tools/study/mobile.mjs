// Trains the networks of the study's chapter 6 on Fashion-MNIST at 14x14 and writes packages/sabok/assets/study/mobile-*.safetensors:
// the plain stack, the expansions t and the squeeze ratios r, each with its accuracy, and 1000 test images. One to three minutes.
//
//   node tools/study/mobile.mjs [names such as t6 r8; default all]
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createServer } from "vite";
import { kernelsPlugin } from "../kernelsPlugin.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const target = new URL("../../packages/sabok/assets/study/", import.meta.url);
const server = await createServer({
  root,
  configFile: false,
  logLevel: "error",
  plugins: [kernelsPlugin()],
  resolve: { tsconfigPaths: true },
  server: { middlewareMode: true, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
});
const load = (path) => server.ssrLoadModule(`/packages/sabok/src/${path}`);
const { openDataset } = await load("node/data/index.ts");
const { fit, createEvaluationSession, evaluateClassifier } = await load("train/index.ts");
const { channelStatistics, evaluationBatches } = await load("data/index.ts");
const { writeSafetensors } = await load("onnx/safetensors.ts");
const { familyNetwork, plainNetwork, trainedExpansions, trainedRatios } = await load("study/mobileFamily.ts");

const options = {
  epochs: 4,
  batch: 64,
  optimizer: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
  learningRate: 4e-3,
  warmupEpochs: 1,
  smoothing: 0,
  averageDecay: 0,
  augmentation: {},
  seed: 1,
};
const networks = {
  plain: () => plainNetwork(),
  ...Object.fromEntries(
    trainedExpansions.map((expansion) => [`t${expansion}`, () => familyNetwork({ expansion })]),
  ),
  ...Object.fromEntries(trainedRatios.map((ratio) => [`r${ratio}`, () => familyNetwork({ ratio })])),
};

const dataset = await openDataset("fashion-mnist", { seed: 1, size: 14 });
const statistics = channelStatistics(dataset.train);
mkdirSync(target, { recursive: true });
const write = (name, tensors) =>
  writeFileSync(new URL(`mobile-${name}.safetensors`, target), writeSafetensors(tensors));
const scalar = (value) => ({ shape: [1], data: Float32Array.of(value) });

writeImages(1000);
const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : Object.keys(networks)) {
  const begun = performance.now();
  const { network } = await fit(networks[name](), dataset, options);
  const session = await createEvaluationSession(network.graph, 100);
  session.setStates(network.weights);
  const batches = evaluationBatches(dataset.test, { batch: 100, classes: 10, statistics });
  const { accuracy, loss } = await evaluateClassifier(session, batches);
  const states = new Map([
    ...network.weights,
    ["measured.accuracy", scalar(accuracy)],
    ["measured.loss", scalar(loss)],
  ]);
  write(name, states);
  console.log(
    `${name}: accuracy ${accuracy.toFixed(4)}, loss ${loss.toFixed(4)}, ${((performance.now() - begun) / 1000).toFixed(1)} s`,
  );
}
await server.close();

/** The first test images, four pixels in an int32 (the first lowest), and what normalises them. */
function writeImages(count) {
  const { images, indices } = dataset.test;
  const size = images.height * images.width;
  const bytes = new Uint8Array(count * size);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    bytes.set(images.pixels.subarray(indices[i] * size, (indices[i] + 1) * size), i * size);
    labels[i] = images.labels[indices[i]];
  }
  const pixels = new Int32Array(bytes.buffer);
  write(
    "images",
    new Map([
      ["pixels", { shape: [pixels.length], data: pixels }],
      ["labels", { shape: [count], data: labels }],
      ["mean", scalar(statistics.mean[0])],
      ["std", scalar(statistics.std[0])],
    ]),
  );
}
