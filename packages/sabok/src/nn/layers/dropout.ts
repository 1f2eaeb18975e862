// Dropout by a counter: the zeros are a function of the layer's name and the step, so a resumed run draws the same.
import { hashName } from "../../core/index.ts";
import type { Value } from "../../graph/index.ts";
import { dropout as dropoutOp } from "../../ops/index.ts";
import { layerScope, stepCounter } from "../building.ts";

export interface DropoutOptions {
  /** The probability of a zero, from 0 to below 1. Default 0.5; 0 leaves x as it is. */
  readonly rate?: number;
  /** What its seed is made from; default "dropout", "dropout_2" … in the current scope. */
  readonly name?: string;
}

/** Random zeros in training, the rest divided by 1 − rate (Srivastava et al., 2014); inference graphs have none. */
export function dropout(x: Value, { rate = 0.5, name }: DropoutOptions = {}): Value {
  if (rate === 0) return x;
  const counter = stepCounter();
  return layerScope("dropout", name, (g, path) =>
    g.apply(dropoutOp, [x, counter], { rate, seed: hashName(path) }),
  );
}
