// Elementwise quotient.
import type { OpSpec } from "../graph/index.ts";
import { affine } from "./affine.ts";
import { binary } from "./binary.ts";
import { broadcastSamples } from "./broadcast.ts";
import { mul } from "./mul.ts";
import { positive } from "./positive.ts";
import { unbroadcast } from "./sumTo.ts";

export const div: OpSpec<"div", object, 2> = {
  ...binary(
    "div",
    "y = a / b, with broadcasting.",
    (a, b) => a / b,
    (g, dy, { inputs: [a, b], output: y }) => {
      // d(a/b) = da/b − (a/b)·db/b
      const da = g.apply(div, [dy, b]);
      return [
        unbroadcast(g, da, a),
        g.apply(affine, [unbroadcast(g, g.apply(mul, [da, y]), b)], { scale: -1 }),
      ];
    },
  ),
  *samples() {
    for (const [a, b] of broadcastSamples) yield { inputs: [a, positive(b)] };
  },
};
