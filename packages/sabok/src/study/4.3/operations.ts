// The operations that are proposed for the derivatives of a convolution, each made of the library's own layers.
import { conv2d, convTranspose2d, evaluate, slice } from "../../nn/index.ts";
import { gradientsOf } from "../gradientsOf.ts";
import { layerGeometry, matrix, rowMaps, spanOf, vector, type Geometry } from "../4.1/convolution1d.ts";

type Numbers = readonly number[];

/** How g is correlated with the kernel. */
export interface Correlation {
  /** Zeros put between two neighbours of g. */
  readonly between: number;
  /** Zeros put before and after; a negative number cuts that many results off instead. */
  readonly before: number;
  readonly after: number;
  readonly turned: boolean;
}

/** The inputs at the end that the last window does not reach: what a transposed convolution calls output padding. */
export const leftOver = (geometry: Geometry): number =>
  (geometry.n + 2 * geometry.padding - spanOf(geometry)) % geometry.stride;

/** The correlation that gives dL/dx: g spread by the stride, the kernel turned round, d(k − 1) − p zeros. */
export function inputGradientCorrelation(geometry: Geometry): Correlation {
  const around = spanOf(geometry) - 1 - geometry.padding;
  return { between: geometry.stride - 1, before: around, after: around + leftOver(geometry), turned: true };
}

/** g correlated with the kernel; no result where the kernel does not fit. */
export async function correlate(
  g: Numbers,
  w: Numbers,
  { dilation }: Geometry,
  { between, before, after, turned }: Correlation,
): Promise<number[]> {
  const spread = (g.length - 1) * (between + 1) + 1;
  const span = dilation * (w.length - 1) + 1;
  const [left, right] = [Math.max(0, before), Math.max(0, after)];
  const length = spread + before + after - span + 1;
  if (length < 1) return [];
  const y = await evaluate(
    (g, one, kernel) => {
      const zerosBetween = convTranspose2d(g, one, { stride: [1, between + 1] });
      const all = conv2d(zerosBetween, kernel, { dilation: [1, dilation], padding: [0, left, 0, right] });
      return slice(all, { starts: [0, 0, 0, left - before], sizes: [1, 1, 1, length] });
    },
    [rowMaps(vector(g)), rowMaps(vector([1])), rowMaps(vector(turned ? w.toReversed() : w))],
  );
  return [...y.data];
}

/** The padded x correlated with g as a kernel: stride and dilation have changed places. The first k results. */
export async function inputWithGradient(x: Numbers, g: Numbers, geometry: Geometry): Promise<number[]> {
  const { stride, dilation, padding, k } = geometry;
  const y = await evaluate(
    (x, g) => conv2d(x, g, layerGeometry({ ...geometry, stride: dilation, dilation: stride, padding })),
    [rowMaps(vector(x)), rowMaps(vector(g))],
  );
  return Array.from(y.data.subarray(0, k));
}

/** dL/dx as the library's transposed convolution of g. */
export async function transposedConvolution(g: Numbers, w: Numbers, geometry: Geometry): Promise<number[]> {
  const y = await evaluate(
    (g, w) => convTranspose2d(g, w, { ...layerGeometry(geometry), outputPadding: [0, leftOver(geometry)] }),
    [rowMaps(vector(g)), rowMaps(vector(w))],
  );
  return [...y.data];
}

/** dL/dx and dL/dw by reverse mode. */
export async function derivatives(x: Numbers, w: Numbers, g: Numbers, geometry: Geometry) {
  const { dx, dw } = await evaluate(
    (x, w, g) => {
      const [dx, dw] = gradientsOf(conv2d(x, w, layerGeometry(geometry)), [x, w], g);
      return { dx: dx!, dw: dw! };
    },
    [rowMaps(vector(x)), rowMaps(matrix([w])), rowMaps(vector(g))],
  );
  return { dx: [...dx.data], dw: [...dw.data] };
}
