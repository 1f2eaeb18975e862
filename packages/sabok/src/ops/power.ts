// A power with a constant exponent: squares, square roots, reciprocals.
import type { OpSpec } from "../graph/index.ts";
import { affine } from "./affine.ts";
import { mul } from "./mul.ts";
import { positive } from "./positive.ts";
import { anyShapes } from "./shapes.ts";
import { unary } from "./unary.ts";

export type PowerAttrs = { readonly exponent: number };

const exponents = [2, 0.5, -0.5, -1, 3, 1, 0, 1.5, -2];

export const power: OpSpec<"power", PowerAttrs, 1> = unary(
  "power",
  "y = x^exponent, the exponent a plain number; NaN for a negative x and an exponent that is not whole.",
  { exponent: 2 },
  (x, { exponent }) => Math.pow(x, exponent),
  (g, dy, { inputs: [x], attrs: { exponent } }) => {
    // d(x^e) = e·x^(e−1) dx; x^0 and x^1 need no power, which at x = 0 would make them NaN.
    if (exponent === 0) return [null];
    if (exponent === 1) return [dy];
    const slope = exponent === 2 ? x : g.apply(power, [x], { exponent: exponent - 1 });
    return [g.apply(mul, [dy, g.apply(affine, [slope], { scale: exponent })])];
  },
  {
    *samples() {
      for (const [i, x] of anyShapes.entries())
        yield { inputs: [positive(x)], attrs: { exponent: exponents[i % exponents.length]! } };
      for (const exponent of [2, 3, 1]) yield { inputs: [[2, 5, 3, 3]], attrs: { exponent } };
    },
  },
);
