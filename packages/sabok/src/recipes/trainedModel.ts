// A trained classifier as its files hold it: the network, its classes and how an image becomes its input.
import { SabokError, type Tensor } from "../core/index.ts";
import type { ChannelStatistics } from "../data/index.ts";
import { shapeOf, type Graph } from "../graph/index.ts";
import { fromOnnx, readModelJson, readSafetensors, writeModelJson, writeSafetensors, type ModelMetadata } from "../onnx/index.ts";
import { keptWeights, readCheckpoint } from "./checkpoint.ts";
import { readText, runFiles, type RunStore } from "./runStore.ts";

export interface TrainedModel {
  /** Where it was read from, in words. */
  readonly from: string;
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly classes: readonly string[];
  readonly statistics: ChannelStatistics;
  /** [channels, height, width] of an image. */
  readonly input: readonly [number, number, number];
  /** What the file did not say and was assumed, in sentences. */
  readonly assumed: readonly string[];
}
