// The exponential function.
import type { OpSpec } from "../graph/index.ts";
import { mul } from "./mul.ts";
import { unary } from "./unary.ts";

export const exp: OpSpec<"exp", object, 1> = unary(
  "exp",
  "The exponential, y = eˣ.",
  {},
  Math.exp,
  (g, dy, { output: y }) => [g.apply(mul, [dy, y])],
);
