// One reading of how a signal travels through a network as it stands.
import type { Tensor } from "../../core/index.ts";
import type { Graph } from "../../graph/index.ts";
import { signalProbe, type LayerSignal, type SignalProbeOptions } from "./signalProbe.ts";

export interface SignalOptions extends SignalProbeOptions {
  /** Normalised images [batch,C,H,W]; default standard normal numbers. */
  readonly images?: Float32Array;
}

/**
 * Runs one training step's forward and backward passes, batch norm by the batch's statistics, cross-entropy with random
 * labels (mean square where the output is not [N,K]), and reads each layer's moments.
 */
export async function signal(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  { images, ...options }: SignalOptions = {},
): Promise<LayerSignal[]> {
  const probe = await signalProbe(graph, options);
  try {
    return await probe.measure(weights, images);
  } finally {
    probe.close();
  }
}
