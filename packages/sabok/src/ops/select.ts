// One of two numbers, chosen elementwise by a third.
import { broadcastShapes, tensor, sizeOf, zeros, Random, type Shape, type Tensor } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { broadcastPositions, broadcastSamples } from "./broadcast.ts";
import { affine } from "./affine.ts";
import { noMacs } from "./shapes.ts";
import { unbroadcast } from "./sumTo.ts";

export const select: OpSpec<"select", object, 3> = {
  name: "select",
  doc: "y = a where the condition is 1, b where it is 0, with broadcasting; what lies between counts as the nearer of them.",
  inputs: ["condition", "a", "b"],
  defaults: {},
  infer: ([condition, a, b], _, where) => ({
    shape: broadcastShapes(condition.shape, broadcastShapes(a.shape, b.shape, where), where),
    dtype: a.dtype,
  }),
  reference([condition, a, b]) {
    const y = zeros(broadcastShapes(condition.shape, broadcastShapes(a.shape, b.shape, "select"), "select"));
    const [chosen, fromA, fromB] = [condition, a, b].map(({ shape }) => broadcastPositions(shape, y.shape));
    for (let i = 0; i < y.data.length; i++)
      y.data[i] = holds(condition.data[chosen![i]!]!) ? a.data[fromA![i]!]! : b.data[fromB![i]!]!;
    return y;
  },
  grad(g, dy, { inputs: [condition, a, b] }) {
    const none = g.apply(affine, [dy], { scale: 0 });
    return [
      null,
      unbroadcast(g, g.apply(select, [condition, dy, none]), a),
      unbroadcast(g, g.apply(select, [condition, none, dy]), b),
    ];
  },
  macs: noMacs,
  *samples() {
    for (const [i, [a, b]] of broadcastSamples.entries())
      yield { inputs: [zerosAndOnes(i % 2 === 0 ? a : b, i), a, b] };
  },
  rejects: [
    { inputs: [[2], [2, 3], [3]], error: /do not broadcast/ },
    { inputs: [[1], [2, 3], [4]], error: /do not broadcast/ },
  ],
};

function holds(condition: number): boolean {
  return Math.abs(condition) >= 0.5;
}

function zerosAndOnes(shape: Shape, seed: number): Tensor {
  const random = new Random(seed);
  return tensor(
    shape,
    Float64Array.from({ length: sizeOf(shape) }, () => random.integer(2)),
  );
}
