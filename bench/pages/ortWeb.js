// An ONNX model on onnxruntime-web's wasm build.
import * as ort from "onnxruntime-web/wasm";

const session = await ort.InferenceSession.create("model.onnx");
const image = new ort.Tensor("float32", new Float32Array(3 * 224 * 224), [1, 3, 224, 224]);
window.result = (await session.run({ image })).logits.data;
