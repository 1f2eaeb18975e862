// A case's model.onnx in either build of ONNX Runtime.
import { readCase, readFile } from "../lib/readCase.mjs";

export async function onnxRunner(ort, { folder, version }, options = {}) {
  const { inputs, data } = readCase(folder);
  const session = await ort.InferenceSession.create(readFile(folder, "model.onnx"), { graphOptimizationLevel: "all", ...options });
  const run = () =>
    session.run(Object.fromEntries(inputs.map(({ name, shape }) => [name, new ort.Tensor("float32", data(name), shape)])));
  return { version, output: [...Object.values(await run())[0].data], run };
}
