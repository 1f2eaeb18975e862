// The sigmoid linear unit, also called swish.
import type { OpSpec } from "../graph/index.ts";
import { activationOp } from "./activationOp.ts";

export const silu: OpSpec<"silu", object, 1> = activationOp("silu", "y = x / (1 + exp(−x)).");
