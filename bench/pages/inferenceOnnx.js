// The same from an ONNX file.
import { compile } from "sabok";
import { fromOnnx } from "sabok/onnx";

const model = fromOnnx(new Uint8Array(await (await fetch("model.onnx")).arrayBuffer()));
const session = await compile(model, { threads: navigator.hardwareConcurrency });
const { logits } = await session.run({ image: new Float32Array(3 * 224 * 224) });
window.result = logits.data.indexOf(Math.max(...logits.data));
