// sabok, from the files it writes: model.json and safetensors.
import { compile, createSession } from "sabok";
import { readModelJson, readSafetensors } from "sabok/onnx";
import { initialStates, trainingGraph } from "sabok/train";
import { readCase, readFile } from "../lib/readCase.mjs";
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
