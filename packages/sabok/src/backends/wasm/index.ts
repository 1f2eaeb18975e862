// The wasm backend: how each operator becomes kernel calls. "reference" runs the float64 loops on the host; it stands
// only for operators off the training path of the models.
import type { OpName } from "../../ops/index.ts";
import { batchMean, batchNorm, batchNormGradientSums, batchNormInputGradient, batchVariance, movingAverage } from "./batchNorm.ts";
import { conv2d, conv2dInputGradient, conv2dWeightGradient, fusedConv2d } from "./conv.ts";
import { activationGradient, add, affine, biasAdd, div, exp, hardSigmoid, hardSwish, leakyRelu, log, mul, power, relu, relu6, sigmoid, silu, sub, tanh } from "./elementwise.ts";
import { broadcastTo, concat, flatten, pad, reshape, slice, sliceGradient, transpose } from "./layout.ts";
import { fusedLinear, linear, matmul } from "./matmul.ts";
import { adamMoment1, adamMoment2, adamStep, dropout, lerp, sgdMomentum, sgdStep } from "./optimizer.ts";
import { averagePool2d, averagePool2dGradient, maxPool2d, maxPool2dGradient, maxPool2dSelect, resize, resizeGradient } from "./pool.ts";
import { channelSum, globalAveragePool, mean, sum, sumTo } from "./reduce.ts";
import { crossEntropy, crossEntropyGradient, logSoftmax, softmax } from "./softmax.ts";
import type { LowerOperator } from "./lowering.ts";

export const lowerings: Readonly<Record<OpName, LowerOperator | "reference">> = {
  conv2d, conv2dInputGradient, conv2dWeightGradient, fusedConv2d,
  linear, fusedLinear, matmul, biasAdd, channelSum,
  batchMean, batchVariance, batchNorm, batchNormGradientSums, batchNormInputGradient, movingAverage,
  relu, relu6, leakyRelu, sigmoid, hardSigmoid, hardSwish, silu, tanh, activationGradient,
  softmax, logSoftmax, crossEntropy, crossEntropyGradient,
  add, sub, mul, div, affine, exp, log, power,
  sum, mean, sumTo, broadcastTo,
  reshape, flatten, transpose, concat, slice, sliceGradient, pad,
  maxPool2d, maxPool2dGradient, maxPool2dSelect, averagePool2d, averagePool2dGradient, globalAveragePool,
  resize, resizeGradient, gridSample: "reference", gridSampleInputGradient: "reference", gridSampleGridGradient: "reference",
  roiAlign: "reference", roiAlignGradient: "reference", roiPool: "reference", roiPoolGradient: "reference", roiPoolSelect: "reference",
  dropout,
  sgdMomentum, sgdStep, adamMoment1, adamMoment2, adamStep, lerp,
};

export { copyValue } from "./layout.ts";
export { bytesOf, type Arg, type KernelCall, type LowerOperator, type Lowering, type Storage } from "./lowering.ts";
export { compileKernels, instantiateKernels, type Kernel, type KernelInstance, type SimdLevel } from "./module.ts";
