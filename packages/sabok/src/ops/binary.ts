// What the elementwise operators of two broadcast operands share: everything but the function and its gradient.
import { broadcastShapes, zeros } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { broadcastPositions, broadcastSamples } from "./broadcast.ts";
import { noMacs } from "./shapes.ts";

type Binary<Name extends string> = OpSpec<Name, object, 2>;

/** An operator y = f(a, b) over broadcast operands. */
export function binary<Name extends string>(
  name: Name,
  doc: string,
  f: (a: number, b: number) => number,
  grad: Binary<Name>["grad"],
): Binary<Name> {
  return {
    name,
    doc,
    inputs: ["a", "b"],
    defaults: {},
    infer: ([a, b], _, where) => ({ shape: broadcastShapes(a.shape, b.shape, where), dtype: a.dtype }),
    reference([a, b]) {
      const y = zeros(broadcastShapes(a.shape, b.shape, name));
      const fromA = broadcastPositions(a.shape, y.shape);
      const fromB = broadcastPositions(b.shape, y.shape);
      for (let i = 0; i < y.data.length; i++) y.data[i] = f(a.data[fromA[i]!]!, b.data[fromB[i]!]!);
      return y;
    },
    grad,
    macs: noMacs,
    *samples() {
      for (const [a, b] of broadcastSamples) yield { inputs: [a, b] };
    },
    rejects: [
      {
        inputs: [[2, 3], [4]],
        error: /shapes \[2,3\] and \[4\] do not broadcast: axis 1 from the left is 3 against 4/,
      },
    ],
  };
}
