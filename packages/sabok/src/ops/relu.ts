// The rectified linear unit.
import type { OpSpec } from "../graph/index.ts";
import { activationOp } from "./activationOp.ts";

export const relu: OpSpec<"relu", object, 1> = activationOp("relu", "y = max(x, 0).");
