// The smaller of two numbers, elementwise.
import type { OpSpec } from "../graph/index.ts";
import { binary } from "./binary.ts";
import { extremumGradient } from "./extremum.ts";

export const minimum: OpSpec<"minimum", object, 2> = binary(
  "minimum",
  "y = min(a, b), with broadcasting.",
  Math.min,
  (g, dy, site) => extremumGradient(g, dy, site, [site.inputs[0], site.inputs[1]]),
);
