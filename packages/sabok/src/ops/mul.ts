// Elementwise product; squeeze-and-excite's scale is one with broadcasting.
import type { OpSpec } from "../graph/index.ts";
import { binary } from "./binary.ts";
import { unbroadcast } from "./sumTo.ts";

export const mul: OpSpec<"mul", object, 2> = binary(
  "mul",
  "y = a · b, with broadcasting.",
  (a, b) => a * b,
  (g, dy, { inputs: [a, b] }) => [
    unbroadcast(g, g.apply(mul, [dy, b]), a),
    unbroadcast(g, g.apply(mul, [dy, a]), b),
  ],
);
