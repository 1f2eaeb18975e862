// What a fix takes and gives.
import type { Tensor } from "../../../core/index.ts";
import type { Graph } from "../../../graph/index.ts";

export interface WeightedGraph {
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, Tensor>;
}

export interface Mended extends WeightedGraph {
  /** What was done, a sentence each. */
  readonly done: readonly string[];
}
