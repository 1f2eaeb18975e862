// Models as files: ONNX in and out, TensorFlow.js and TFLite in, and sabok's own pair of model.json and model.safetensors.
export { fromOnnx, type ImportedModel, type OnnxImportOptions } from "./fromOnnx.ts";
export { fromTfjs, type TfjsImportOptions } from "./fromTfjs.ts";
export { fromTflite, type TfliteImportOptions } from "./fromTflite.ts";
export type { ModelMetadata } from "./metadata.ts";
export { readModelJson, writeModelJson } from "./modelJson.ts";
export { onnxInputs, type DeclaredInput } from "./onnxInputs.ts";
export { readSafetensors, writeSafetensors, type Safetensors } from "./safetensors.ts";
export { toOnnx, type OnnxOptions } from "./toOnnx.ts";
export {
  runOnnxTest,
  runOnnxTests,
  type OnnxTestCase,
  type OnnxTestReport,
  type OnnxTestResult,
  type RunModel,
} from "./runOnnxTest.ts";
export { readNpy, readTensorProto, writeNpy } from "./tensorFiles.ts";
