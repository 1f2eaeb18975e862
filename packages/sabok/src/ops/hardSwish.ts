// MobileNetV3's piecewise quadratic swish.
import type { OpSpec } from "../graph/index.ts";
import { activationOp } from "./activationOp.ts";

export const hardSwish: OpSpec<"hardSwish", object, 1> = activationOp(
  "hardSwish",
  "y = x · min(max(x + 3, 0), 6) / 6.",
);
