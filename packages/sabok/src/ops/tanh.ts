// The hyperbolic tangent.
import type { OpSpec } from "../graph/index.ts";
import { activationOp } from "./activationOp.ts";

export const tanh: OpSpec<"tanh", object, 1> = activationOp("tanh", "y = tanh(x).");
