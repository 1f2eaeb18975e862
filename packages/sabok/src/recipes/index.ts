// Whole jobs made of the rooms below: what `sabok/recipes` offers. They run wherever a RunStore can be given.
export { listModels, type ChosenNetwork, type ListedModel, type NetworkChoice } from "./buildNetwork.ts";
export { type DataSource, type Provenance, type RunRecord } from "./checkpoint.ts";
export { chooseNetwork, parseCount, type NetworkBudget, type NetworkForBudget } from "./chooseNetwork.ts";
export { defaults, type TrainingChoices } from "./defaults.ts";
export { cocoClasses } from "./cocoClasses.ts";
export {
  decodeBoxes,
  detectorOutputs,
  keepDetections,
  ssdScales,
  type Detection,
  type DetectionOptions,
  type DetectorOutputs,
} from "./detect.ts";
export { describeOptions } from "./describeOptions.ts";
export { exportFormats, exportModel, type ExportFormat } from "./exportModel.ts";
export { type FinishedRun } from "./finishRun.ts";
export {
  fitImages,
  resumeFit,
  type FitEvent,
  type FitOutcome,
  type FitRequest,
  type OpenImages,
  type RunHooks,
} from "./fitImages.ts";
export { checkFolding, foldedNetwork, type FoldingCheck } from "./foldedNetwork.ts";
export { headOf, withClasses, withoutSoftmax, type Head } from "./headOf.ts";
export {
  guessModel,
  matchWeights,
  mismatches,
  type Mismatch,
  type ModelGuess,
  type WeightMatch,
} from "./matchWeights.ts";
export { predict, type Guess } from "./predict.ts";
export { memoryStore, runFiles, type RunStore } from "./runStore.ts";
export { type Pretrained, type TransferRecord, type TransferRequest } from "./startFrom.ts";
export { loadClassifier, loadOnnx, loadRun, type TrainedModel } from "./trainedModel.ts";
