// Data sets from files, packages and downloads: what `sabok/node` offers of this room.
export { cacheFolder } from "./download.ts";
export { imageFolder } from "./imageFolder.ts";
export { datasetNames } from "./namedDatasets.ts";
export { openDataset, type OpenOptions } from "./openDataset.ts";
export { type ImageShape, readImage } from "./readImage.ts";
export type { DataProgress, ReadOptions } from "./readOptions.ts";
