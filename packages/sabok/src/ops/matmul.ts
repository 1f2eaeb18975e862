// The matrix product, batched over leading axes.
import { ShapeError, broadcastShapes, formatShape, sizeOf, zeros, type Shape } from "../core/index.ts";
import type { OpSpec } from "../graph/index.ts";
import { broadcastPositions } from "./broadcast.ts";
import { unbroadcast } from "./sumTo.ts";

export type MatmulAttrs = { readonly transposeA: boolean; readonly transposeB: boolean };

export const matmul: OpSpec<"matmul", MatmulAttrs, 2> = {
  name: "matmul",
  doc: "y[…,m,n] = Σ_k a[…,m,k] · b[…,k,n]; a flag transposes an operand's last two axes; leading axes broadcast.",
  inputs: ["a […,M,K]", "b […,K,N]"],
  defaults: { transposeA: false, transposeB: false },
  infer: ([a, b], attrs, where) => ({
    shape: productShape(a.shape, b.shape, attrs, where).y,
    dtype: a.dtype,
  }),
  reference([a, b], attrs) {
    const { y: shape, m, n, k, batch } = productShape(a.shape, b.shape, attrs, "matmul");
    const y = zeros(shape);
    const fromA = broadcastPositions(a.shape.slice(0, -2), batch);
    const fromB = broadcastPositions(b.shape.slice(0, -2), batch);
    for (let at = 0; at < sizeOf(batch); at++)
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let l = 0; l < k; l++) {
            const inA = attrs.transposeA ? l * m + i : i * k + l;
            const inB = attrs.transposeB ? j * k + l : l * n + j;
            sum += a.data[fromA[at]! * m * k + inA]! * b.data[fromB[at]! * k * n + inB]!;
          }
          y.data[(at * m + i) * n + j] = sum;
        }
    return y;
  },
  grad(g, dy, { inputs: [a, b], attrs: { transposeA, transposeB } }) {
    // y = AB gives Ā = ȳBᵀ and B̄ = Aᵀȳ; a transposed operand gets the transpose of that.
    const da = transposeA
      ? g.apply(matmul, [b, dy], { transposeA: transposeB, transposeB: true })
      : g.apply(matmul, [dy, b], { transposeA: false, transposeB: !transposeB });
    const db = transposeB
      ? g.apply(matmul, [dy, a], { transposeA: true, transposeB: transposeA })
      : g.apply(matmul, [a, dy], { transposeA: !transposeA, transposeB: false });
    return [unbroadcast(g, da, a), unbroadcast(g, db, b)];
  },
  macs([a, b], attrs) {
    const { y, k } = productShape(a.shape, b.shape, attrs, "matmul");
    return sizeOf(y) * k;
  },
  *samples() {
    const sizes = [
      [1, 1, 1],
      [3, 5, 4],
      [7, 2, 9],
      [8, 16, 8],
      [5, 17, 3],
      [1, 33, 10],
    ] as const;
    for (const [m, k, n] of sizes)
      for (const transposeA of [false, true])
        for (const transposeB of [false, true])
          yield {
            inputs: [transposeA ? [k, m] : [m, k], transposeB ? [n, k] : [k, n]],
            attrs: { transposeA, transposeB },
          };
    yield {
      inputs: [
        [2, 3, 4],
        [2, 4, 5],
      ],
    };
    yield {
      inputs: [
        [2, 3, 4],
        [4, 5],
      ],
    };
    yield {
      inputs: [
        [2, 1, 3, 4],
        [3, 4, 2],
      ],
    };
    yield {
      inputs: [
        [3, 4],
        [2, 5, 4],
      ],
      attrs: { transposeB: true },
    };
  },
  rejects: [
    {
      inputs: [
        [2, 3],
        [4, 5],
      ],
      error: /a has 3 columns but b has 4 rows\. Shapes a \[2,3\], b \[4,5\]/,
    },
    { inputs: [[3], [3, 5]], error: /expected matrices/ },
    {
      inputs: [
        [2, 3, 4],
        [3, 4, 5],
      ],
      error: /do not broadcast/,
    },
  ],
};

function productShape(a: Shape, b: Shape, { transposeA, transposeB }: MatmulAttrs, where: string) {
  const shapes = `Shapes a ${formatShape(a)}, b ${formatShape(b)}.`;
  if (a.length < 2 || b.length < 2)
    throw new ShapeError(`${where}: expected matrices (rank 2 or more). ${shapes}`);
  const [m, k] = transposeA ? [a.at(-1)!, a.at(-2)!] : [a.at(-2)!, a.at(-1)!];
  const [rows, n] = transposeB ? [b.at(-1)!, b.at(-2)!] : [b.at(-2)!, b.at(-1)!];
  if (k !== rows) throw new ShapeError(`${where}: a has ${k} columns but b has ${rows} rows. ${shapes}`);
  const batch = broadcastShapes(a.slice(0, -2), b.slice(0, -2), where);
  return { y: [...batch, m, n], m, n, k, batch };
}
