// Random zeros in training. The mask is a function of seed, counter and position, so the gradient draws it again.
import { ShapeError, item, tensor, uniformAt, zeros } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { anyShapes, expectShape, noMacs } from "./shapes.ts";

export type DropoutAttrs = {
  /** The probability of a zero, at least 0 and below 1. */
  readonly rate: number;
  readonly seed: number;
};

export const dropout: OpSpec<"dropout", DropoutAttrs, 2> = {
  name: "dropout",
  doc: "y[i] = x[i]/(1 − rate) where uniformAt(seed, counter, i) ≥ rate, else 0; i is the row-major index, the counter the number of the step.",
  inputs: ["x", "counter []"],
  defaults: { rate: 0.5, seed: 0 },
  infer([x, counter], { rate }, where) {
    if (!(rate >= 0 && rate < 1))
      throw new ShapeError(`${where}: rate is ${rate}, expected at least 0 and below 1.`);
    expectShape(counter, [], "counter", where);
    return x;
  },
  reference([x, counter], { rate, seed }) {
    const y = zeros(x.shape);
    const step = item(counter);
    for (let i = 0; i < y.data.length; i++)
      if (uniformAt(seed, step, i) >= rate) y.data[i] = x.data[i]! / (1 - rate);
    return y;
  },
  grad: (g, dy, { inputs: [, counter], attrs }) => [g.apply(dropout, [dy, counter], attrs), null],
  macs: noMacs,
  *samples() {
    for (const [i, x] of anyShapes.entries())
      yield {
        inputs: [x, tensor([], [i * 1000])],
        attrs: { rate: [0.5, 0.2, 0.75, 0.1, 0][i % 5]!, seed: i * 7919 },
      };
  },
  rejects: [
    { inputs: [[2, 3], []], attrs: { rate: 1 }, error: /rate is 1, expected at least 0 and below 1/ },
    { inputs: [[2, 3], []], attrs: { rate: -0.1 }, error: /rate is -0.1/ },
    { inputs: [[2, 3], [1]], error: /counter has shape \[1\], expected \[\]/ },
  ],
};
