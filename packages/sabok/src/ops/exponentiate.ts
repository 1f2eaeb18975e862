// A power whose exponent is a value too.
import type { OpSpec } from "../graph/index.ts";
import { affine } from "./affine.ts";
import { binary } from "./binary.ts";
import { broadcastSamples } from "./broadcast.ts";
import { log } from "./log.ts";
import { mul } from "./mul.ts";
import { positive } from "./positive.ts";
import { unbroadcast } from "./sumTo.ts";

export const exponentiate: OpSpec<"exponentiate", object, 2> = {
  ...binary(
    "exponentiate",
    "y = a^b, with broadcasting; NaN for a negative a and a b that is not whole. Its gradient is defined for a > 0.",
    Math.pow,
    (g, dy, { inputs: [a, b], output: y }) => {
      // d(a^b) = b·a^(b−1) da + a^b·ln a db
      const slope = g.apply(exponentiate, [a, g.apply(affine, [b], { offset: -1 })]);
      return [
        unbroadcast(g, g.apply(mul, [dy, g.apply(mul, [b, slope])]), a),
        unbroadcast(g, g.apply(mul, [dy, g.apply(mul, [y, g.apply(log, [a])])]), b),
      ];
    },
  ),
  *samples() {
    for (const [a, b] of broadcastSamples) yield { inputs: [positive(a), b] };
  },
};
