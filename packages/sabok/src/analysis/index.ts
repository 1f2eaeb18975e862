// What can be said about a network: what it sees, what it costs, what it hides.
export { inferenceMemory, trainingMemory, type MemoryPeak } from "./activationMemory.ts";
export {
  analysisDocument,
  type AnalysisDocument,
  type InferenceAndTraining,
  type Measurements,
  type ReceptiveFieldDocument,
} from "./analysisDocument.ts";
export { analyze, withImageSize, type Analysis, type AnalyzedLayer, type AnalyzeOptions } from "./analyze.ts";
export * from "./design/index.ts";
export {
  countMacs,
  countParameters,
  layersOf,
  layerTable,
  type Layer,
  type LayerRow,
  type LayerTable,
} from "./cost.ts";
export { elementOperations, type ElementOperations, type Uncounted } from "./elementOperations.ts";
export { applyFixes, lint, lintRules, type LintOptions } from "./lint/lint.ts";
export { type Finding, type Rule, type Severity, type StatisticsShift } from "./lint/rule.ts";
export { effectiveField } from "./receptiveField/effectiveField.ts";
export { fieldsOf, type Fields, type Misalignment } from "./receptiveField/fields.ts";
export {
  coverageOf,
  lastMap,
  receptiveField,
  receptiveFieldOf,
  type ReceptiveField,
} from "./receptiveField/receptiveField.ts";
export {
  verifyReceptiveField,
  type Verification,
  type VerifyOptions,
} from "./receptiveField/verifyReceptiveField.ts";
export {
  machinePeaks,
  predictedTime,
  rooflineTime,
  type PredictedTime,
  type RooflineTime,
} from "./roofline.ts";
export {
  jacobian,
  type JacobianComparison,
  type JacobianOptions,
  type JacobianSpectrum,
} from "./signal/jacobian.ts";
export { signal, type SignalOptions } from "./signal/signal.ts";
export {
  signalProbe,
  type LayerSignal,
  type SignalProbe,
  type SignalProbeOptions,
} from "./signal/signalProbe.ts";
export { streamOf, type SignalStream } from "./signal/stream.ts";
export { statisticsProbe, statisticsShifts, type StatisticsProbe } from "./signal/statisticsProbe.ts";
export { layerGraph, type LayerGraph, type LayerNode } from "./page/layerGraph.ts";
export { analysisPage, type AnalysisPage } from "./page/analysisPage.ts";
export { type SignalRun } from "./page/signalSection.ts";
