// MobileNetV3's piecewise linear sigmoid (ReLU6(x + 3)/6).
import type { OpSpec } from "../graph/index.ts";
import { activationOp } from "./activationOp.ts";

export const hardSigmoid: OpSpec<"hardSigmoid", object, 1> = activationOp(
  "hardSigmoid",
  "y = min(max(x/6 + 1/2, 0), 1).",
);
