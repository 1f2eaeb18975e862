// How a signal travels through the network as it stands: one training step's forward and backward pass, read layer by layer.
import { signal, type LayerSignal } from "sabok/analysis";
import type { JobContext } from "../job.ts";
import { openNetwork } from "../network/networks.ts";
import { expectFits } from "../network/sessions.ts";
import type { NetworkSpec } from "../network/spec.ts";

export interface SignalRequest {
  readonly spec: NetworkSpec;
  /** Normalised pictures [batch,C,H,W]. */
  readonly images: Float32Array<ArrayBuffer>;
  readonly batch: number;
}

/** Throws SabokError where the network has no training step. */
export async function networkSignal(
  { spec, images, batch }: SignalRequest,
  context: JobContext<never>,
): Promise<LayerSignal[]> {
  expectFits(spec);
  const { graph, weights } = openNetwork(spec);
  await context.breathe();
  return signal(graph, weights, { images, batch });
}
