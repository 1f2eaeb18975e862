// Regions of interest: the rules by which boxes [R,5] = (image, x1, y1, x2, y2) read a map, exactly as in torchvision's C++.
import { SabokError, ShapeError, formatShape, tensor, type Shape, type Tensor } from "../core/index.ts";
import type { Pair } from "../graph/index.ts";
import { exceeds } from "./pooling.ts";
import { expectPair } from "./shapes.ts";

export type RoiPoolAttrs = {
  /** [OH, OW]: how many bins a box is divided into. */
  readonly outputSize: Pair;
  /** What a box coordinate is multiplied by to become a map coordinate: 1/stride of the map. */
  readonly spatialScale: number;
};

export type RoiAlignAttrs = RoiPoolAttrs & {
  /** Samples along each axis of a bin; 0 or less: ⌈box length/bins⌉ of each box. */
  readonly samplingRatio: number;
  /** Shift by half a pixel, so that a box coordinate means a pixel's edge; boxes thinner than 1 stay so. */
  readonly aligned: boolean;
};

export const roiPoolDefaults: RoiPoolAttrs = { outputSize: [1, 1], spatialScale: 1 };
export const roiAlignDefaults: RoiAlignAttrs = { ...roiPoolDefaults, samplingRatio: -1, aligned: false };

/** [R,C,OH,OW] for a map x [N,C,H,W] and boxes [R,5]; throws where they do not fit. */
export function roiShape(
  x: Shape,
  rois: Shape,
  { outputSize, spatialScale }: RoiPoolAttrs,
  where: string,
): Shape {
  const shapes = `Shapes x ${formatShape(x)}, rois ${formatShape(rois)}.`;
  if (x.length !== 4) throw new ShapeError(`${where}: expected a map [N,C,H,W]. ${shapes}`);
  if (rois.length !== 2 || rois[1] !== 5)
    throw new ShapeError(`${where}: expected rois [R,5] of (image, x1, y1, x2, y2). ${shapes}`);
  expectPair(outputSize, 1, "outputSize", where);
  if (!(spatialScale > 0 && spatialScale < Infinity))
    throw new ShapeError(`${where}: spatialScale is ${spatialScale}, expected a number above 0.`);
  return [rois[0]!, x[1]!, ...outputSize];
}

/** roiShape, and a check of samplingRatio. */
export function roiAlignShape(x: Shape, rois: Shape, attrs: RoiAlignAttrs, where: string): Shape {
  if (!Number.isInteger(attrs.samplingRatio))
    throw new ShapeError(
      `${where}: samplingRatio is ${attrs.samplingRatio}, expected a whole number (0 or less: by the box).`,
    );
  return roiShape(x, rois, attrs, where);
}

/** Throws unless dy is what pooling the boxes gives. */
export function expectPooledRois(dy: Shape, pooled: Shape, where: string): void {
  if (formatShape(dy) !== formatShape(pooled))
    throw new ShapeError(
      `${where}: dy has shape ${formatShape(dy)}, but the boxes give ${formatShape(pooled)}; they must be equal.`,
    );
}

/** The image a box belongs to. */
function imageOf(rois: Tensor, r: number, batch: number, where: string): number {
  const image = rois.data[5 * r]!;
  if (!Number.isInteger(image) || image < 0 || image >= batch)
    throw new SabokError(
      `${where}: box ${r} belongs to image ${image}, expected a whole number from 0 to ${batch - 1}.`,
    );
  return image;
}

/** One pixel that a sample reads and its weight in it. */
export interface RoiTap {
  readonly xAt: number;
  readonly weight: number;
}

/** Calls back for every pixel that RoIAlign (He et al. 2017) reads: the positions in y [R,C,OH,OW] and x [N,C,H,W], and its weight. */
export function forEachRoiTap(
  x: Shape,
  rois: Tensor,
  attrs: RoiAlignAttrs,
  where: string,
  visit: (yAt: number, xAt: number, weight: number) => void,
): void {
  forEachRoiSample(x, rois, attrs, where, (yAt, taps, count) => {
    for (const { xAt, weight } of taps) visit(yAt, xAt, weight / count);
  });
}

