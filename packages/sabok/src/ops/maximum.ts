// The larger of two numbers, elementwise.
import type { OpSpec } from "../graph/index.ts";
import { binary } from "./binary.ts";
import { extremumGradient } from "./extremum.ts";

export const maximum: OpSpec<"maximum", object, 2> = binary(
  "maximum",
  "y = max(a, b), with broadcasting.",
  Math.max,
  (g, dy, site) => extremumGradient(g, dy, site, [site.inputs[1], site.inputs[0]]),
);
