export { deadCodeElimination } from "./deadCodeElimination.ts";
export { freezeStatistics } from "./freezeStatistics.ts";
export { foldBatchNorm, type Folded } from "./foldBatchNorm.ts";
export { fuseActivation } from "./fuseActivation.ts";
export { imageByImage } from "./imageByImage.ts";
export { removeDeadBias, type WithoutDeadBias } from "./removeDeadBias.ts";
export { toInference } from "./toInference.ts";
export { withBatch, withInputShapes } from "./withInputShapes.ts";
