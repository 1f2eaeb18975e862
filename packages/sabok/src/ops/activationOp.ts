// Makes the operator of one activation function.
import type { OpSpec } from "../graph/index.ts";
import { activationFunctions, type ActivationName } from "./activation.ts";
import { activationGradient } from "./activationGradient.ts";
import { unary } from "./unary.ts";

/** The operator of a named activation that has no attributes. */
export function activationOp<Name extends Exclude<ActivationName, "leakyRelu">>(
  activation: Name,
  doc: string,
): OpSpec<Name, object, 1> {
  return unary(
    activation,
    doc,
    {},
    (x) => activationFunctions[activation].f(x, 0),
    (g, dy, { inputs: [x] }) => [g.apply(activationGradient, [dy, x], { activation })],
  );
}
