// Networks as plain functions: what a user builds with. The models stand in models/.
export { scope } from "./building.ts";
export {
  heNormal,
  heNormalOfGroup,
  ones,
  uniformByFanIn,
  zeros,
  type Initialization,
} from "./initializers.ts";
export * from "./layers/index.ts";
export {
  evaluate,
  network,
  type EvaluateOptions,
  type Network,
  type NetworkOptions,
  type Results,
} from "./network.ts";
export { initialize, type Float32Tensor, type Weights } from "./weights.ts";
