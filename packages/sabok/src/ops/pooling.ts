// The geometry that the pooling operators share: output sizes with PyTorch's ceiling rule, and each window's maximum.
import { ShapeError, formatShape, type Shape, type Tensor } from "../core/index.ts";
import type { Padding, Pair } from "../graph/index.ts";
import { expectPadding, expectPair } from "./shapes.ts";

export type PoolAttrs = {
  readonly kernel: Pair;
  readonly stride: Pair;
  /** [top, left, bottom, right]; each smaller than the window. */
  readonly padding: Padding;
  /** Round the output size up; a last window that would begin in the bottom or right padding is dropped, as in PyTorch. */
  readonly ceilMode: boolean;
};

export type MaxPool2dAttrs = PoolAttrs & { readonly dilation: Pair };

export const maxPool2dDefaults: MaxPool2dAttrs = {
  kernel: [2, 2],
  stride: [2, 2],
  dilation: [1, 1],
  padding: [0, 0, 0, 0],
  ceilMode: false,
};

/** The shape [N,C,OH,OW] of windows over x [N,C,H,W]; throws where they do not fit. */
export function poolOutputShape(x: Shape, attrs: MaxPool2dAttrs, where: string): Shape {
  if (x.length !== 4) throw new ShapeError(`${where}: x has shape ${formatShape(x)}, expected [N,C,H,W].`);
  const { kernel, stride, dilation, padding, ceilMode } = attrs;
  expectPair(kernel, 1, "kernel", where);
  expectPair(stride, 1, "stride", where);
  expectPair(dilation, 1, "dilation", where);
  expectPadding(padding, where);
  const [height, width] = [0, 1].map((axis) => {
    const extent = dilation[axis]! * (kernel[axis]! - 1) + 1;
    const [before, after] = [padding[axis]!, padding[axis + 2]!];
    if (before >= extent || after >= extent)
      throw new ShapeError(
        `${where}: padding ${formatShape(padding)} must stay below the window's extent of ${extent} along axis ${axis + 2}, ` +
          `or an output would see padding only.`,
      );
    return poolOutput(x[axis + 2]!, extent, stride[axis]!, before, after, ceilMode);
  }) as [number, number];
  if (height < 1 || width < 1)
    throw new ShapeError(
      `${where}: a ${kernel[0]}x${kernel[1]} window with dilation ${formatShape(dilation)} does not fit into a map of ` +
        `${x[2]}x${x[3]} padded by ${formatShape(padding)}; pad more, set ceilMode, or give a larger input.`,
    );
  return [x[0]!, x[1]!, height, width];
}

function poolOutput(
  size: number,
  extent: number,
  stride: number,
  before: number,
  after: number,
  ceilMode: boolean,
): number {
  const steps = (size + before + after - extent) / stride;
  if (!ceilMode) return Math.floor(steps) + 1;
  const length = Math.ceil(steps) + 1;
  return (length - 1) * stride >= size + before ? length - 1 : length;
}

/** Throws unless dy has the shape of the windows' results over x. */
export function expectPooled(dy: Shape, pooled: Shape, operand: string, where: string): void {
  if (formatShape(dy) !== formatShape(pooled))
    throw new ShapeError(
      `${where}: ${operand} has shape ${formatShape(dy)}, but pooling x gives ${formatShape(pooled)}; they must be equal.`,
    );
}

/**
 * For every output of max pooling in row-major order, the position in x of the window's first maximum, where NaN counts
 * as larger than any number; −1 where a dilated window meets padding only.
 */
export function windowMaxima(
  x: Tensor,
  y: Shape,
  { kernel, stride, dilation, padding }: MaxPool2dAttrs,
): Int32Array {
  const [batch, channels, outHeight, outWidth] = y as [number, number, number, number];
  const [height, width] = [x.shape[2]!, x.shape[3]!];
  const maxima = new Int32Array(batch * channels * outHeight * outWidth);
  let yAt = 0;
  for (let plane = 0; plane < batch * channels; plane++)
    for (let p = 0; p < outHeight; p++)
      for (let q = 0; q < outWidth; q++) {
        let best = -1;
        for (let i = 0; i < kernel[0]; i++) {
          const row = p * stride[0] - padding[0] + i * dilation[0];
          if (row < 0 || row >= height) continue;
          for (let j = 0; j < kernel[1]; j++) {
            const column = q * stride[1] - padding[1] + j * dilation[1];
            if (column < 0 || column >= width) continue;
            const xAt = (plane * height + row) * width + column;
            if (best < 0 || exceeds(x.data[xAt]!, x.data[best]!)) best = xAt;
          }
        }
        maxima[yAt++] = best;
      }
  return maxima;
}

/** Whether a later candidate takes the maximum's place: only where it is larger, and NaN is largest. */
export function exceeds(candidate: number, best: number): boolean {
  return candidate > best || (Number.isNaN(candidate) && !Number.isNaN(best));
}

/** Geometries that tests of all pooling operators share: [x, attrs]. Those without dilation serve averages too. */
export const poolSamples: readonly (readonly [Shape, Partial<MaxPool2dAttrs>])[] = [
  [[1, 1, 1, 1], { kernel: [1, 1], stride: [1, 1] }],
  [[2, 3, 4, 4], {}],
  [[1, 17, 7, 5], { kernel: [3, 3], padding: [1, 1, 1, 1] }],
  [[2, 5, 8, 8], { kernel: [3, 3], padding: [1, 1, 1, 1] }],
  [[1, 4, 5, 5], {}],
  [[1, 4, 5, 5], { ceilMode: true }],
  [[2, 3, 6, 7], { kernel: [3, 3], ceilMode: true }],
  [[1, 2, 5, 4], { stride: [2, 3], padding: [1, 1, 1, 1], ceilMode: true }],
  [[1, 2, 6, 8], { kernel: [3, 3], stride: [2, 3], padding: [1, 1, 1, 1], ceilMode: true }],
  [[3, 9, 1, 1], { kernel: [3, 3], stride: [1, 1], padding: [1, 1, 1, 1] }],
  [[2, 3, 5, 6], { kernel: [3, 3], padding: [0, 0, 1, 1] }],
  [[2, 3, 5, 6], { kernel: [3, 3], padding: [0, 1, 2, 0] }],
  [[1, 33, 3, 3], { kernel: [3, 3], stride: [1, 1] }],
  [[2, 8, 1, 9], { kernel: [1, 3], stride: [1, 2], padding: [0, 1, 0, 1] }],
  [[2, 7, 9, 1], { kernel: [5, 1], stride: [1, 1], padding: [2, 0, 2, 0] }],
  [[1, 12, 6, 6], { stride: [3, 3] }],
  [[2, 1, 13, 11], { kernel: [5, 5], stride: [3, 3], padding: [1, 2, 2, 1] }],
  [[1, 24, 4, 4], { kernel: [4, 4] }],
  [[4, 2, 3, 5], { kernel: [2, 3], stride: [1, 1] }],
  [[1, 3, 2, 2], { kernel: [3, 3], ceilMode: true }],
  [[2, 16, 5, 5], { kernel: [5, 5], stride: [1, 1], padding: [2, 2, 2, 2] }],
  [[1, 6, 9, 9], { kernel: [3, 3], stride: [1, 1], dilation: [2, 2] }],
  [[1, 6, 9, 7], { kernel: [3, 3], stride: [2, 1], dilation: [2, 3], padding: [2, 3, 2, 3] }],
  [[1, 2, 6, 8], { kernel: [2, 3], stride: [3, 2], dilation: [2, 2], padding: [1, 1, 1, 1], ceilMode: true }],
];
