// The op table: every operator there is. A new one is one file, one line here and one kernel entry a backend.
import type { OperatorTable } from "../graph/index.ts";
import { activationGradient } from "./activationGradient.ts";
import { adamMoment1 } from "./adamMoment1.ts";
import { adamMoment2 } from "./adamMoment2.ts";
import { adamStep } from "./adamStep.ts";
import { add } from "./add.ts";
import { affine } from "./affine.ts";
import { argMax } from "./argMax.ts";
import { averagePool2d } from "./averagePool2d.ts";
import { averagePool2dGradient } from "./averagePool2dGradient.ts";
import { batchMean } from "./batchMean.ts";
import { batchNorm } from "./batchNorm.ts";
import { batchNormGradientSums } from "./batchNormGradientSums.ts";
import { batchNormInputGradient } from "./batchNormInputGradient.ts";
import { batchVariance } from "./batchVariance.ts";
import { biasAdd } from "./biasAdd.ts";
import { broadcastTo } from "./broadcastTo.ts";
import { channelSum } from "./channelSum.ts";
import { compare } from "./compare.ts";
import { concat } from "./concat.ts";
import { conv2d } from "./conv2d.ts";
import { conv2dInputGradient } from "./conv2dInputGradient.ts";
import { conv2dWeightGradient } from "./conv2dWeightGradient.ts";
import { crossEntropy } from "./crossEntropy.ts";
import { crossEntropyGradient } from "./crossEntropyGradient.ts";
import { div } from "./div.ts";
import { dropout } from "./dropout.ts";
import { elementary } from "./elementary.ts";
import { exp } from "./exp.ts";
import { exponentiate } from "./exponentiate.ts";
import { flatten } from "./flatten.ts";
import { fusedConv2d } from "./fusedConv2d.ts";
import { fusedLinear } from "./fusedLinear.ts";
import { gather } from "./gather.ts";
import { gatherElements } from "./gatherElements.ts";
import { gatherElementsGradient } from "./gatherElementsGradient.ts";
import { gatherGradient } from "./gatherGradient.ts";
import { globalAveragePool } from "./globalAveragePool.ts";
import { gridSample } from "./gridSample.ts";
import { gridSampleGridGradient } from "./gridSampleGridGradient.ts";
import { gridSampleInputGradient } from "./gridSampleInputGradient.ts";
import { hardSigmoid } from "./hardSigmoid.ts";
import { hardSwish } from "./hardSwish.ts";
import { leakyRelu } from "./leakyRelu.ts";
import { lerp } from "./lerp.ts";
import { linear } from "./linear.ts";
import { log } from "./log.ts";
import { logSoftmax } from "./logSoftmax.ts";
import { matmul } from "./matmul.ts";
import { maximum } from "./maximum.ts";
import { maxPool2d } from "./maxPool2d.ts";
import { maxPool2dGradient } from "./maxPool2dGradient.ts";
import { maxPool2dSelect } from "./maxPool2dSelect.ts";
import { mean } from "./mean.ts";
import { minimum } from "./minimum.ts";
import { movingAverage } from "./movingAverage.ts";
import { mul } from "./mul.ts";
import { nonMaxSuppression } from "./nonMaxSuppression.ts";
import { pad } from "./pad.ts";
import { power } from "./power.ts";
import { product } from "./product.ts";
import { reduceMax } from "./reduceMax.ts";
import { relu } from "./relu.ts";
import { relu6 } from "./relu6.ts";
import { remainder } from "./remainder.ts";
import { reshape } from "./reshape.ts";
import { resize } from "./resize.ts";
import { resizeGradient } from "./resizeGradient.ts";
import { roiAlign } from "./roiAlign.ts";
import { roiAlignGradient } from "./roiAlignGradient.ts";
import { roiAlignMax } from "./roiAlignMax.ts";
import { roiPool } from "./roiPool.ts";
import { roiPoolGradient } from "./roiPoolGradient.ts";
import { roiPoolSelect } from "./roiPoolSelect.ts";
import { scatterElements } from "./scatterElements.ts";
import { scatterReduce } from "./scatterReduce.ts";
import { select } from "./select.ts";
import { sgdMomentum } from "./sgdMomentum.ts";
import { sgdStep } from "./sgdStep.ts";
import { sigmoid } from "./sigmoid.ts";
import { silu } from "./silu.ts";
import { slice } from "./slice.ts";
import { sliceGradient } from "./sliceGradient.ts";
import { softmax } from "./softmax.ts";
import { sub } from "./sub.ts";
import { sum } from "./sum.ts";
import { sumTo } from "./sumTo.ts";
import { tanh } from "./tanh.ts";
import { topKIndices } from "./topKIndices.ts";
import { transpose } from "./transpose.ts";

