// Every layer: a plain function from Value to Value.
export {
  activate,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  relu,
  relu6,
  sigmoid,
  silu,
  tanh,
} from "./activations.ts";
export { batchNorm, type BatchNormOptions } from "./batchNorm.ts";
export { crossEntropy, logSoftmax, softmax } from "./classification.ts";
export {
  conv2d,
  convTranspose2d,
  type Conv2dOptions,
  type ConvTranspose2dGeometry,
  type ConvTranspose2dOptions,
  type ConvolutionGeometry,
} from "./conv2d.ts";
export { dropout, type DropoutOptions } from "./dropout.ts";
export { add, affine, div, exp, log, matmul, mul, power, sub } from "./elementwise.ts";
export { linear, type LinearOptions } from "./linear.ts";
export { avgPool2d, globalAvgPool, maxPool2d, type PoolOptions } from "./pooling.ts";
export {
  gridSample,
  resize,
  roiAlign,
  roiPool,
  type GridSampleOptions,
  type ResizeOptions,
  type RoiAlignOptions,
  type RoiPoolOptions,
} from "./sampling.ts";
export {
  concat,
  flatten,
  mean,
  pad,
  reshape,
  slice,
  sum,
  transpose,
  type PadOptions,
  type ReductionOptions,
  type SliceOptions,
} from "./shaping.ts";
export { squeezeExcite, type SqueezeExciteOptions } from "./squeezeExcite.ts";
export type { PaddingOption, Size } from "./windows.ts";
