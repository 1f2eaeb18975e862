// What a trained classifier sees in images.
import { normalizePixels } from "../data/index.ts";
import { createEvaluationSession, rowProbabilities } from "../train/index.ts";
import type { TrainedModel } from "./trainedModel.ts";

/** One class an image may show. */
export interface Guess {
  readonly class: string;
  /** The class's place among the logits. */
  readonly index: number;
  /** Softmax of the logits. */
  readonly probability: number;
}

/**
 * The most probable classes of each image, best first. Images are uint8 pixels [channels, height, width] of the model's
 * own shape; they are run one by one, so any number will do.
 */
export async function predict(
  model: TrainedModel,
  images: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  most = 5,
): Promise<Guess[][]> {
  const session = await createEvaluationSession(model.graph, 1);
  session.setStates(model.weights);
  const [input] = Object.keys(session.graph.inputs);
  const { height, width } = model.shape;
  const guesses: Guess[][] = [];
  for await (const pixels of images) {
    const outputs = await session.run({
      [input!]: normalizePixels(pixels, height * width, model.statistics),
    });
    const probabilities = rowProbabilities(Object.values(outputs)[0]!, 0);
    const ranked = probabilities
      .map((probability, index) => ({ class: model.classes[index]!, index, probability }))
      .sort((a, b) => b.probability - a.probability || a.index - b.index);
    guesses.push(ranked.slice(0, most));
  }
  return guesses;
}
