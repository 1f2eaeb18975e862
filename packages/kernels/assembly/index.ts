// The kernels of inference, which every session has. Two builds are made: with SIMD, and with relaxed SIMD too.
export { activation } from "./activation";
export { batchNormApply } from "./batchNorm";
export { convolution } from "./dense";
export * from "./depthwise";
export * from "./elementwise";
export * from "./gemm";
export * from "./layout";
export * from "./pack";
export { avgPool, maxPool } from "./pool";
export * from "./reduce";
export { resize } from "./resize";
export { setScratch } from "./scratch";
export { logSoftmax, softmax } from "./softmax";
