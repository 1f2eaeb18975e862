// What the rooms above, and `sabok/data`, may use of the data room. Everything here runs in a browser too.
export type { Augmentation } from "./augmentation.ts";
export * from "./batches.ts";
export { type ChannelStatistics, channelStatistics, normalizePixels } from "./channelStatistics.ts";
export * from "./classCounts.ts";
export * from "./dataset.ts";
export * from "./gunzip.ts";
export * from "./makeDataset.ts";
export * from "./parseCifar10.ts";
export * from "./parseIdx.ts";
export * from "./resizeImages.ts";
export * from "./splitIndices.ts";
