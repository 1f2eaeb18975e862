// The natural logarithm.
import type { OpSpec } from "../graph/index.ts";
import { div } from "./div.ts";
import { positive } from "./positive.ts";
import { anyShapes } from "./shapes.ts";
import { unary } from "./unary.ts";

export const log: OpSpec<"log", object, 1> = unary(
  "log",
  "y = ln x; −∞ at 0, NaN below.",
  {},
  Math.log,
  (g, dy, { inputs: [x] }) => [g.apply(div, [dy, x])],
  {
    *samples() {
      for (const x of anyShapes) yield { inputs: [positive(x)] };
    },
  },
);
