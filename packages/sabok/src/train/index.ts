export {
  createEvaluationSession,
  evaluateClassifier,
  rowProbabilities,
  type Evaluation,
  type Prediction,
} from "./evaluate.ts";
export {
  fit,
  type Checkpoint,
  type EpochMetrics,
  type FitHooks,
  type FitOptions,
  type FitResult,
  type Progress,
} from "./fit.ts";
export { type Optimizer } from "./optimizer.ts";
export { averagingAmountAt, learningRateAt, type Schedule } from "./schedule.ts";
export { averagedName, initialStates, trainingGraph, type TrainingGraphOptions } from "./trainingGraph.ts";
