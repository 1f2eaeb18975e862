// The same by `fit`: data set, augmentation, schedule, checkpoints.
import { compile } from "sabok";
import { makeDataset } from "sabok/data";
import { mobilenetV3Small } from "sabok/models";
import { fit } from "sabok/train";

const images = { channels: 3, height: 32, width: 32, count: 64, pixels: new Uint8Array(64 * 3072), labels: new Uint8Array(64).map((_, i) => i % 2) };
const dataset = makeDataset({ name: "page", source: "page", classes: ["a", "b"], flip: true, train: images }, { seed: 1 });
const options = { epochs: 2, batch: 16, learningRate: 0.01, warmupEpochs: 1, smoothing: 0.1, averageDecay: 0.99, augmentation: {}, seed: 1 };
const optimizer = { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.05 };
const run = await fit(mobilenetV3Small({ classes: 2, input: [3, 32, 32] }), dataset, { ...options, optimizer });
const session = await compile(run.network);
window.result = await session.run({ image: new Float32Array(3072) });
