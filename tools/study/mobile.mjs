// Trains the networks of the study's chapter 6 on Fashion-MNIST at 14x14 and writes packages/sabok/assets/study/mobile-*.safetensors:
// the plain stack, the expansions t and the squeeze ratios r, each with its accuracy, and 1000 test images. One to three minutes.
//
//   node tools/study/mobile.mjs [names such as t6 r8; default all]
import { openFashionTraining, scalar } from "./fashionTraining.mjs";

const training = await openFashionTraining({ learningRate: 4e-3 });
const { familyNetwork, plainNetwork, trainedExpansions, trainedRatios } =
  await training.load("study/mobileFamily.ts");
const networks = {
  plain: () => plainNetwork(),
  ...Object.fromEntries(
    trainedExpansions.map((expansion) => [`t${expansion}`, () => familyNetwork({ expansion })]),
  ),
  ...Object.fromEntries(trainedRatios.map((ratio) => [`r${ratio}`, () => familyNetwork({ ratio })])),
};

writeImages(1000);
const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : Object.keys(networks)) {
  const { states, accuracy, loss } = await training.train(name, networks[name]());
  training.write(
    `mobile-${name}`,
    new Map([...states, ["measured.accuracy", scalar(accuracy)], ["measured.loss", scalar(loss)]]),
  );
}
await training.close();

/** The first test images, four pixels in an int32 (the first lowest), and what normalises them. */
function writeImages(count) {
  const { images, indices } = training.dataset.test;
  const size = images.height * images.width;
  const bytes = new Uint8Array(count * size);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    bytes.set(images.pixels.subarray(indices[i] * size, (indices[i] + 1) * size), i * size);
    labels[i] = images.labels[indices[i]];
  }
  const pixels = new Int32Array(bytes.buffer);
  training.write(
    "mobile-images",
    new Map([
      ["pixels", { shape: [pixels.length], data: pixels }],
      ["labels", { shape: [count], data: labels }],
      ["mean", scalar(training.statistics.mean[0])],
      ["std", scalar(training.statistics.std[0])],
    ]),
  );
}
