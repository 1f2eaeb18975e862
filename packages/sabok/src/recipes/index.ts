// Whole jobs made of the rooms below: what `sabok/recipes` offers. They run wherever a RunStore can be given.
export { listModels, type ChosenNetwork, type ListedModel, type NetworkChoice } from "./buildNetwork.ts";
export { type DataSource, type Provenance, type RunRecord } from "./checkpoint.ts";
export { chooseNetwork, parseCount, type NetworkBudget, type NetworkForBudget } from "./chooseNetwork.ts";
export { defaults, type TrainingChoices } from "./defaults.ts";
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
export { predict, type Guess } from "./predict.ts";
export { memoryStore, runFiles, type RunStore } from "./runStore.ts";
export { loadOnnx, loadRun, type TrainedModel } from "./trainedModel.ts";
