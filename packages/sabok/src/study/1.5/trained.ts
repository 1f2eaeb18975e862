// A trained net with dropout before its batch norms: accuracy as trained, and with statistics estimated anew, dropout off.
import { Random } from "../../core/index.ts";
import type { Value } from "../../graph/index.ts";
import { batchNorm, dropout, linear, network, relu, type Network } from "../../nn/index.ts";
import type { ChapterContext } from "../chapter.ts";
import { accuracyOn, drawPoints, makeClouds, restated, trainOnPoints } from "../pointClassifier.ts";

interface Form {
  readonly keep: number;
  readonly place: "every layer" | "last layer";
  readonly momentum?: number;
}

const layers = 4;
const width = 32;

function classifier({ keep, place, momentum = 0.1 }: Form): Network {
  return network(
    { x: [12] },
    ({ x }) => {
      let h = x;
      for (let i = 0; i < layers; i++) {
        const drop = keep < 1 && i > 0 && place === "every layer";
        const input: Value = drop ? dropout(h, { rate: 1 - keep, name: `drop${i}` }) : h;
        h = relu(
          batchNorm(linear(input, { out: width, bias: false, name: `linear${i}` }), {
            momentum,
            name: `norm${i}`,
          }),
        );
      }
      if (keep < 1) h = dropout(h, { rate: 1 - keep, name: "drop" });
      return linear(h, { out: 8, name: "classifier" });
    },
    { seed: 4 },
  );
}

export interface TrainedAccuracy {
  readonly before: number;
  readonly after: number;
}

/** Accuracy on 4000 fresh points with the running statistics of training, and with those of 4000 points without dropout. */
export async function trainedAccuracy(
  keep: number,
  place: Form["place"],
  context: ChapterContext,
): Promise<TrainedAccuracy> {
  const clouds = makeClouds(new Random(21), 8, 12, 0.9);
  const net = classifier({ keep, place });
  const weights = await trainOnPoints(
    net,
    (random, count) => drawPoints(random, clouds, count),
    { steps: 400, batch: 64, rate: 0.01, seed: 5 },
    context,
  );
  const test = drawPoints(new Random(6), clouds, 4000);
  const anew = drawPoints(new Random(7), clouds, 4000).x;
  const mended = await restated(classifier({ keep: 1, place, momentum: 1 }).graph, weights, anew);
  const plain = classifier({ keep: 1, place });
  return { before: await accuracyOn(plain, weights, test), after: await accuracyOn(plain, mended, test) };
}
