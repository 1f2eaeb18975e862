// A standard convolution beside a sum of separable terms, both on the engine: how far apart their outputs are.
import { tensor, type Tensor } from "../../core/index.ts";
import { add, conv2d, evaluate } from "../../nn/index.ts";
import { largestDifference } from "../draw.ts";
import type { Order, SeparableTerm } from "./separableTerms.ts";

/** conv2d by W and the sum of the terms, on the engine's float64 reference. */
function bothWays(x: Tensor, weight: Tensor, terms: readonly SeparableTerm[], order: Order) {
  const factors = terms.flatMap(({ depthwise, pointwise }) => [depthwise, pointwise]);
  return evaluate(
    (x, w, ...halves) => {
      const outputs = terms.map((_, r) => {
        const [d, p] = [halves[2 * r]!, halves[2 * r + 1]!];
        const groups = d.type.shape[0]!;
        return order === "depthwise-first"
          ? conv2d(conv2d(x, d, { groups }), p)
          : conv2d(conv2d(x, p), d, { groups });
      });
      return { direct: conv2d(x, w), sum: outputs.reduce((a, b) => add(a, b)) };
    },
    [x, weight, ...factors],
  );
}

export async function outputError(x: Tensor, weight: Tensor, terms: readonly SeparableTerm[], order: Order) {
  const { direct, sum } = await bothWays(x, weight, terms, order);
  let [error, norm] = [0, 0];
  direct.data.forEach((y, i) => {
    error += (y - sum.data[i]!) ** 2;
    norm += y * y;
  });
  return norm > 0 ? error / norm : 0;
}

export async function exactness(x: Tensor, weight: Tensor, terms: readonly SeparableTerm[], order: Order) {
  const { direct, sum } = await bothWays(x, weight, terms, order);
  const largest = largestDifference(direct.data, new Float64Array(direct.data.length));
  return largestDifference(direct.data, sum.data) / Math.max(largest, Number.MIN_VALUE);
}

/** Two kernel errors of the same norm on a constant input: one vanishes, the other does not. */
export async function constantInput(): Promise<{ difference: number; sum: number }> {
  const power = async (kernel: number[]): Promise<number> => {
    const y = await evaluate(
      (x, w) => conv2d(x, w),
      [tensor([1, 1, 1, 2], [1, 1]), tensor([1, 1, 1, 2], kernel)],
    );
    return y.data[0]! ** 2;
  };
  return { difference: await power([1, -1]), sum: await power([1, 1]) };
}
