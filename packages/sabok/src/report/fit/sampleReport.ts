// A made-up but likely run, for tests and for looking at the page: the numbers hang together, the network does not exist.
import { Random } from "../../core/index.ts";
import type { FitEpoch, FitReport, FitTest, LayerRow } from "./fitReport.ts";

export interface SampleOptions {
  readonly classes?: readonly string[];
  readonly testImages?: number;
  readonly epochs?: number;
  readonly channels?: 1 | 3;
  readonly side?: number;
  readonly validation?: boolean;
  /** The share of test images that are recognised, about. */
  readonly accuracy?: number;
}

export const fashionClasses = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
];

/** The input of `fitReport` for a run that never was. */
export function sampleReport({
  classes = fashionClasses,
  testImages = 2000,
  epochs = 12,
  channels = 1,
  side = 28,
  validation = true,
  accuracy = 0.887,
}: SampleOptions = {}): FitReport {
  const random = new Random(7);
  const layers = sampleLayers(channels, side, classes.length);
  const test = sampleTest(random, classes.length, testImages, accuracy);
  const size = channels * side * side;
  return {
    date: "2025-11-03",
    version: "0.1.0",
    command: "sabok fit fashion-mnist --budget 6M --out runs/first",
    options: {
      "--budget": "6M",
      "--epochs": epochs,
      "--batch": 64,
      "--optimizer": "sgd",
      "--lr": 0.2,
      "--ema": 0.998,
      "--flip": true,
    },
    seed: 1,
    backend: "wasm, relaxed-simd, 1 thread",
    seconds: epochs * 12.9 + 6.2,
    data: {
      name: "fashion-mnist",
      source: "the first 10,000 training and 2,000 test images, embedded",
      classes,
      counts: { train: validation ? 9000 : 10000, validation: validation ? 1000 : 0, test: testImages },
      statistics:
        channels === 1
          ? { mean: [0.28604], std: [0.35302] }
          : { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] },
    },
    model: {
      name: "mobilenet_v3_small, width 0.5",
      params: layers.reduce((sum, layer) => sum + layer.params, 0),
      macs: layers.reduce((sum, layer) => sum + layer.macs, 0),
      budget: 6_000_000,
      layers,
      folder: "runs/first",
    },
    history: Array.from({ length: epochs }, (_, i) => sampleEpoch(random, i, epochs, validation)),
    test,
    testImages: {
      pixels: Uint8Array.from({ length: testImages * size }, (_, i) => {
        const [y, x] = [Math.floor((i % (side * side)) / side), i % side];
        const inside =
          Math.hypot(x - side / 2, y - side / 2) <
          side * (0.2 + 0.25 * Math.abs(Math.sin(Math.floor(i / size))));
        return inside ? 120 + ((x * 5 + y * 3 + Math.floor(i / (side * side)) * 40) % 130) : 0;
      }),
      channels,
      height: side,
      width: side,
    },
    folding: { layers: 34, images: 256, largestDifference: 7.629e-6, largestLogit: 11.83 },
  };
}

function sampleEpoch(random: Random, i: number, epochs: number, validation: boolean): FitEpoch {
  const noise = (): number => 0.012 * (random.uniform() - 0.5);
  const progress = i / Math.max(1, epochs - 1);
  const fall = Math.exp(-3 * progress);
  return {
    epoch: i + 1,
    loss: 0.66 + 0.85 * fall + noise(),
    accuracy: 0.9 - 0.32 * fall + noise(),
    ...(validation && {
      validation: { loss: 0.3 + 0.55 * fall + noise(), accuracy: 0.892 - 0.2 * fall + noise() },
    }),
    learningRate: Math.max(1.2e-5, 0.1 * (1 + Math.cos(Math.PI * progress))),
    imagesPerSecond: 760 + 2000 * noise(),
    seconds: 11.8 + 10 * noise(),
  };
}

/** Mistakes prefer the neighbouring classes, as real ones prefer the similar ones. */
function sampleTest(random: Random, classes: number, count: number, accuracy: number): FitTest {
  const confusion = Array.from({ length: classes }, () => Array.from<number>({ length: classes }).fill(0));
  const predictions = Array.from({ length: count }, (_, index) => {
    const actual = index % classes;
    const hardness = 1 + 0.9 * Math.sin(actual * 2.4);
    const right = random.uniform() > (1 - accuracy) * hardness;
    const away = 1 + Math.min(classes - 2, Math.floor(Math.abs(random.normal()) * 2));
    const predicted = right ? actual : (actual + Math.max(1, away)) % classes;
    confusion[actual]![predicted]!++;
    return { index, actual, predicted, confidence: 1 - 0.5 * random.uniform() ** 2 };
  });
  const correct = predictions.filter(({ actual, predicted }) => actual === predicted).length;
  return { count, accuracy: correct / count, loss: 0.3187, confusion, predictions };
}

function sampleLayers(channels: number, side: number, classes: number): LayerRow[] {
  const layers: LayerRow[] = [];
  let size = side;
  const conv = (
    name: string,
    op: string,
    inputs: number,
    outputs: number,
    kernel: number,
    stride = 1,
    groups = 1,
  ): void => {
    size = Math.ceil(size / stride);
    const weights = ((inputs * outputs) / groups) * kernel ** 2;
    layers.push({
      name,
      op,
      output: [outputs, size, size],
      params: weights + 2 * outputs,
      macs: weights * size ** 2,
    });
  };
  conv("features.0.0", "conv2d 3x3", channels, 16, 3, 2);
  let inputs = 16;
  for (const [i, [expanded, outputs, stride]] of (
    [
      [48, 24, 1],
      [96, 24, 1],
      [96, 32, 2],
      [144, 32, 1],
      [144, 48, 1],
      [192, 48, 1],
      [192, 64, 2],
      [256, 64, 1],
    ] as const
  ).entries()) {
    const block = `features.${i + 1}.block`;
    conv(`${block}.0.0`, "conv2d 1x1", inputs, expanded, 1);
    conv(`${block}.1.0`, "depthwise 3x3", expanded, expanded, 3, stride, expanded);
    conv(`${block}.2.0`, "conv2d 1x1", expanded, outputs, 1);
    inputs = outputs;
  }
  conv("features.9.0", "conv2d 1x1", inputs, 288, 1);
  layers.push({ name: "pool", op: "globalAveragePool", output: [288], params: 0, macs: 0 });
  layers.push({
    name: "classifier.0",
    op: "linear",
    output: [classes],
    params: 288 * classes + classes,
    macs: 288 * classes,
  });
  return layers;
}
