// The logistic function.
import type { OpSpec } from "../graph/index.ts";
import { activationOp } from "./activationOp.ts";

export const sigmoid: OpSpec<"sigmoid", object, 1> = activationOp("sigmoid", "y = 1 / (1 + exp(−x)).");
