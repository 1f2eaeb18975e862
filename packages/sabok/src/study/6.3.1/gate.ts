// The inside of a squeeze-and-excitation, found in the graph that the library's layer builds.
import { invariant } from "../../core/index.ts";
import type { Value } from "../../graph/index.ts";

export interface Gate {
  /** s, in [0,1]. */
  readonly scale: Value;
  /** What the gate's function takes: W2·relu(W1·z + b1) + b2. */
  readonly logits: Value;
  /** z: the mean of each channel. */
  readonly pooled: Value;
}

/** The gate of y = squeezeExcite(x). */
export function gateOf(y: Value): Gate {
  const scale = y.inputs[1]!;
  const logits = scale.inputs[0]!;
  let pooled = logits;
  while (pooled.op !== "globalAveragePool") {
    invariant(pooled.inputs[0], "a squeeze-and-excitation without a pooling");
    pooled = pooled.inputs[0];
  }
  return { scale, logits, pooled };
}
