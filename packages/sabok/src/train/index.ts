export {
  createEvaluationSession,
  evaluateClassifier,
  rowProbabilities,
  type Evaluation,
  type Prediction,
} from "./evaluate.ts";
export { fit } from "./fit.ts";
export type {
  Checkpoint,
  EpochMetrics,
  FitHooks,
  FitOptions,
  FitResult,
  NextStep,
  Progress,
} from "./fitOptions.ts";
export { type Optimizer } from "./optimizer.ts";
export { averagingAmountAt, learningRateAt, type Schedule } from "./schedule.ts";
export { averagedName, initialStates, trainingGraph, type TrainingGraphOptions } from "./trainingGraph.ts";
