// Checks and index arithmetic that several operators' shape rules and references share.
import { ShapeError, formatShape, sizeOf, type Shape, type TensorType } from "../core/index.ts";
import type { Padding, Pair } from "../graph/index.ts";

/** Throws unless the operand has the given rank. */
export function expectRank(type: TensorType, rank: number, operand: string, where: string): void {
  if (type.shape.length !== rank)
    throw new ShapeError(`${where}: ${operand} has shape ${formatShape(type.shape)}, expected rank ${rank}.`);
}

/** Throws unless the operand has exactly the given shape. */
export function expectShape(type: TensorType, shape: Shape, operand: string, where: string): void {
  if (formatShape(type.shape) !== formatShape(shape))
    throw new ShapeError(
      `${where}: ${operand} has shape ${formatShape(type.shape)}, expected ${formatShape(shape)}.`,
    );
}

/** Throws unless both numbers are whole and at least `least`. */
export function expectPair(pair: readonly number[], least: number, attribute: string, where: string): void {
  if (pair.length !== 2 || pair.some((n) => !Number.isInteger(n) || n < least))
    throw new ShapeError(
      `${where}: ${attribute} is ${formatShape(pair)}, expected two whole numbers of at least ${least}.`,
    );
}

/** Throws unless the padding is four whole numbers [top, left, bottom, right] of at least 0. */
export function expectPadding(padding: readonly number[], where: string): void {
  if (padding.length !== 4 || padding.some((n) => !Number.isInteger(n) || n < 0))
    throw new ShapeError(
      `${where}: padding is ${formatShape(padding)}, expected [top,left,bottom,right], whole numbers of at least 0.`,
    );
}

/** The spatial attributes that windows (convolution, pooling) share. */
export interface WindowAttrs {
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly padding: Padding;
}

/**
 * The output length of a sliding window along one axis: ⌊(size + before + after − dilation·(kernel−1) − 1)/stride⌋ + 1.
 * Below 1 the window does not fit.
 */
export function windowOutput(
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
  before: number,
  after: number,
): number {
  return Math.floor((size + before + after - dilation * (kernel - 1) - 1) / stride) + 1;
}

/** The output size [OH, OW] of a window over an [H, W] map; throws where an axis comes out empty. */
export function windowOutputSize(size: Pair, kernel: Pair, attrs: WindowAttrs, where: string): Pair {
  const { stride, dilation, padding } = attrs;
  expectPair(stride, 1, "stride", where);
  expectPair(dilation, 1, "dilation", where);
  expectPair(kernel, 1, "kernel", where);
  expectPadding(padding, where);
  const height = windowOutput(size[0], kernel[0], stride[0], dilation[0], padding[0], padding[2]);
  const width = windowOutput(size[1], kernel[1], stride[1], dilation[1], padding[1], padding[3]);
  if (height < 1 || width < 1)
    throw new ShapeError(
      `${where}: a ${kernel[0]}x${kernel[1]} window with dilation ${formatShape(dilation)} does not fit into a map of ` +
        `${size[0]}x${size[1]} padded by ${formatShape(padding)}; pad more, dilate less, or give a larger input.`,
    );
  return [height, width];
}

/** The tensor's extent as batch, channels, and all further axes flattened: [N, C, …] → [N, C, rest]. */
export function channelView(shape: Shape): readonly [number, number, number] {
  return [shape[0]!, shape[1]!, sizeOf(shape.slice(2))];
}

/** No multiply-accumulates: what every operator but convolutions and matrix products answers. */
export function noMacs(): number {
  return 0;
}

/** Shapes [N,C,…] that tests of per-channel operators share. */
export const channelShapes: readonly Shape[] = [
  [1, 1, 1, 1],
  [2, 3, 4, 5],
  [1, 17, 3, 3],
  [5, 8, 1, 1],
  [3, 4, 7, 2],
  [2, 16, 5, 5],
  [4, 1, 6, 3],
  [1, 5, 9, 1],
  [2, 33, 2, 2],
  [7, 2, 1, 3],
  [2, 24, 8, 8],
  [3, 12, 3, 5],
  [1, 1, 13, 11],
  [2, 9, 1, 7],
  [6, 6, 2, 3],
  [1, 40, 4, 4],
  [4, 3],
  [1, 1],
  [9, 17],
  [2, 64],
  [5, 3, 4],
  [2, 7, 1],
];

/** Shapes of any rank that tests of elementwise operators share. */
export const anyShapes: readonly Shape[] = [
  [],
  [1],
  [7],
  [64],
  [3, 5],
  [1, 17],
  [4, 4],
  [2, 3, 4],
  [1, 1, 1],
  [5, 1, 2],
  [1, 1, 1, 1],
  [2, 3, 4, 5],
  [1, 17, 3, 3],
  [5, 8, 1, 1],
  [3, 4, 7, 2],
  [2, 16, 5, 5],
  [4, 1, 6, 3],
  [2, 33, 2, 2],
  [1, 40, 4, 4],
  [2, 2, 2, 2, 2],
  [1, 3, 1, 2, 2],
];
