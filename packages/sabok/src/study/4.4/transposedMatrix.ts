// The transposed convolution of a row as a matrix, in symbols and numbers, read off the library's own layer.
import { convTranspose2d, evaluate } from "../../nn/index.ts";
import {
  identity,
  layerGeometry,
  readProducts,
  rowMaps,
  spanOf,
  vector,
  type Geometry,
  type Product,
} from "../4.1/convolution1d.ts";

/** The output's length, (n − 1)·s − 2p + d(k − 1) + 1; below 1 the padding cuts everything off. */
export const transposedLength = (geometry: Geometry): number =>
  (geometry.n - 1) * geometry.stride - 2 * geometry.padding + spanOf(geometry);

/** Every product: output y takes weight w times input x. */
export async function transposedProducts(geometry: Geometry): Promise<Product[]> {
  const { n, k } = geometry;
  // The weight is [input channels, output channels, 1, k]: one input channel, one output channel a basis kernel.
  const response = await evaluate(
    (x, w) => convTranspose2d(x, w, layerGeometry(geometry)),
    [rowMaps(identity(n)), { shape: [1, k, 1, k], data: identity(k).data }],
  );
  return readProducts(response, ([x, w, y]) => ({ x, w, y }));
}

/** B with y = Bx; `outputPadding` zeros more at the end. No rows where nothing is left. */
export async function transposedMatrix(
  geometry: Geometry,
  w: readonly number[],
  outputPadding = 0,
): Promise<number[][]> {
  if (transposedLength(geometry) + outputPadding < 1) return [];
  const kernel = rowMaps(vector(w));
  const columns = await evaluate(
    (x, w) => convTranspose2d(x, w, { ...layerGeometry(geometry), outputPadding: [0, outputPadding] }),
    [rowMaps(identity(geometry.n)), kernel],
  );
  const m = columns.shape[3]!;
  return Array.from({ length: m }, (_, i) =>
    Array.from({ length: geometry.n }, (_, j) => columns.data[j * m + i]!),
  );
}
