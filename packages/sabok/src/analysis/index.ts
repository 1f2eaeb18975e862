// What can be said about a network: what it sees, what it costs, what it hides.
export { inferenceMemory, trainingMemory, type MemoryPeak } from "./activationMemory.ts";
export {
  analysisDocument,
  analyze,
  type Analysis,
  type AnalysisDocument,
  type AnalyzedLayer,
  type AnalyzeOptions,
  type ReceptiveFieldDocument,
} from "./analyze.ts";
export * from "./design/index.ts";
export { countMacs, countParameters, layerTable, type LayerRow, type LayerTable } from "./cost.ts";
export { elementOperations, type ElementOperations, type Uncounted } from "./elementOperations.ts";
export { applyFixes, lint, lintRules, type LintOptions } from "./lint/lint.ts";
export { type Finding, type Rule, type Severity, type StatisticsShift } from "./lint/rule.ts";
export { fieldsOf, type Fields, type Misalignment } from "./receptiveField/fields.ts";
export { receptiveField, type ReceptiveField } from "./receptiveField/receptiveField.ts";
export {
  verifyReceptiveField,
  type Verification,
  type VerifyOptions,
} from "./receptiveField/verifyReceptiveField.ts";
export { machinePeaks, rooflineTime, type RooflineTime } from "./roofline.ts";
export {
  jacobian,
  type JacobianComparison,
  type JacobianOptions,
  type JacobianSpectrum,
} from "./signal/jacobian.ts";
export { signal, type LayerSignal, type SignalOptions } from "./signal/signal.ts";
export { statisticsShifts } from "./signal/statisticsShifts.ts";
export { analysisPage, type AnalysisPage, type SignalRun } from "./page/analysisPage.ts";
