// The network as it is shipped: inference form, batch norm folded into the convolutions, checked on real images.
import { evaluationBatches, type ChannelStatistics, type Split } from "../data/index.ts";
import type { Graph } from "../graph/index.ts";
import type { Network } from "../nn/index.ts";
import { foldBatchNorm, toInference, type Folded } from "../passes/index.ts";
import { createEvaluationSession } from "../train/index.ts";

/** The inference form of a network with every batch norm folded that can be, exactly. */
export function foldedNetwork({ graph, weights }: Network): Folded {
  return foldBatchNorm(toInference(graph), weights);
}

export interface FoldingCheck {
  /** Batch norms folded away. */
  readonly layers: number;
  /** The batch norms that stay, each with the reason. */
  readonly refused: Folded["refused"];
  /** Real images that both networks were run on. */
  readonly images: number;
  /** The largest |folded − unfolded| among the logits. */
  readonly largestDifference: number;
  /** The largest |logit|, to judge the difference by. */
  readonly largestLogit: number;
}

const imagesChecked = 256;
const batch = 32;

/** Runs the folded and the unfolded network on the first images of a split. */
export async function checkFolding(
  network: Network,
  folded: Folded,
  { images, indices }: Split,
  options: { readonly classes: number; readonly statistics: ChannelStatistics },
): Promise<FoldingCheck> {
  const batches = evaluationBatches(
    { images, indices: indices.subarray(0, imagesChecked) },
    { ...options, batch },
  );
  const unfolded = await createEvaluationSession(network.graph, batch);
  const shipped = await createEvaluationSession(folded.graph, batch);
  unfolded.setStates(network.weights);
  shipped.setStates(folded.weights);
  let [largestDifference, largestLogit] = [0, 0];
  for (let step = 0; step < batches.steps; step++) {
    const { images: pixels, count } = batches.load(step);
    const [before, after] = await Promise.all(
      [unfolded, shipped].map(async (session) => {
        const [input] = Object.keys(session.graph.inputs);
        return Object.values(await session.run({ [input!]: pixels }))[0]!;
      }),
    );
    for (let i = 0; i < count * options.classes; i++) {
      largestDifference = Math.max(largestDifference, Math.abs(after!.data[i]! - before!.data[i]!));
      largestLogit = Math.max(largestLogit, Math.abs(before!.data[i]!));
    }
  }
  return {
    layers: countNorms(network.graph) - folded.refused.length,
    refused: folded.refused,
    images: batches.count,
    largestDifference,
    largestLogit,
  };
}

function countNorms(graph: Graph): number {
  return graph.values.filter((value) => value.op === "batchNorm").length;
}
