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
export { printGraph, type Graph, type Value } from "./graph/index.ts";
export { gradients, vectorJacobianProduct } from "./autodiff/index.ts";
export * from "./passes/index.ts";
export * from "./nn/index.ts";
export { interpret } from "./backends/reference/index.ts";
export * from "./runtime/index.ts";
