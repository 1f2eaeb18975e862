// Elementwise difference.
import type { OpSpec } from "../graph/index.ts";
import { affine } from "./affine.ts";
import { binary } from "./binary.ts";
import { unbroadcast } from "./sumTo.ts";

export const sub: OpSpec<"sub", object, 2> = binary(
  "sub",
  "y = a − b, with broadcasting.",
  (a, b) => a - b,
  (g, dy, { inputs: [a, b] }) => [
    unbroadcast(g, dy, a),
    g.apply(affine, [unbroadcast(g, dy, b)], { scale: -1 }),
  ],
);