/**
 * Calls back for every sample of every bin: its position in y [R,C,OH,OW], the four pixels it reads (none outside the map), and how
 * many samples its bin has.
 */
export function forEachRoiSample(
  x: Shape,
  rois: Tensor,
  attrs: RoiAlignAttrs,
  where: string,
  visit: (yAt: number, taps: readonly RoiTap[], count: number) => void,
): void {
  const [batch, channels, height, width] = x as [number, number, number, number];
  const [outHeight, outWidth] = attrs.outputSize;
  for (let r = 0; r < rois.shape[0]!; r++) {
    const image = imageOf(rois, r, batch, where);
    const rows = boxAxis(rois.data[5 * r + 2]!, rois.data[5 * r + 4]!, outHeight, attrs);
    const columns = boxAxis(rois.data[5 * r + 1]!, rois.data[5 * r + 3]!, outWidth, attrs);
    const count = Math.max(rows.perBin * columns.perBin, 1);
    for (let p = 0; p < outHeight; p++)
      for (let q = 0; q < outWidth; q++)
        for (let i = 0; i < rows.perBin; i++) {
          const v = axisTaps(rows.start + p * rows.bin + ((i + 0.5) * rows.bin) / rows.perBin, height);
          for (let j = 0; j < columns.perBin; j++) {
            const u = axisTaps(
              columns.start + q * columns.bin + ((j + 0.5) * columns.bin) / columns.perBin,
              width,
            );
            for (let c = 0; c < channels; c++) {
              const yAt = ((r * channels + c) * outHeight + p) * outWidth + q;
              const plane = (image * channels + c) * height;
              visit(yAt, v && u ? corners(plane, width, v, u) : [], count);
            }
          }
        }
  }
}

/** The four pixels around a sample. */
function corners(plane: number, width: number, v: AxisTaps, u: AxisTaps): RoiTap[] {
  return [
    { xAt: (plane + v.low) * width + u.low, weight: (1 - v.weight) * (1 - u.weight) },
    { xAt: (plane + v.low) * width + u.high, weight: (1 - v.weight) * u.weight },
    { xAt: (plane + v.high) * width + u.low, weight: v.weight * (1 - u.weight) },
    { xAt: (plane + v.high) * width + u.high, weight: v.weight * u.weight },
  ];
}

/** A box along one axis of the map: where it starts, how long a bin is, how many samples a bin has. */
function boxAxis(
  from: number,
  to: number,
  bins: number,
  { spatialScale, samplingRatio, aligned }: RoiAlignAttrs,
) {
  const offset = aligned ? 0.5 : 0;
  const start = from * spatialScale - offset;
  const extent = to * spatialScale - offset - start;
  const length = aligned ? extent : Math.max(extent, 1);
  return { start, bin: length / bins, perBin: samplingRatio > 0 ? samplingRatio : Math.ceil(length / bins) };
}

interface AxisTaps {
  readonly low: number;
  readonly high: number;
  readonly weight: number;
}

/** The two pixels around a position and the weight of the second; null more than one pixel outside the map, where a sample is 0. */
function axisTaps(position: number, size: number): AxisTaps | null {
  if (position < -1 || position > size) return null;
  const at = Math.max(position, 0);
  const low = Math.floor(at);
  return low >= size - 1
    ? { low: size - 1, high: size - 1, weight: 0 }
    : { low, high: low + 1, weight: at - low };
}

/**
 * For every output of RoIPool (Girshick 2015) in row-major order, the position in x of the bin's first maximum, −1 for an empty bin.
 * Box corners are rounded half away from zero and both belong to the box; bins overlap where they do not divide evenly.
 */
