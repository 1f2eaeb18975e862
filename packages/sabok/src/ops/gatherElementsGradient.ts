// The transpose of gatherElements: adds each element to the place it was taken from.
import { zeros, type Shape } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { elementIndices, expectFitting, gatherElements } from "./gatherElements.ts";
import { forEachGatheredElement, gatherSamples, indicesBelow, type GatherAttrs } from "./gathering.ts";
import { expectShape, noMacs } from "./shapes.ts";

export type GatherElementsGradientAttrs = GatherAttrs & {
  /** The shape of the whole. */
  readonly shape: Shape;
};

export const gatherElementsGradient: OpSpec<"gatherElementsGradient", GatherElementsGradientAttrs, 2> = {
  name: "gatherElementsGradient",
  doc: "dx = Σ dy over the elements that gatherElements takes from one place, 0 where it takes none: its transpose.",
  inputs: ["dy", "indices"],
  defaults: { axis: 0, shape: [] },
  infer([dy, indices], { axis, shape }, where) {
    expectFitting(shape, indices.shape, axis, where);
    expectShape(dy, indices.shape, "dy", where);
    return { shape, dtype: dy.dtype };
  },
  reference([dy, indices], { axis, shape }) {
    const dx = zeros(shape);
    forEachGatheredElement(shape, indices, axis, "gatherElementsGradient", (from, to) => {
      dx.data[to]! += dy.data[from]!;
    });
    return dx;
  },
  grad: (g, u, { inputs: [, indices], attrs: { axis } }) => [
    g.apply(gatherElements, [u, indices], { axis }),
    null,
  ],
  macs: noMacs,
  *samples() {
    for (const [i, [x, , axis]] of gatherSamples.entries()) {
      const shape = elementIndices(x, axis, i);
      yield { inputs: [shape, indicesBelow(x.at(axis)!, shape, i)], attrs: { axis, shape: x } };
    }
  },
  rejects: [
    {
      inputs: [
        [2, 2],
        [2, 3],
      ],
      attrs: { axis: 1, shape: [2, 5] },
      error: /dy has shape \[2,2\], expected \[2,3\]/,
    },
    {
      inputs: [
        [3, 3],
        [3, 3],
      ],
      attrs: { axis: 1, shape: [2, 5] },
      error: /indices have shape \[3,3\], expected at most \[2,\*\]/,
    },
  ],
};
