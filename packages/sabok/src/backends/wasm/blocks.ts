// How convolutions and products are cut into units. Every number here depends on shapes alone, never on the number of
// threads, so results do not either. Blocks of rows are multiples of 12: whole tiles of 4 and of 6 rows.
import type { Geometry } from "./convGeometry.ts";

/** Units a large step should have, so that a few threads can share it evenly. */
const units = 16;
/** Bytes of rows that should stay in a core's second-level cache next to the weights. */
const cachedBytes = 192 * 1024;

export const ceilDiv = (a: number, b: number): number => Math.ceil(a / b);
const upTo12 = (rows: number): number => ceilDiv(rows, 12) * 12;

/** Rows a unit and panels a unit of a product with `depth` floats a row. */
export function productBlocks(
  rows: number,
  depth: number,
  panels: number,
): { rowBlock: number; panelBlock: number } {
  const fitting = Math.min(96, Math.max(24, cachedBytes / (4 * depth)));
  const rowBlocks = Math.max(1, Math.round(rows / fitting));
  const rowBlock = rowBlocks === 1 ? rows : upTo12(rows / rowBlocks);
  const panelBlocks = Math.min(ceilDiv(units, ceilDiv(rows, rowBlock)), ceilDiv(panels, 2));
  const panelBlock = ceilDiv(panels, panelBlocks);
  // A single row goes through four panels at once.
  return { rowBlock, panelBlock: rows === 1 ? 4 * ceilDiv(panelBlock, 4) : panelBlock };
}

/** Pixels a block of a weight gradient, packed on both sides. */
export const gradientPixelBlock = 128;

/** How the sum over `pixels` of a weight gradient [groups][outs][depth] is split: pixels a part, output channels a unit. */
export function gradientBlocks(
  pixels: number,
  outs: number,
  depth: number,
  groups: number,
): { groupPixels: number; outBlock: number } {
  const partialBytes = groups * outs * depth * 4;
  const parts = Math.max(1, Math.min(units, Math.floor(pixels / 512), Math.floor((16 << 20) / partialBytes)));
  const groupPixels = ceilDiv(ceilDiv(pixels, parts), gradientPixelBlock) * gradientPixelBlock;
  const outBlocks = Math.min(
    ceilDiv(units, ceilDiv(pixels, groupPixels)),
    Math.max(1, Math.floor(outs / 48)),
  );
  return { groupPixels, outBlock: upTo12(outs / outBlocks) };
}

/** Whether a depthwise kernel copies its input rows apart, because neighbouring pixels fall on the same cache sets. */
const isSpread = (channels: number): boolean => channels % 512 === 0;

/** Output rows a unit of a depthwise convolution: several units, each of at least some 60,000 multiplications. */
export function depthwiseRowBlock(rows: number, rowMacs: number, channels: number): number {
  const least = isSpread(channels) ? 4 : 2; // rows are computed in pairs
  const block = Math.max(least, Math.min(ceilDiv(60_000, rowMacs), ceilDiv(rows, units)));
  return Math.min(rows, 2 * ceilDiv(block, 2));
}

/** Scratch for the copy of the input rows under `rowBlock` output rows, where they are copied. */
export function depthwiseScratch(g: Geometry, rowBlock: number): number {
  const lines = (rowBlock - 1) * g.stride[0] + (g.kernel[0] - 1) * g.dilation[0] + 1;
  return isSpread(g.c) ? lines * g.w * (g.c + 16) * 4 + 64 : 0;
}

/** Output rows that one partial sum of a depthwise weight gradient covers. */
export function depthwiseGroupRows(rows: number): number {
  return ceilDiv(rows, units);
}
