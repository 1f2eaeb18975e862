// A fully connected layer without its bias.
import { ShapeError, formatShape, sizeOf, zeros } from "../core/index.ts";
import { shapeOf, type OpSpec } from "../graph/index.ts";
import { matmul } from "./matmul.ts";
import { reshape } from "./reshape.ts";
import { expectRank } from "./shapes.ts";

export const linear: OpSpec<"linear", object, 2> = {
  name: "linear",
  doc: "y[…,o] = Σ_k x[…,k] · w[o,k].",
  inputs: ["x […,K]", "w [O,K]"],
  defaults: {},
  infer([x, w], _, where) {
    expectRank(w, 2, "w", where);
    if (x.shape.length < 1 || x.shape.at(-1) !== w.shape[1])
      throw new ShapeError(
        `${where}: x has ${x.shape.at(-1) ?? "no"} features but w expects ${w.shape[1]}. ` +
          `Shapes x ${formatShape(x.shape)}, w ${formatShape(w.shape)}.`,
      );
    return { shape: [...x.shape.slice(0, -1), w.shape[0]!], dtype: x.dtype };
  },
  reference([x, w]) {
    const [outputs, features] = w.shape as [number, number];
    const y = zeros([...x.shape.slice(0, -1), outputs]);
    for (let i = 0; i < y.data.length; i++) {
      const row = Math.floor(i / outputs) * features;
      const column = (i % outputs) * features;
      for (let k = 0; k < features; k++) y.data[i]! += x.data[row + k]! * w.data[column + k]!;
    }
    return y;
  },
  grad(g, dy, { inputs: [x, w] }) {
    const [outputs, features] = shapeOf(w);
    const dy2 = shapeOf(dy).length === 2 ? dy : g.apply(reshape, [dy], { shape: [-1, outputs!] });
    const x2 = shapeOf(x).length === 2 ? x : g.apply(reshape, [x], { shape: [-1, features!] });
    // A vector is a matrix of one row to matmul.
    const dx = g.apply(matmul, [dy2, w]);
    return [
      shapeOf(x).length === 2 ? dx : g.apply(reshape, [dx], { shape: shapeOf(x) }),
      g.apply(matmul, [dy2, x2], { transposeA: true }),
    ];
  },
  macs: ([x, w]) => sizeOf(x.shape) * w.shape[0]!,
  *samples() {
    const sizes = [
      [1, 1, 1],
      [2, 3, 5],
      [7, 17, 9],
      [32, 64, 10],
      [3, 8, 8],
      [5, 33, 2],
      [1, 100, 13],
      [4, 5, 24],
      [9, 4, 4],
      [6, 12, 40],
    ] as const;
    for (const [n, k, o] of sizes) {
      yield {
        inputs: [
          [n, k],
          [o, k],
        ],
      };
      yield {
        inputs: [
          [2, n, k],
          [o, k],
        ],
      };
    }
    yield { inputs: [[6], [3, 6]] };
  },
  rejects: [
    {
      inputs: [
        [2, 5],
        [3, 4],
      ],
      error: /x has 5 features but w expects 4/,
    },
    { inputs: [[2, 5], [5]], error: /w has shape \[5\], expected rank 2/ },
  ],
};
