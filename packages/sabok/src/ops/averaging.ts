// The weights of average pooling, shared by it and its transpose.
import type { Shape } from "../core/index.ts";
import { maxPool2dDefaults, poolOutputShape, type PoolAttrs } from "./pooling.ts";

export type AveragePool2dAttrs = PoolAttrs & {
  /** Whether the padding counts in the divisor. What lies beyond the padding, under ceilMode, never counts. */
  readonly countIncludePad: boolean;
};

export const averagePool2dDefaults: AveragePool2dAttrs = {
  kernel: maxPool2dDefaults.kernel,
  stride: maxPool2dDefaults.stride,
  padding: maxPool2dDefaults.padding,
  countIncludePad: true,
  ceilMode: false,
};

export function averageOutputShape(x: Shape, attrs: AveragePool2dAttrs, where: string): Shape {
  return poolOutputShape(x, { ...attrs, dilation: [1, 1] }, where);
}

/** Calls back for every pixel of every window with the positions in y and x and the weight 1/divisor. */
export function forEachAverageTap(
  x: Shape,
  y: Shape,
  attrs: AveragePool2dAttrs,
  visit: (y: number, x: number, weight: number) => void,
): void {
  const [batch, channels, outHeight, outWidth] = y as [number, number, number, number];
  const [height, width] = [x[2]!, x[3]!];
  for (let plane = 0; plane < batch * channels; plane++)
    for (let p = 0; p < outHeight; p++) {
      const rows = span(p, 0, height, attrs);
      for (let q = 0; q < outWidth; q++) {
        const columns = span(q, 1, width, attrs);
        const yAt = (plane * outHeight + p) * outWidth + q;
        const weight = 1 / (rows.count * columns.count);
        for (let row = rows.start; row < rows.end; row++)
          for (let column = columns.start; column < columns.end; column++)
            visit(yAt, (plane * height + row) * width + column, weight);
      }
    }
}

/** Along one axis, the pixels [start, end) of a window and how many count in the divisor. */
function span(
  at: number,
  axis: 0 | 1,
  size: number,
  { kernel, stride, padding, countIncludePad }: AveragePool2dAttrs,
) {
  const first = at * stride[axis] - padding[axis];
  const last = Math.min(first + kernel[axis], size + padding[axis + 2]!);
  const [start, end] = [Math.max(first, 0), Math.min(last, size)];
  return { start, end, count: countIncludePad ? last - first : end - start };
}
