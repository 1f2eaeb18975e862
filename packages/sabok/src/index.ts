// sabok: design, train, explain and ship lightweight convolutional networks.
export {
  NonFiniteError,
  SabokError,
  ShapeError,
  nearestNames,
  tensor,
  type Shape,
  type Tensor,
  type TensorData,
} from "./core/index.ts";
export { GraphBuilder, printGraph, type Graph, type Value } from "./graph/index.ts";
export { gradients, vectorJacobianProduct } from "./autodiff/index.ts";
export * from "./passes/index.ts";
export * from "./nn/index.ts";
export { interpret } from "./backends/reference/index.ts";
export * from "./runtime/index.ts";
// The two files of a trained network. Not by way of onnx/index.ts: who only reads these need not load the ONNX reader.
export type { ModelMetadata } from "./onnx/metadata.ts";
export { readModelJson, writeModelJson } from "./onnx/modelJson.ts";
export { readSafetensors, writeSafetensors, type Safetensors } from "./onnx/safetensors.ts";
