// From logits to probabilities and to the loss.
import type { Value } from "../../graph/index.ts";
import {
  crossEntropy as crossEntropyOp,
  logSoftmax as logSoftmaxOp,
  softmax as softmaxOp,
} from "../../ops/index.ts";
import { apply } from "../building.ts";

/** Probabilities along an axis; by default the last. */
export function softmax(x: Value, options: { readonly axis?: number } = {}): Value {
  return apply(softmaxOp, [x], options);
}

export function logSoftmax(x: Value, options: { readonly axis?: number } = {}): Value {
  return apply(logSoftmaxOp, [x], options);
}

/** The batch's mean cross-entropy of logits [N,K] against target probabilities [N,K], with label smoothing. */
export function crossEntropy(
  logits: Value,
  target: Value,
  options: { readonly smoothing?: number } = {},
): Value {
  return apply(crossEntropyOp, [logits, target], options);
}
