// Writing into a value at places that are data: what scatterElements and scatterReduce share.
import { ShapeError, zeros, type Tensor, type TensorType } from "../core/index.ts";
import { expectFitting } from "./gatherElements.ts";
import { forEachGatheredElement, type GatherAttrs } from "./gathering.ts";
import { expectShape } from "./shapes.ts";

/** What becomes of an element and an update to it. */
const reductions = {
  none: (_: number, update: number) => update,
  add: (old: number, update: number) => old + update,
  mul: (old: number, update: number) => old * update,
  max: Math.max,
  min: Math.min,
} as const;

export type ScatterReduction = keyof typeof reductions;
type ScatterAttrs = GatherAttrs & { readonly reduction: ScatterReduction };

/** x's type; throws where indices and updates do not fit, or the reduction is none of `known`. */
export function scatteredType(
  [x, indices, updates]: readonly [TensorType, TensorType, TensorType],
  { axis, reduction }: ScatterAttrs,
  known: readonly ScatterReduction[],
  where: string,
): TensorType {
  expectFitting(x.shape, indices.shape, axis, where);
  expectShape(updates, indices.shape, "updates", where);
  if (!known.includes(reduction))
    throw new ShapeError(
      `${where}: reduction is "${String(reduction)}", expected one of ${known.join(", ")}.`,
    );
  return x;
}

/** x with the updates written into it, one after the other. */
export function scatter(
  [x, indices, updates]: readonly [Tensor, Tensor, Tensor],
  { axis, reduction }: ScatterAttrs,
  where: string,
): Tensor {
  const y = zeros(x.shape);
  y.data.set(x.data);
  forEachGatheredElement(x.shape, indices, axis, where, (from, to) => {
    y.data[to] = reductions[reduction](y.data[to]!, updates.data[from]!);
  });
  return y;
}
