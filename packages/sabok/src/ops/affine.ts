// A scalar multiple plus a scalar.
import type { OpSpec } from "../graph/index.ts";
import { anyShapes } from "./shapes.ts";
import { unary } from "./unary.ts";

export type AffineAttrs = { readonly scale: number; readonly offset: number };

export const affine: OpSpec<"affine", AffineAttrs, 1> = unary(
  "affine",
  "y = scale·x + offset, both plain numbers.",
  { scale: 1, offset: 0 },
  (x, { scale, offset }) => scale * x + offset,
  (g, dy, { attrs: { scale } }) => [g.apply(affine, [dy], { scale })],
  {
    *samples() {
      for (const [i, x] of anyShapes.entries())
        yield { inputs: [x], attrs: { scale: i / 4 - 2, offset: (i % 3) - 1 } };
    },
  },
);
