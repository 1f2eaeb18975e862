// Where the k largest (or smallest) numbers along an axis stand; gatherElements reads them.
import { ShapeError, formatShape, normalizeAxis, zeros, type Shape } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { noMacs } from "./shapes.ts";
import { forEachLine } from "./softmax.ts";

export type TopKIndicesAttrs = {
  /** Negative axes count from the back. */
  readonly axis: number;
  readonly k: number;
  /** The largest, or the smallest. */
  readonly largest: boolean;
};

export const topKIndices: OpSpec<"topKIndices", TopKIndicesAttrs, 1> = {
  name: "topKIndices",
  doc: "The indices of the k largest (or smallest) numbers along an axis, the best first, the lower index first among equals.",
  inputs: ["x"],
  defaults: { axis: -1, k: 1, largest: true },
  infer: ([x], attrs, where) => ({ shape: shortened(x.shape, attrs, where), dtype: x.dtype }),
  reference([x], attrs) {
    const shape = shortened(x.shape, attrs, "topKIndices");
    const y = zeros(shape);
    const sign = attrs.largest ? -1 : 1;
    const targets: (readonly number[])[] = [];
    forEachLine(y, attrs.axis, (line) => targets.push(line));
    let next = 0;
    forEachLine(x, attrs.axis, (line) => {
      const order = [...line.keys()].sort((a, b) => sign * (x.data[line[a]!]! - x.data[line[b]!]!) || a - b);
      for (const [rank, at] of targets[next++]!.entries()) y.data[at] = order[rank]!;
    });
    return y;
  },
  grad: () => [null],
  macs: noMacs,
  *samples() {
    for (const x of [[1], [7], [3, 5], [4, 1], [2, 3, 4, 5], [1, 17, 3, 3], [2, 33]] as Shape[])
      for (const axis of [0, -1, x.length - 1])
        yield { inputs: [x], attrs: { axis, k: Math.ceil(x.at(axis)! / 2), largest: axis >= 0 } };
  },
  rejects: [
    {
      inputs: [[2, 3]],
      attrs: { k: 4 },
      error: /k is 4, expected 1 to 3, the length of axis 1 of x \[2,3\]/,
    },
    { inputs: [[2, 3]], attrs: { k: 0 }, error: /k is 0/ },
    { inputs: [[2, 3]], attrs: { axis: 2 }, error: /axis 2 is outside a value of rank 2/ },
  ],
};

function shortened(x: Shape, { axis, k }: TopKIndicesAttrs, where: string): Shape {
  const at = normalizeAxis(axis, x.length, where);
  if (!Number.isInteger(k) || k < 1 || k > x[at]!)
    throw new ShapeError(
      `${where}: k is ${k}, expected 1 to ${x[at]}, the length of axis ${at} of x ${formatShape(x)}.`,
    );
  return x.map((dimension, i) => (i === at ? k : dimension));
}
