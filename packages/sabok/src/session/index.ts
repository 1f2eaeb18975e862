// Models made anywhere, run here: `open` a file of any format, feed it tensors or images. Everything here runs in a browser;
// `sabok/node` has the same two functions for paths.
export { fromImage, type ImageTarget } from "./fromImage.ts";
export { imageTensor, type ImageOptions, type Pixels } from "./imageTensor.ts";
export {
  createInferenceSession,
  type InferenceSession,
  type OpenOptions,
  type Result,
  type TensorInfo,
} from "./inferenceSession.ts";
export { bytesSource, filesSource, type ModelSource } from "./modelSource.ts";
export { open, type OpenTarget } from "./open.ts";
export {
  openModel,
  readModel,
  type ModelFile,
  type ModelFormat,
  type OpenedModel,
  type ReadModelOptions,
} from "./readModel.ts";
