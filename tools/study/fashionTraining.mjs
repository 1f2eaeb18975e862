// What the study's trained networks have in common: Fashion-MNIST at 14x14, four epochs, one seed, a checkpoint beside its accuracy.
import { mkdirSync, writeFileSync } from "node:fs";
import { openSources } from "./sources.mjs";

const target = new URL("../../packages/sabok/assets/study/", import.meta.url);

/**
 * Opens the data and the training of the library. `write` puts states into packages/sabok/assets/study/<name>.safetensors; `train` trains a
 * network and gives its states with its top-1 accuracy and mean loss on the test images.
 * @param {{ learningRate: number }} options
 */
export async function openFashionTraining({ learningRate }) {
  const { load, close } = await openSources();
  const { openDataset } = await load("node/data/index.ts");
  const { fit, createEvaluationSession, evaluateClassifier } = await load("train/index.ts");
  const { channelStatistics, evaluationBatches } = await load("data/index.ts");
  const { writeSafetensors } = await load("onnx/safetensors.ts");
  const dataset = await openDataset("fashion-mnist", { seed: 1, size: 14 });
  const statistics = channelStatistics(dataset.train);
  mkdirSync(target, { recursive: true });

  const options = {
    epochs: 4,
    batch: 64,
    optimizer: { kind: "adamw", beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
    learningRate,
    warmupEpochs: 1,
    smoothing: 0,
    averageDecay: 0,
    augmentation: {},
    seed: 1,
  };
  return {
    load,
    close,
    dataset,
    statistics,
    /** @param {string} name @param {Map<string, unknown>} tensors */
    write(name, tensors) {
      writeFileSync(new URL(`${name}.safetensors`, target), writeSafetensors(tensors));
    },
    /** @param {string} name as it is printed @param {unknown} untrained */
    async train(name, untrained) {
      const begun = performance.now();
      const { network } = await fit(untrained, dataset, options);
      const session = await createEvaluationSession(network.graph, 100);
      session.setStates(network.weights);
      const batches = evaluationBatches(dataset.test, { batch: 100, classes: 10, statistics });
      const { accuracy, loss } = await evaluateClassifier(session, batches);
      const seconds = (performance.now() - begun) / 1000;
      console.log(
        `${name}: accuracy ${accuracy.toFixed(4)}, loss ${loss.toFixed(4)}, ${seconds.toFixed(1)} s`,
      );
      return { states: network.weights, accuracy, loss };
    },
  };
}

/** A tensor of one number. @param {number} value */
export const scalar = (value) => ({ shape: [1], data: Float32Array.of(value) });
