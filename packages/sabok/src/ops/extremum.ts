// What maximum and minimum share: the gradient goes to the operand that was taken, to the first of equals.
import type { GraphBuilder, Site, Value } from "../graph/index.ts";
import { affine } from "./affine.ts";
import { compare } from "./compare.ts";
import { mul } from "./mul.ts";
import { unbroadcast } from "./sumTo.ts";

/** The operands' gradients, given which of a and b is taken where `lesser` ≤ `greater`. */
export function extremumGradient(
  g: GraphBuilder,
  dy: Value,
  { inputs: [a, b] }: Site<object, 2>,
  [lesser, greater]: readonly [Value, Value],
): [Value, Value] {
  const isFirst = g.apply(compare, [lesser, greater], { relation: "lessOrEqual" });
  const isSecond = g.apply(affine, [isFirst], { scale: -1, offset: 1 });
  return [unbroadcast(g, g.apply(mul, [dy, isFirst]), a), unbroadcast(g, g.apply(mul, [dy, isSecond]), b)];
}
