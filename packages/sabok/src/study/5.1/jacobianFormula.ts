// The Jacobians of the three forms by the chain rule, as products of diagonal matrices and weights.
import { tensor, type Tensor } from "../../core/index.ts";
import { add, evaluate, matmul } from "../../nn/index.ts";
import { identity } from "../4.1/convolution1d.ts";
import type { PointAndWeights, Skip, Slopes } from "./blocks.ts";

/** D W² D W¹; D_s (I + W² D W¹); I + D W² D W¹. The last D can be given, to see what a wrong one does. */
export async function jacobianByFormula(
  { w1, w2 }: PointAndWeights,
  slopes: Slopes,
  skip: Skip,
  lastSlopes = skip === "inside" ? slopes.lastWithSkip : slopes.last,
): Promise<Tensor> {
  return evaluate(
    (w1, w2, first, last, one) => {
      const inner = matmul(matmul(w2, first), w1);
      if (skip === "inside") return matmul(last, add(one, inner));
      const product = matmul(last, inner);
      return skip === "outside" ? add(one, product) : product;
    },
    [w1, w2, diagonal(slopes.first), diagonal(lastSlopes), identity(lastSlopes.length)],
  );
}

function diagonal(entries: readonly number[]): Tensor {
  const n = entries.length;
  return tensor(
    [n, n],
    Float64Array.from({ length: n * n }, (_, at) => (at % (n + 1) === 0 ? entries[Math.floor(at / n)]! : 0)),
  );
}
