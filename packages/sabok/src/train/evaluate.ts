// What a classifier gets right: top-1, per class, and who is taken for whom.
import type { Tensor } from "../core/index.ts";
import type { EvaluationBatches } from "../data/index.ts";
import type { Graph } from "../graph/index.ts";
import { fuseActivation, toInference, withBatch } from "../passes/index.ts";
import { createSession, type Session, type SessionOptions } from "../runtime/index.ts";

export interface Evaluation {
  readonly count: number;
  /** Top-1 accuracy, 0 to 1. */
  readonly accuracy: number;
  /** Mean cross-entropy, natural logarithm, without smoothing. */
  readonly loss: number;
  /** confusion[actual][predicted]: image counts. */
  readonly confusion: readonly (readonly number[])[];
  /** The share of each class's images that were recognised; NaN for a class without images. */
  readonly perClass: readonly number[];
  readonly predictions: readonly Prediction[];
}

export interface Prediction {
  /** The image's index in the split's image set. */
  readonly index: number;
  readonly actual: number;
  readonly predicted: number;
  /** The probability of the predicted class. */
  readonly confidence: number;
}

/** A session that computes logits with running statistics for a fixed batch; give it weights by `setStates`. */
export function createEvaluationSession(
  network: Graph,
  batch: number,
  options: SessionOptions = {},
): Promise<Session> {
  return createSession(fuseActivation(withBatch(toInference(network), batch)), options);
}

/** Runs every batch through an inference session with input `image` and output `logits`. */
export async function evaluateClassifier(session: Session, batches: EvaluationBatches): Promise<Evaluation> {
  const [input] = Object.keys(session.graph.inputs);
  const [output] = Object.keys(session.graph.outputs);
  const predictions: Prediction[] = [];
  let classes = 0;
  let loss = 0;
  for (let step = 0; step < batches.steps; step++) {
    const batch = batches.load(step);
    const logits = (await session.run({ [input!]: batch.images }))[output!]!;
    classes = logits.shape[1]!;
    for (let row = 0; row < batch.count; row++) {
      const probabilities = rowProbabilities(logits, row);
      const actual = batch.labels[row]!;
      const predicted = probabilities.indexOf(Math.max(...probabilities));
      loss -= Math.log(Math.max(probabilities[actual]!, Number.MIN_VALUE));
      predictions.push({
        index: batch.indices[row]!,
        actual,
        predicted,
        confidence: probabilities[predicted]!,
      });
    }
  }
  return summarize(predictions, classes, loss);
}

/** softmax of one row of logits [N,K], in float64. */
export function rowProbabilities(logits: Tensor, row: number): number[] {
  const classes = logits.shape[1]!;
  const values = Array.from(logits.data.subarray(row * classes, (row + 1) * classes));
  const most = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - most));
  const total = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / total);
}

function summarize(predictions: readonly Prediction[], classes: number, loss: number): Evaluation {
  const confusion = Array.from({ length: classes }, () => Array.from<number>({ length: classes }).fill(0));
  for (const { actual, predicted } of predictions) confusion[actual]![predicted]!++;
  const correct = confusion.reduce((sum, row, k) => sum + row[k]!, 0);
  const count = predictions.length;
  return {
    count,
    accuracy: correct / count,
    loss: loss / count,
    confusion,
    perClass: confusion.map((row, k) => row[k]! / row.reduce((a, b) => a + b, 0)),
    predictions,
  };
}
