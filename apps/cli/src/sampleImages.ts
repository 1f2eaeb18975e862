// A few images of a data set as a trained network takes them, to look at it by.
import { SabokError } from "sabok";
import { evaluationBatches } from "sabok/data";
import { openDataset } from "sabok/node";
import type { AnalyzedNetwork } from "./analyzedNetwork.ts";
import type { Terminal } from "./terminal.ts";

/** Normalised images [count,C,H,W] and their classes. */
export interface SampleImages {
  readonly images: Float32Array;
  readonly labels: Int32Array;
  readonly count: number;
}

const most = 64;

/** At most 64 images that training did not use, where there are any. Throws SabokError where they are of another size. */
export async function sampleImages(
  data: string,
  { network, metadata }: AnalyzedNetwork,
  terminal: Terminal,
): Promise<SampleImages> {
  const [channels, height, width] = Object.values(network.graph.inputs)[0]!.type.shape.slice(1) as [
    number,
    number,
    number,
  ];
  const set = await openDataset(data, { size: [height, width], seed: 0, log: (line) => terminal.warn(line) });
  if (set.channels !== channels || set.height !== height || set.width !== width)
    throw new SabokError(
      `${data} has images of ${set.channels}x${set.height}x${set.width}; the network takes ${channels}x${height}x${width}.`,
    );
  const split = [set.test, set.validation, set.train].find(({ indices }) => indices.length > 0)!;
  const chosen = { ...split, indices: split.indices.subarray(0, most) };
  const half = Array.from({ length: channels }, () => 0.5);
  return evaluationBatches(chosen, {
    batch: chosen.indices.length,
    classes: set.classes.length,
    statistics: { mean: metadata.mean ?? half, std: metadata.std ?? half },
  }).load(0);
}
