// The rectified linear unit clipped at 6, as the MobileNets use it.
import type { OpSpec } from "../graph/index.ts";
import { activationOp } from "./activationOp.ts";

export const relu6: OpSpec<"relu6", object, 1> = activationOp("relu6", "y = min(max(x, 0), 6).");
