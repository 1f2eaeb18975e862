// The geometry that the three convolutions share. Each is the same sum
//
//   Σ_{n,o,c,i,j,p,q} y[n,o,p,q] · w[o,c,i,j] · x[n, g(o)+c, p·sh − top + i·dh, q·sw − left + j·dw]
//
// read for one of its three tensors: y = conv2d(x, w), x̄ = conv2dInputGradient(y, w), w̄ = conv2dWeightGradient(x, y).
// The form is trilinear, so the gradient of each one is made of the other two.
import { ShapeError, formatShape, type Shape } from "../core/index.ts";
import type { Padding, Pair } from "../graph/index.ts";
import { windowOutputSize, type WindowAttrs } from "./shapes.ts";

export type Conv2dAttrs = {
  readonly stride: Pair;
  readonly dilation: Pair;
  /** [top, left, bottom, right] of zeros. */
  readonly padding: Padding;
  readonly groups: number;
};

export const conv2dDefaults: Conv2dAttrs = {
  stride: [1, 1],
  dilation: [1, 1],
  padding: [0, 0, 0, 0],
  groups: 1,
};

/** The shape of y for x [N,C,H,W] and w [O,C/groups,KH,KW]; throws where they do not fit. */
export function convOutputShape(x: Shape, w: Shape, attrs: Conv2dAttrs, where: string): Shape {
  const shapes = `Shapes x ${formatShape(x)}, w ${formatShape(w)}.`;
  if (x.length !== 4 || w.length !== 4)
    throw new ShapeError(`${where}: expected x [N,C,H,W] and w [O,C/groups,KH,KW]. ${shapes}`);
  const { groups } = attrs;
  if (!Number.isInteger(groups) || groups < 1)
    throw new ShapeError(`${where}: groups is ${groups}, expected a whole number of at least 1.`);
  if (x[1] !== w[1]! * groups)
    throw new ShapeError(
      `${where}: x has ${x[1]} channels but w expects ${w[1]! * groups} (groups ${groups}). ${shapes}`,
    );
  if (w[0]! % groups !== 0)
    throw new ShapeError(
      `${where}: ${w[0]} output channels cannot be split into ${groups} groups. ${shapes}`,
    );
  const [height, width] = windowOutputSize([x[2]!, x[3]!], [w[2]!, w[3]!], attrs, where);
  return [x[0]!, w[0]!, height, width];
}

/**
 * Calls back for every multiplication of the sum: the row-major positions in y, w and x of its three factors.
 * Positions that fall into the padding are left out.
 */
export function forEachProduct(
  x: Shape,
  w: Shape,
  y: Shape,
  attrs: Conv2dAttrs & WindowAttrs,
  visit: (y: number, w: number, x: number) => void,
): void {
  const [batch, outChannels, outHeight, outWidth] = y as [number, number, number, number];
  const [, channels, height, width] = x as [number, number, number, number];
  const [, groupChannels, kernelHeight, kernelWidth] = w as [number, number, number, number];
  const outPerGroup = outChannels / attrs.groups;
  const [strideH, strideW] = attrs.stride;
  const [dilationH, dilationW] = attrs.dilation;
  const [top, left] = attrs.padding;
  for (let n = 0; n < batch; n++)
    for (let o = 0; o < outChannels; o++) {
      const firstChannel = Math.floor(o / outPerGroup) * groupChannels;
      for (let p = 0; p < outHeight; p++)
        for (let q = 0; q < outWidth; q++) {
          const yAt = ((n * outChannels + o) * outHeight + p) * outWidth + q;
          for (let c = 0; c < groupChannels; c++)
            for (let i = 0; i < kernelHeight; i++) {
              const row = p * strideH - top + i * dilationH;
              if (row < 0 || row >= height) continue;
              const xRow = ((n * channels + firstChannel + c) * height + row) * width;
              const wRow = ((o * groupChannels + c) * kernelHeight + i) * kernelWidth;
              for (let j = 0; j < kernelWidth; j++) {
                const column = q * strideW - left + j * dilationW;
                if (column >= 0 && column < width) visit(yAt, wRow + j, xRow + column);
              }
            }
        }
    }
}

/** Multiply-accumulates of one convolution: every output element is C/groups·KH·KW of them, padding counted. */
export function convMacs(y: Shape, w: Shape): number {
  return y[0]! * y[1]! * y[2]! * y[3]! * w[1]! * w[2]! * w[3]!;
}

/** Geometries that tests of all three convolutions share: [x, w, attrs], awkward on purpose. */
export const convSamples: readonly (readonly [Shape, Shape, Partial<Conv2dAttrs>])[] = [
  [[1, 1, 1, 1], [1, 1, 1, 1], {}],
  [[2, 3, 5, 7], [4, 3, 1, 1], {}],
  [[1, 17, 4, 3], [9, 17, 1, 1], {}],
  [[3, 8, 6, 6], [24, 8, 1, 1], { stride: [2, 2] }],
  [[2, 3, 9, 9], [5, 3, 3, 3], {}],
  [[2, 3, 8, 8], [16, 3, 3, 3], { stride: [2, 2], padding: [1, 1, 1, 1] }],
  [[1, 1, 7, 9], [8, 1, 3, 3], { padding: [1, 1, 1, 1] }],
  [[2, 4, 7, 5], [6, 4, 3, 3], { stride: [2, 1], padding: [1, 0, 2, 1] }],
  [[1, 3, 11, 11], [2, 3, 3, 3], { dilation: [2, 3] }],
  [[2, 5, 9, 8], [3, 5, 2, 4], { padding: [0, 1, 1, 2], stride: [3, 2] }],
  [[1, 4, 6, 6], [8, 2, 3, 3], { groups: 2, padding: [1, 1, 1, 1] }],
  [[2, 6, 5, 5], [9, 2, 3, 3], { groups: 3, stride: [2, 2] }],
  [[2, 5, 7, 7], [5, 1, 3, 3], { groups: 5, padding: [1, 1, 1, 1] }],
  [[2, 16, 8, 8], [16, 1, 3, 3], { groups: 16, padding: [1, 1, 1, 1], stride: [2, 2] }],
  [[1, 12, 9, 7], [12, 1, 5, 5], { groups: 12, padding: [2, 2, 2, 2] }],
  [[2, 7, 9, 9], [7, 1, 5, 5], { groups: 7, padding: [2, 2, 2, 2], stride: [2, 2] }],
  [[1, 3, 1, 1], [3, 1, 3, 3], { groups: 3, padding: [1, 1, 1, 1] }],
  [[2, 4, 2, 3], [4, 1, 5, 5], { groups: 4, padding: [2, 2, 2, 2] }],
  [[1, 6, 10, 9], [6, 1, 3, 3], { groups: 6, dilation: [2, 2], padding: [2, 1, 2, 3] }],
  [[2, 4, 6, 6], [8, 1, 3, 3], { groups: 4, padding: [1, 1, 1, 1] }],
  [[1, 2, 3, 3], [3, 2, 3, 3], {}],
  [[2, 3, 6, 8], [4, 3, 2, 2], { stride: [2, 2] }],
  [[1, 10, 5, 5], [13, 10, 3, 3], { padding: [0, 0, 1, 1], stride: [2, 2] }],
  [[3, 24, 4, 4], [20, 24, 1, 1], {}],
];
