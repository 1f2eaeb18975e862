// What needs Node: files, image decoding, run folders. `sabok/node` offers all of it.
export * from "./data/index.ts";
export { createRunFolder, openRunFolder, writeFileWhole, type RunFolder } from "./runFolder.ts";
export { readStudyCheckpoint } from "./studyCheckpoint.ts";
