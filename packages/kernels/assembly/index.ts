// Every kernel of the module. Two builds are made from it: with SIMD, and with relaxed SIMD too.
export { activation, activationGradient } from "./activation";
export { batchNormApply, batchNormMoments, batchNormMomentsFinish, movingAverage } from "./batchNorm";
export * from "./batchNormGradient";
export * from "./dropout";
export * from "./elementwise";
export * from "./layout";
export * from "./optimizer";
export * from "./pool";
export * from "./reduce";
export * from "./resize";
export { setScratch } from "./scratch";
export * from "./softmax";
export * from "./dense";
export * from "./depthwise";
export * from "./depthwiseGradient";
export * from "./gemm";
export * from "./pack";
export * from "./weightGradient";
