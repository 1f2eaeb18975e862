// CIFAR-10 by a small network in minutes on two cores; the library's own functions, nothing else.
//   node bench/cifar10.mjs <folder with CIFAR-10> [epochs] [width factor]      (after `npm run build`)
// Prints a line an epoch and the accuracy on the 10,000 test images, which nothing was chosen by.
import { batchNorm, conv2d, flatten, linear, maxPool2d, network } from "sabok";
import { evaluationBatches } from "sabok/data";
import { openDataset } from "sabok/node";
import { createEvaluationSession, evaluateClassifier, fit } from "sabok/train";

const [dataDir, epochs = "12", width = "1"] = process.argv.slice(2);
const started = performance.now();
const minutes = () => `${((performance.now() - started) / 60_000).toFixed(1)} min`;

/** Seven convolutions, three of them followed by pooling: after the networks of the DAWNBench entries, narrow. */
const model = network({ image: [3, 32, 32] }, ({ image }) => {
  const layer = (x, channels, { kernel = 3, pool = false } = {}) => {
    const y = conv2d(x, { out: Math.round(channels * Number(width)), kernel, padding: kernel === 3 ? 1 : 0, bias: false });
    return batchNorm(pool ? maxPool2d(y, { kernel: 2, stride: 2 }) : y, { activation: "relu" });
  };
  const half = (x, channels) => layer(x, channels, { pool: true });
  const x = layer(image, 16, { kernel: 2 });
  const map = layer(half(layer(half(layer(half(x, 24), 32), 96), 96), 128), 128);
  return linear(flatten(maxPool2d(map, { kernel: 3, stride: 3 })), { out: 10 });
});

const dataset = await openDataset("cifar10", { dataDir, validation: 0, seed: 1 });
const batch = 128;
const threads = 2;
const options = {
  epochs: Number(epochs),
  batch,
  optimizer: { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay: 5e-4 },
  learningRate: 0.15,
  warmupEpochs: 0.15 * Number(epochs),
  smoothing: 0.1,
  averageDecay: 0.995,
  augmentation: { shift: 3, padding: "reflect", flip: true },
  seed: 1,
  threads,
};
const result = await fit(model, dataset, options, {
  onEpoch(metrics) {
    if (!metrics) return;
    const { epoch, loss, accuracy, imagesPerSecond } = metrics;
    console.log(`epoch ${String(epoch).padStart(2)}: loss ${loss.toFixed(4)}, accuracy ${(100 * accuracy).toFixed(1)} %, ${imagesPerSecond.toFixed(0)} images/s, ${minutes()}`);
  },
});
const session = await createEvaluationSession(result.network.graph, batch, { threads });
session.setStates(result.network.weights);
const batches = evaluationBatches(dataset.test, { batch, classes: 10, statistics: result.statistics });
const { accuracy, count, loss } = await evaluateClassifier(session, batches);
console.log(`test: top-1 ${(100 * accuracy).toFixed(2)} % of ${count} images, loss ${loss.toFixed(4)}; ${minutes()} in all, ${result.backend}`);
process.exit(0);