export function roiMaxima(x: Tensor, rois: Tensor, attrs: RoiPoolAttrs, where: string): Int32Array {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const [outHeight, outWidth] = attrs.outputSize;
  const maxima = new Int32Array(rois.shape[0]! * channels * outHeight * outWidth);
  for (let r = 0; r < rois.shape[0]!; r++) {
    const image = imageOf(rois, r, batch, where);
    const [x1, y1, x2, y2] = [1, 2, 3, 4].map((k) =>
      roundHalfAway(rois.data[5 * r + k]! * attrs.spatialScale),
    ) as [number, number, number, number];
    for (let p = 0; p < outHeight; p++) {
      const [top, bottom] = binRange(y1, y2, p, outHeight, height);
      for (let q = 0; q < outWidth; q++) {
        const [left, right] = binRange(x1, x2, q, outWidth, width);
        for (let c = 0; c < channels; c++) {
          let best = -1;
          for (let row = top; row < bottom; row++)
            for (let column = left; column < right; column++) {
              const xAt = ((image * channels + c) * height + row) * width + column;
              if (best < 0 || exceeds(x.data[xAt]!, x.data[best]!)) best = xAt;
            }
          maxima[((r * channels + c) * outHeight + p) * outWidth + q] = best;
        }
      }
    }
  }
  return maxima;
}

/** The pixels [first, end) of a bin of the box [from, to] along an axis: from ⌊k·length/bins⌋ to ⌈(k+1)·length/bins⌉ of the box. */
function binRange(from: number, to: number, k: number, bins: number, size: number): [number, number] {
  const length = Math.max(to - from + 1, 1);
  const clamp = (pixel: number): number => Math.min(Math.max(pixel + from, 0), size);
  return [clamp(Math.floor((k * length) / bins)), clamp(Math.ceil(((k + 1) * length) / bins))];
}

function roundHalfAway(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value));
}

/** Boxes for maps of about 8 x 10 cells and a scale near 0.3, in up to three images; awkward ones too. */
const boxes: readonly (readonly [string, readonly (readonly [number, number, number, number, number])[]])[] =
  [
    [
      "inside",
      [
        [0, 6, 4, 22, 20],
        [1, 3.5, 2.25, 17.75, 13.5],
        [1, 10, 8, 11, 30],
      ],
    ],
    [
      "several images",
      [
        [2, 1, 1, 20, 20],
        [0, 4, 3, 9, 12],
        [2, 7.5, 0, 31, 6.5],
        [1, 0, 0, 32, 25.5],
      ],
    ],
    [
      "across the border",
      [
        [0, -6, -5, 9, 7],
        [0, 25, 18, 45, 40],
        [1, -10, 5, 50, 12],
      ],
    ],
    [
      "outside",
      [
        [0, -40, -40, -20, -20],
        [1, 100, 4, 120, 20],
        [0, 5, 60, 20, 90],
      ],
    ],
    [
      "partly beyond one cell",
      [
        [0, -20, -20, 4, 4],
        [1, 20, 15, 60, 50],
      ],
    ],
    [
      "points and slivers",
      [
        [0, 8, 8, 8, 8],
        [1, 5, 5, 5.5, 20],
      ],
    ],
    [
      "reversed",
      [
        [0, 20, 16, 6, 4],
        [1, 12, 3, 4, 15],
      ],
    ],
  ];

/** Maps, boxes and output sizes that tests of all the operators over boxes share. */
export function* roiSamples(): Iterable<readonly [x: Shape, rois: Tensor, attrs: RoiPoolAttrs]> {
  const maps: readonly (readonly [Shape, Pair, number])[] = [
    [[3, 2, 8, 10], [2, 2], 0.3125],
    [[3, 5, 7, 9], [3, 2], 0.25],
    [[3, 17, 1, 1], [1, 3], 0.0625],
  ];
  for (const [, rows] of boxes)
    for (const [x, outputSize, spatialScale] of maps)
      yield [x, tensor([rows.length, 5], rows.flat()), { outputSize, spatialScale }];
}

/** roiSamples with every way of sampling in turn. */
export function* roiAlignSamples(): Iterable<readonly [x: Shape, rois: Tensor, attrs: RoiAlignAttrs]> {
  const ratios = [-1, 2, 0, 1, 3];
  let i = 0;
  for (const [x, rois, attrs] of roiSamples()) {
    yield [x, rois, { ...attrs, samplingRatio: ratios[i % ratios.length]!, aligned: i % 2 === 1 }];
    i++;
  }
}
