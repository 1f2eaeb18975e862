// Gradients inside `evaluate`: the library's own reverse mode over the values at hand.
import { gradients, vectorJacobianProduct } from "../autodiff/index.ts";
import { GraphBuilder, shapeOf, type Value } from "../graph/index.ts";

/** The gradients of a scalar to each of `wrt`; with `cotangent`, of ⟨y, cotangent⟩ for y of any shape. */
export function gradientsOf(y: Value, wrt: readonly Value[], cotangent?: Value): Value[] {
  const g = new GraphBuilder();
  if (cotangent) return vectorJacobianProduct(g, y, cotangent, wrt);
  if (shapeOf(y).length > 0)
    throw new RangeError(`gradientsOf: y has shape [${shapeOf(y)}]; give its cotangent.`);
  return gradients(g, y, wrt);
}
