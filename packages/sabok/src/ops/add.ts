// Elementwise sum.
import type { OpSpec } from "../graph/index.ts";
import { binary } from "./binary.ts";
import { unbroadcast } from "./sumTo.ts";

export const add: OpSpec<"add", object, 2> = binary(
  "add",
  "y = a + b, with broadcasting.",
  (a, b) => a + b,
  (g, dy, { inputs: [a, b] }) => [unbroadcast(g, dy, a), unbroadcast(g, dy, b)],
);
