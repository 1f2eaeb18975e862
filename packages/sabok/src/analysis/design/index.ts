// The cheapest stack of convolutions that sees enough.
export { design, type DesignHooks, type DesignProgress } from "./design.ts";
export type {
  Degenerate,
  Design,
  DesignProof,
  DesignResult,
  FieldCost,
  NoDesign,
  Optimality,
  SeenField,
} from "./designResult.ts";
export {
  designDefaults,
  relativeField,
  seenShare,
  type Coverage,
  type DesignOptions,
  type DesignProblem,
  type Measure,
  type RelativeField,
} from "./problem.ts";
export {
  depthLaw,
  relaxedOptimum,
  unboundedDilation,
  type DepthLaw,
  type RelaxedOptimum,
  type UnboundedDilation,
} from "./relaxation.ts";
export {
  effectiveStdOf,
  hybridDilation,
  isHoleFree,
  jumpsOf,
  layerMacs,
  outputsOf,
  stackReceptiveField,
  receptiveFieldsOf,
  numbersText,
  stackText,
  stepsOf,
  supportOf,
  type ConvolutionLayer,
  type CostModel,
  type Extent,
  type HybridDilation,
  type Layers,
} from "./stack.ts";
export { designPage, proofLine, type DesignPage } from "./designPage.ts";
export { emitDesign, type EmittedDesign } from "./emit.ts";
export { measured } from "./infeasible.ts";
