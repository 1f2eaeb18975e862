// How each operator is said in ONNX, one rule an operator. A new operator does not compile until it has one here.
import { opTable, type OpName } from "../ops/index.ts";
import { exportArithmetic } from "./exportArithmetic.ts";
import type { ExportRule } from "./exportSite.ts";
import { exportSpatial } from "./exportSpatial.ts";
import { exportTensors } from "./exportTensors.ts";

/** lowerForOnnx takes the operator apart. */
const lowered = "lowered";

/** Why an operator is not exported. */
const refused = {
  training: "it belongs to training: export the inference graph (toInference)",
  gradient: "it is a gradient, which ONNX has no operator for",
} as const;

export const exportRules = {
  ...exportArithmetic,
  ...exportSpatial,
  ...exportTensors,

  fusedConv2d: lowered,
  fusedLinear: lowered,
  silu: lowered,
  channelSum: lowered,
  batchMean: lowered,
  batchVariance: lowered,
  sumTo: lowered,
  crossEntropy: lowered,

  dropout: { refused: refused.training },
  movingAverage: { refused: refused.training },
  sgdMomentum: { refused: refused.training },
  sgdStep: { refused: refused.training },
  adamMoment1: { refused: refused.training },
  adamMoment2: { refused: refused.training },
  adamStep: { refused: refused.training },
  lerp: { refused: refused.training },

  activationGradient: { refused: refused.gradient },
  gatherGradient: { refused: refused.gradient },
  gatherElementsGradient: { refused: refused.gradient },
  batchNormGradientSums: { refused: refused.gradient },
  batchNormInputGradient: { refused: refused.gradient },
  conv2dWeightGradient: { refused: refused.gradient },
  crossEntropyGradient: { refused: refused.gradient },
  maxPool2dGradient: { refused: refused.gradient },
  maxPool2dSelect: { refused: refused.gradient },
  averagePool2dGradient: { refused: refused.gradient },
  resizeGradient: { refused: refused.gradient },
  sliceGradient: { refused: refused.gradient },
  gridSampleInputGradient: { refused: refused.gradient },
  gridSampleGridGradient: { refused: refused.gradient },
  roiAlignGradient: { refused: refused.gradient },
  roiPoolGradient: { refused: refused.gradient },
  roiPoolSelect: { refused: refused.gradient },
} satisfies Record<OpName, ExportRule | typeof lowered | { readonly refused: string }>;

/** The rule of an operator by name. */
export function exportRuleOf(op: string): ExportRule | typeof lowered | { readonly refused: string } {
  if (!Object.hasOwn(opTable, op)) return { refused: "sabok has no such operator" };
  return exportRules[op as OpName];
}

/** Operators that take a bias in, when the value is nothing but the operand of one biasAdd. */
export const takesBias: ReadonlySet<string> = new Set<OpName>(["conv2d", "conv2dInputGradient", "linear"]);
