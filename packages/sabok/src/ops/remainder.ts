// The remainder of a division.
import { broadcastShapes, zeros } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { affine } from "./affine.ts";
import { broadcastPositions, broadcastSamples } from "./broadcast.ts";
import { div } from "./div.ts";
import { elementary } from "./elementary.ts";
import { mul } from "./mul.ts";
import { positive } from "./positive.ts";
import { noMacs } from "./shapes.ts";
import { unbroadcast } from "./sumTo.ts";

export type RemainderAttrs = {
  /** Whether the quotient is rounded towards 0, so that y has the sign of a (C's fmod), or down, so that it has b's (Python's %). */
  readonly truncated: boolean;
};

export const remainder: OpSpec<"remainder", RemainderAttrs, 2> = {
  name: "remainder",
  doc: "y = a − b·⌊a/b⌋, with broadcasting; truncated: the quotient rounded towards 0.",
  inputs: ["a", "b"],
  defaults: { truncated: false },
  infer: ([a, b], _, where) => ({ shape: broadcastShapes(a.shape, b.shape, where), dtype: a.dtype }),
  reference([a, b], { truncated }) {
    const y = zeros(broadcastShapes(a.shape, b.shape, "remainder"));
    const fromA = broadcastPositions(a.shape, y.shape);
    const fromB = broadcastPositions(b.shape, y.shape);
    for (let i = 0; i < y.data.length; i++) {
      const [x, by] = [a.data[fromA[i]!]!, b.data[fromB[i]!]!];
      const rest = x % by; // JavaScript's % is fmod: exact, with the sign of x
      y.data[i] = !truncated && rest !== 0 && rest < 0 !== by < 0 ? rest + by : rest;
    }
    return y;
  },
  grad(g, dy, { inputs: [a, b], attrs: { truncated } }) {
    // dy = da − ⌊a/b⌋ db between the jumps
    const quotient = g.apply(elementary, [g.apply(div, [a, b])], {
      function: truncated ? "truncate" : "floor",
    });
    const db = g.apply(affine, [g.apply(mul, [dy, quotient])], { scale: -1 });
    return [unbroadcast(g, dy, a), unbroadcast(g, db, b)];
  },
  macs: noMacs,
  *samples() {
    for (const [i, [a, b]] of broadcastSamples.entries())
      yield { inputs: [a, positive(b)], attrs: { truncated: i % 2 === 1 } };
  },
  rejects: [{ inputs: [[2, 3], [4]], error: /do not broadcast/ }],
};
