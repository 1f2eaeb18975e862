// What sum and mean share: which axes fall away, and the gradient's way back.
import { ShapeError, formatShape, normalizeAxis, zeros, type Shape, type Tensor } from "../core/index.ts";
import {
  shapeOf,
  type GraphBuilder,
  type Reject,
  type Sample,
  type Value,
  type Window,
} from "../graph/index.ts";
import { broadcastPositions } from "./broadcast.ts";
import { broadcastTo } from "./broadcastTo.ts";
import { reshape } from "./reshape.ts";

export type ReductionAttrs = {
  /** The axes to reduce; negative ones count from the back. Empty: every axis. */
  readonly axes: readonly number[];
  /** Keep the reduced axes with length 1. */
  readonly keepDims: boolean;
};

export const reductionDefaults: ReductionAttrs = { axes: [], keepDims: false };

interface Reduction {
  /** The shape of the result. */
  readonly shape: Shape;
  /** The same with the reduced axes kept as 1. */
  readonly kept: Shape;
  /** How many numbers go into one of the result. */
  readonly count: number;
}

/** What reducing a value of shape x gives; throws where the axes do not fit. */
export function reduction(x: Shape, { axes, keepDims }: ReductionAttrs, where: string): Reduction {
  const reduced = new Set(
    axes.length === 0 ? x.keys() : axes.map((axis) => normalizeAxis(axis, x.length, where)),
  );
  if (axes.length > 0 && reduced.size < axes.length)
    throw new ShapeError(`${where}: axes ${formatShape(axes)} name an axis of x ${formatShape(x)} twice.`);
  const kept = x.map((dimension, axis) => (reduced.has(axis) ? 1 : dimension));
  const count = x.reduce(
    (product, dimension, axis) => (reduced.has(axis) ? product * dimension : product),
    1,
  );
  return { kept, count, shape: keepDims ? kept : x.filter((_, axis) => !reduced.has(axis)) };
}

/** The sums over the reduced axes, times scale. */
export function reduce(x: Tensor, { shape, kept }: Reduction, scale: number): Tensor {
  const y = zeros(shape);
  broadcastPositions(kept, x.shape).forEach((position, at) => (y.data[position]! += scale * x.data[at]!));
  return y;
}

/** dy, repeated along the axes that were summed over. */
export function expandReduced(g: GraphBuilder, dy: Value, x: Value, attrs: ReductionAttrs): Value {
  const { kept } = reduction(shapeOf(x), attrs, "gradient");
  return g.apply(broadcastTo, [g.apply(reshape, [dy], { shape: kept })], { shape: shapeOf(x) });
}

/** Reducing a spatial axis sees the whole map; reducing others only its own pixel. */
export function reductionWindow(x: Shape, attrs: ReductionAttrs): Window | "global" {
  const { kept } = reduction(x, attrs, "window");
  const spatial = kept.some((dimension, axis) => axis >= 2 && dimension !== x[axis]);
  return spatial ? "global" : { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0] };
}

/** Shapes and axes that tests of all reductions share. */
export function* reductionSamples(): Iterable<Sample<ReductionAttrs, 1>> {
  yield { inputs: [[]] };
  const cases: readonly (readonly [Shape, readonly number[]])[] = [
    [[7], [0]],
    [[1], []],
    [[3, 5], [1]],
    [[3, 5], [-2]],
    [[4, 33], []],
    [
      [2, 3, 4, 5],
      [2, 3],
    ],
    [
      [2, 3, 4, 5],
      [0, 2, 3],
    ],
    [
      [2, 3, 4, 5],
      [-1, 1],
    ],
    [[1, 17, 3, 3], [1]],
    [
      [5, 8, 1, 1],
      [2, 3],
    ],
    [[2, 16, 5, 5], [-4]],
    [
      [2, 2, 3, 1, 2],
      [1, 3],
    ],
  ];
  for (const [x, axes] of cases)
    for (const keepDims of [false, true]) yield { inputs: [x], attrs: { axes, keepDims } };
}

export const reductionRejects: readonly Reject<ReductionAttrs, 1>[] = [
  { inputs: [[2, 3]], attrs: { axes: [2] }, error: /axis 2 is outside a value of rank 2; give -2 to 1/ },
  { inputs: [[2, 3]], attrs: { axes: [0.5] }, error: /axis 0.5 is outside/ },
  { inputs: [[2, 3]], attrs: { axes: [1, -1] }, error: /axes \[1,-1\] name an axis of x \[2,3\] twice/ },
];
