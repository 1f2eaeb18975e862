// Models as files: ONNX in and out, and sabok's own pair of model.json and model.safetensors.
export { fromOnnx, type ImportedModel, type OnnxImportOptions } from "./fromOnnx.ts";
export { fromTfjs, type TfjsImportOptions } from "./fromTfjs.ts";
export type { ModelMetadata } from "./metadata.ts";
export { readModelJson, writeModelJson } from "./modelJson.ts";
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
