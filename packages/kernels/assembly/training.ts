// The kernels that only training and gradients need: a module beside that of index.ts, loaded when a plan asks for one of them.
export { activationGradient } from "./activation";
export { batchNormMoments, batchNormMomentsFinish, movingAverage } from "./batchNorm";
export * from "./batchNormGradient";
export { convolutionInputGradient } from "./dense";
export * from "./depthwiseGradient";
export * from "./depthwiseInputGradient";
export * from "./dropout";
export * from "./optimizer";
export { avgPoolGradient, maxPoolGradient, maxPoolSelect } from "./pool";
export { resizeGradient } from "./resize";
export { setScratch } from "./scratch";
export { crossEntropyGradient, crossEntropyRows, logSoftmaxGradient, softmaxGradient } from "./softmax";
export * from "./weightGradient";
