// sabok, from the files it writes: model.json and safetensors.
import { compile, createSession, foldBatchNorm, toInference } from "sabok";
import { readModelJson, readSafetensors } from "sabok/onnx";
import { initialStates, trainingGraph } from "sabok/train";
import { batchesOf, readCase, readFile } from "../lib/readCase.mjs";
import { serve } from "../lib/serve.mjs";

const lossesCompared = 3;

serve(async ({ folder, threads = 1 }) => {
  const { kind, batch, inputs, optimizer, rate, data } = readCase(folder);
  const network = {
    graph: readModelJson(readFile(folder, "sabok.json").toString()).graph,
    weights: readSafetensors(readFile(folder, "sabok.safetensors")).tensors,
  };
  const feeds = Object.fromEntries(inputs.map(({ name }) => [name, data(name)]));
  const version = (session) => `${session.simd === "simd" ? "multiply and add" : "fused"}, Node ${process.versions.node}`;
  if (kind === "accuracy") {
    const learner = await learning(network, { batch, optimizer, rate, threads, data });
    return { version: version(learner.session), output: [], run: learner.epoch, accuracy: learner.accuracy };
  }
  if (kind === "training") {
    const graph = trainingGraph(network.graph, { batch, optimizer, smoothing: 0, average: false });
    const session = await createSession(graph, { threads });
    session.setStates(initialStates(graph, network.weights));
    const run = () => session.run({ ...feeds, target: data("target"), rate: Float32Array.of(rate) });
    const output = [];
    while (output.length < lossesCompared) output.push((await run()).loss.data[0]);
    return { version: version(session), output, run };
  }
  const session =
    kind === "inference" ? await compile(network, { batch, threads }) : await createSession(network.graph, { threads });
  if (kind === "operator") session.setStates(network.weights);
  const run = () => session.run(feeds);
  return { version: version(session), output: [...Object.values(await run())[0].data], run };
});

/** Epochs over the case's images, and the share of its test images that the network then names rightly. */
async function learning(network, { batch, optimizer, rate, threads, data }) {
  const [images, labels, testImages, testLabels] = ["images", "labels", "testImages", "testLabels"].map(data);
  const pixels = images.length / labels.length;
  const graph = trainingGraph(network.graph, { batch, optimizer, smoothing: 0, average: false });
  const session = await createSession(graph, { threads });
  session.setStates(initialStates(graph, network.weights));
  const tester = await compile(network, { batch, threads });
  const classes = Object.values(tester.graph.outputs)[0].type.shape[1];
  const image = new Float32Array(batch * pixels);
  let epochs = 0;
  const epoch = async () => {
    for (const batchIndices of batchesOf(labels.length, batch, epochs)) {
      const target = new Float32Array(batch * classes);
      batchIndices.forEach((index, i) => {
        image.set(images.subarray(index * pixels, (index + 1) * pixels), i * pixels);
        target[i * classes + labels[index]] = 1;
      });
      await session.run({ image, target, rate: Float32Array.of(rate) });
    }
    epochs++;
  };
  const accuracy = async () => {
    const states = session.getStates(network.weights.keys());
    const { weights } = foldBatchNorm(toInference(network.graph), states);
    tester.setStates(weights);
    let right = 0;
    for (let first = 0; first + batch <= testLabels.length; first += batch) {
      const { data: logits } = Object.values(await tester.run({ image: testImages.subarray(first * pixels, (first + batch) * pixels) }))[0];
      for (let i = 0; i < batch; i++) {
        const own = logits.subarray(i * classes, (i + 1) * classes);
        if (own.indexOf(Math.max(...own)) === testLabels[first + i]) right++;
      }
    }
    return right / (Math.floor(testLabels.length / batch) * batch);
  };
  return { session, epoch, accuracy };
}