export const ops = {
  conv2d,
  conv2dInputGradient,
  conv2dWeightGradient,
  fusedConv2d,
  linear,
  fusedLinear,
  matmul,
  biasAdd,
  channelSum,
  batchMean,
  batchVariance,
  batchNorm,
  batchNormGradientSums,
  batchNormInputGradient,
  movingAverage,
  relu,
  relu6,
  leakyRelu,
  sigmoid,
  hardSigmoid,
  hardSwish,
  silu,
  tanh,
  activationGradient,
  softmax,
  logSoftmax,
  crossEntropy,
  crossEntropyGradient,
  add,
  sub,
  mul,
  div,
  affine,
  exp,
  log,
  power,
  sum,
  mean,
  sumTo,
  broadcastTo,
  reshape,
  flatten,
  transpose,
  concat,
  slice,
  sliceGradient,
  pad,
  maxPool2d,
  maxPool2dGradient,
  maxPool2dSelect,
  averagePool2d,
  averagePool2dGradient,
  globalAveragePool,
  resize,
  resizeGradient,
  gridSample,
  gridSampleInputGradient,
  gridSampleGridGradient,
  roiAlign,
  roiAlignGradient,
  roiAlignMax,
  roiPool,
  roiPoolGradient,
  roiPoolSelect,
  dropout,
  sgdMomentum,
  sgdStep,
  adamMoment1,
  adamMoment2,
  adamStep,
  lerp,
  elementary,
  compare,
  maximum,
  minimum,
  select,
  exponentiate,
  remainder,
  reduceMax,
  product,
  argMax,
  topKIndices,
  gather,
  gatherGradient,
  gatherElements,
  gatherElementsGradient,
  scatterElements,
  scatterReduce,
  nonMaxSuppression,
} satisfies OperatorTable;

export type OpName = keyof typeof ops;

/** The table as code that looks operators up by a value's name sees it. */
export const opTable: OperatorTable = ops;

export {
  conv2d,
  conv2dInputGradient,
  conv2dWeightGradient,
  fusedConv2d,
  linear,
  fusedLinear,
  matmul,
  biasAdd,
  channelSum,
  batchMean,
  batchVariance,
  batchNorm,
  batchNormGradientSums,
  batchNormInputGradient,
  movingAverage,
  relu,
  relu6,
  leakyRelu,
  sigmoid,
  hardSigmoid,
  hardSwish,
  silu,
  tanh,
  activationGradient,
  softmax,
  logSoftmax,
  crossEntropy,
  crossEntropyGradient,
  add,
  sub,
  mul,
  div,
  affine,
  exp,
  log,
  power,
  sum,
  mean,
  sumTo,
  broadcastTo,
  reshape,
  flatten,
  transpose,
  concat,
  slice,
  sliceGradient,
  pad,
  maxPool2d,
  maxPool2dGradient,
  maxPool2dSelect,
  averagePool2d,
  averagePool2dGradient,
  globalAveragePool,
  resize,
  resizeGradient,
  gridSample,
  gridSampleInputGradient,
  gridSampleGridGradient,
  roiAlign,
  roiAlignGradient,
  roiAlignMax,
  roiPool,
  roiPoolGradient,
  roiPoolSelect,
  dropout,
  sgdMomentum,
  sgdStep,
  adamMoment1,
  adamMoment2,
  adamStep,
  lerp,
  elementary,
  compare,
  maximum,
  minimum,
  select,
  exponentiate,
  remainder,
  reduceMax,
  product,
  argMax,
  topKIndices,
  gather,
  gatherGradient,
  gatherElements,
  gatherElementsGradient,
  scatterElements,
  scatterReduce,
  nonMaxSuppression,
};
export * from "./activation.ts";
export { elementaryNames, type ElementaryName } from "./elementary.ts";
export { keptBoxes } from "./nonMaxSuppression.ts";
export type { Relation } from "./compare.ts";
export { applyActivation } from "./applyActivation.ts";
export type { Conv2dAttrs } from "./convolution.ts";
export type { BatchNormAttrs } from "./normalization.ts";
export { windowOutput } from "./shapes.ts";
