// Time to accuracy: epochs over the same images in the same order from the same weights, until the test images are named rightly
// often enough. The time is that of training; the peers take turns, an epoch each.
import { openDataset } from "sabok/node";
import { writeCase } from "../lib/caseFolder.mjs";
import { mobileLike } from "../lib/networks.mjs";
import { askedFor, openPeer } from "../lib/peer.mjs";

const goal = 0.86;
const mostEpochs = 12;
const batch = 32;

const options = {
  kind: "accuracy",
  batch,
  classes: 10,
  rate: 0.02,
  optimizer: { kind: "sgd", momentum: 0.9, nesterov: true, weightDecay: 1e-4 },
};

/** Pixels about zero, and labels, of a split's first images as tensors. */
function tensorsOf({ images, indices: all }, count, [imagesName, labelsName]) {
  const indices = [...all.subarray(0, count)];
  const size = images.channels * images.height * images.width;
  const data = new Float32Array(indices.length * size);
  indices.forEach((index, i) => {
    for (let at = 0; at < size; at++) data[i * size + at] = images.pixels[index * size + at] / 127.5 - 1;
  });
  const labels = Float32Array.from(indices, (index) => images.labels[index]);
  return { [imagesName]: { shape: [indices.length, size], data }, [labelsName]: { shape: [indices.length], data: labels } };
}

async function measure({ quick }) {
  const { train, test, channels, height, width } = await openDataset("fashion-mnist", { validation: 0, seed: 1 });
  const images = { ...tensorsOf(train, 10_000, ["images", "labels"]), ...tensorsOf(test, 2_000, ["testImages", "testLabels"]) };
  const { folder, remove } = writeCase(mobileLike({ batch, input: [channels, height, width] }), { ...options, images });
  const peers = [];
  try {
    for (const threads of [1, 2])
      for (const key of askedFor(["sabok", "sabok24", "torch", "torchLast"])) peers.push({ threads, times: [], ...(await openPeer(key, { folder, threads })) });
    for (let epoch = 0; epoch < (quick ? 1 : mostEpochs); epoch++)
      for (const peer of peers.filter((candidate) => !candidate.absent && !(candidate.accuracy >= goal))) {
        const { times, accuracy } = await peer.run(1);
        Object.assign(peer, { accuracy, times: [...peer.times, ...times] });
      }
    return peers.map(({ key, label, threads, version, absent, times, accuracy }) => {
      const row = { peer: key, label, threads };
      if (absent) return { ...row, absent };
      if (accuracy < goal) return { ...row, absent: `reached ${(100 * accuracy).toFixed(1)} % in ${times.length} epochs` };
      return { ...row, version, epochs: times.length, accuracy, seconds: times.reduce((a, b) => a + b, 0) / 1000 };
    });
  } finally {
    for (const peer of peers) peer.close?.();
    remove();
  }
}

/** @type {import("../main.mjs").Group} */
export const accuracy = {
  title: `Time to ${100 * goal} % of the test images of Fashion-MNIST's embedded part`,
  unit: "s",
  cases: [{ id: "mobilenetv2-like, 1x28x28, batch 32", measure }],
};
