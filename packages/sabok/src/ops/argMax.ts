// Where the largest number along an axis stands.
import { normalizeAxis, zeros, type Shape } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { noMacs } from "./shapes.ts";
import { forEachLine } from "./softmax.ts";

export type ArgMaxAttrs = {
  /** Negative axes count from the back. */
  readonly axis: number;
  /** Keep the axis with length 1. */
  readonly keepDims: boolean;
  /** Of equal maxima the last one's index instead of the first's. */
  readonly last: boolean;
};

export const argMax: OpSpec<"argMax", ArgMaxAttrs, 1> = {
  name: "argMax",
  doc: "y = the index of the maximum of x along an axis, of the first one where several are equal.",
  inputs: ["x"],
  defaults: { axis: -1, keepDims: false, last: false },
  infer: ([x], attrs, where) => ({ shape: withoutAxis(x.shape, attrs, where), dtype: x.dtype }),
  reference([x], attrs) {
    const y = zeros(withoutAxis(x.shape, attrs, "argMax"));
    let next = 0;
    forEachLine(x, attrs.axis, (line) => {
      let best = 0;
      for (const [i, at] of line.entries()) {
        const most = x.data[line[best]!]!;
        if (x.data[at]! > most || (attrs.last && x.data[at]! === most)) best = i;
      }
      y.data[next++] = best;
    });
    return y;
  },
  grad: () => [null],
  macs: noMacs,
  *samples() {
    for (const x of [[1], [7], [3, 5], [4, 1], [2, 3, 4, 5], [1, 17, 3, 3], [2, 33]] as Shape[])
      for (const [i, axis] of [0, -1, x.length - 1].entries())
        yield { inputs: [x], attrs: { axis, keepDims: i === 1, last: i === 2 } };
  },
  rejects: [{ inputs: [[2, 3]], attrs: { axis: 2 }, error: /axis 2 is outside a value of rank 2/ }],
};

function withoutAxis(x: Shape, { axis, keepDims }: ArgMaxAttrs, where: string): Shape {
  const at = normalizeAxis(axis, x.length, where);
  return keepDims ? x.map((d, i) => (i === at ? 1 : d)) : x.filter((_, i) => i !== at);
}
