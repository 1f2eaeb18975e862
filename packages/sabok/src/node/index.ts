// What needs Node: files, image decoding, run folders. `sabok/node` offers all of it.
export * from "./data/index.ts";
export { drawBoxes, type LabelledBox } from "./drawBoxes.ts";
export { fromImage, open, readModelFile } from "./openModel.ts";
export {
  publishedWeights,
  readPretrained,
  type PretrainedFile,
  type PretrainedOptions,
} from "./pretrained.ts";
export { createRunFolder, openRunFolder, writeFileWhole, type RunFolder } from "./runFolder.ts";
export { lockRunFolder, type RunLock } from "./runLock.ts";
export { readStudyCheckpoint } from "./studyCheckpoint.ts";
