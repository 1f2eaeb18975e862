// The cheapest stack of convolutions that sees enough.
export {
  design,
  type Degenerate,
  type Design,
  type DesignHooks,
  type DesignProgress,
  type DesignProof,
  type DesignResult,
  type FieldCost,
  type NoDesign,
  type Optimality,
  type SeenField,
} from "./design.ts";
export { designDefaults, relativeField, type Coverage, type DesignOptions, type DesignProblem, type Measure, type RelativeField } from "./problem.ts";
export { depthLaw, relaxedOptimum, unboundedDilation, type DepthLaw, type RelaxedOptimum, type UnboundedDilation } from "./relaxation.ts";
export {
  effectiveStdOf,
  hybridDilation,
  isHoleFree,
  jumpsOf,
  layerMacs,
  outputsOf,
  receptiveFieldOf,
  receptiveFieldsOf,
  stepsOf,
  supportOf,
  type ConvolutionLayer,
  type CostModel,
  type Extent,
  type HybridDilation,
  type Layers,
} from "./stack.ts";
export { designPage, proofLine, stackText, type DesignPage } from "./designPage.ts";
export { emitDesign, type EmittedDesign } from "./emit.ts";
export { measured } from "./infeasible.ts";
