// Trains the two residual networks of the study's chapter 1.6 on Fashion-MNIST at 14x14 and writes
// packages/sabok/assets/study/residual-post.safetensors and residual-pre.safetensors. One to three minutes.
//
//   node tools/study/residual.mjs
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
const { residualNetwork, trainedKinds } = await load("study/1.6/trainedNets.ts");

const options = {
  epochs: 4,
  batch: 64,
  optimizer: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
  learningRate: 3e-3,
  warmupEpochs: 1,
  smoothing: 0,
  averageDecay: 0,
  augmentation: {},
  seed: 1,
};
const dataset = await openDataset("fashion-mnist", { seed: 1, size: 14 });
const statistics = channelStatistics(dataset.train);
mkdirSync(target, { recursive: true });
for (const kind of trainedKinds) {
  const begun = performance.now();
  const { network } = await fit(residualNetwork(kind), dataset, options);
  const session = await createEvaluationSession(network.graph, 100);
  session.setStates(network.weights);
  const batches = evaluationBatches(dataset.test, { batch: 100, classes: 10, statistics });
  const { accuracy } = await evaluateClassifier(session, batches);
  const measured = { shape: [1], data: Float32Array.of(accuracy) };
  const states = new Map([...network.weights, ["measured.accuracy", measured]]);
  writeFileSync(new URL(`residual-${kind}.safetensors`, target), writeSafetensors(states));
  console.log(
    `${kind}: accuracy ${accuracy.toFixed(4)}, ${((performance.now() - begun) / 1000).toFixed(1)} s`,
  );
}
await server.close();
