// The weight gradient dw[o][k] = Σ_p dy[p][o] patch[p][k]: blocks of pixels packed on both sides, then GEMM tiles. Pixels
// are split into fixed groups, each with its own partial sum; weightGradientSum adds them in order.
import { scratch } from "./scratch";
import { bytes, ceilDiv, int, pointer, touch } from "./simd";
import { fillPatches, GEOMETRY } from "./strips";
import { ROWS, transposedRows } from "./tiles";

/** Patch columns packed at a time, at least one kernel row. */
const DEPTH: i32 = 768;

/**
 * partials[pixel group][O][KH·KW·C/groups]. Geometry as in dense.ts; a matrix product dyᵀ·x has N = its rows, H = W = 1.
 * args: x, dy, partials, geometry, groupPixels i32, outBlock i32, pixelBlock i32.
 * Unit: groupPixels output pixels times outBlock output channels of every group:
 * ceil(N·OH·OW / groupPixels) · ceil(O / groups / outBlock). With one pixel group `partials` is dw itself.
 * Scratch, with T = max(KW·C/groups, min(768, KH·KW·C/groups)) + 8:
 * T·(4·pixelBlock + 20) + (outBlock + 8)·(4·pixelBlock + 16) + 256 bytes.
 */
export function convolutionWeightGradient(args: usize, begin: i32, end: i32): void {
  const geometry = args + 12, rest = args + 12 + bytes(GEOMETRY);
  const groups = int(geometry, 15), outs = int(geometry, 6) / groups, channels = int(geometry, 3) / groups;
  const pixels = int(geometry, 0) * int(geometry, 4) * int(geometry, 5), depth = channels * int(geometry, 7) * int(geometry, 8);
  const groupPixels = int(rest, 0), outBlock = int(rest, 1), outBlocks = ceilDiv(outs, outBlock);
  for (let unit = begin; unit < end; unit++) {
    const part = unit / outBlocks, out = (unit % outBlocks) * outBlock;
    const first = part * groupPixels, last = min(first + groupPixels, pixels);
    for (let group = 0; group < groups; group++) {
      const target = pointer(args, 2) + bytes(((part * groups + group) * outs + out) * depth);
      partial(args, group, group * outs + out, min(outBlock, outs - out), first, last, target);
    }
  }
}

/** Thin operands are cheaper to read where they lie, unless their rows fall on the same cache sets. */
// @ts-ignore: decorator
@inline
function shouldPack(channels: i32, reuse: i32): bool {
  return reuse >= 64 || channels % 128 == 0;
}

/** One group's block of rows of dw over the pixels [first, last). */
function partial(args: usize, group: i32, out: i32, outCount: i32, first: i32, last: i32, target: usize): void {
  const geometry = args + 12, rest = args + 12 + bytes(GEOMETRY), pixelBlock = int(rest, 2);
  const kernelH = int(geometry, 7), kernelW = int(geometry, 8), stride = int(geometry, 6), channels = int(geometry, 3);
  const groupChannels = channels / int(geometry, 15), run = kernelW * groupChannels, depth = run * kernelH;
  const linesAtOnce = max(1, DEPTH / run), pointwise = isPointwise(geometry);
  const packDy = shouldPack(stride, depth), packX = !pointwise || shouldPack(channels, outCount);
  const dyTile: usize = packDy ? bytes(pixelBlock * ROWS) + 64 : <usize>ROWS << 2;
  const dyStep: usize = packDy ? <usize>ROWS << 2 : bytes(stride);
  const panels = (scratch + (packDy ? <usize>ceilDiv(outCount, ROWS) * dyTile : 0) + 15) & ~15;
  const panelStride: usize = packX ? (<usize>pixelBlock << 5) + 64 : 32, xStep: usize = packX ? 32 : bytes(channels);
  for (let pixel = first; pixel < last; pixel += pixelBlock) {
    const count = min(pixelBlock, last - pixel);
    let dy = pointer(args, 1) + bytes(pixel * stride + out), x = pointer(args, 0);
    if (packDy) {
      packRows(dy, bytes(stride), count, outCount, scratch, dyTile);
      dy = scratch;
    } else touch(dy, <usize>count * dyStep);
    if (pointwise) x += bytes(pixel * channels + group * groupChannels);
    for (let ky = 0; ky < kernelH; ky += linesAtOnce) {
      const kyEnd = min(ky + linesAtOnce, kernelH), columns = (kyEnd - ky) * run;
      if (packX) {
        if (pointwise) packColumns(x, bytes(channels), count, columns, panels, panelStride);
        else packPatches(geometry, pointer(args, 0), pixel, count, group, ky, kyEnd, panels, panelStride);
        x = panels;
      }
      for (let column = 0; column < columns; column += 8) {
        transposedRows(
          dy, dyStep, dyTile, outCount, count, x + <usize>(column >> 3) * panelStride, xStep,
          target + bytes(ky * run + column), bytes(depth), min(8, columns - column), pixel == first,
        );
      }
    }
  }
}

function isPointwise(geometry: usize): bool {
  return int(geometry, 7) * int(geometry, 8) * int(geometry, 9) * int(geometry, 10) == 1 &&
    int(geometry, 1) == int(geometry, 4) && int(geometry, 2) == int(geometry, 5) && !(int(geometry, 13) | int(geometry, 14));
}

/** Tiles of ROWS columns of a row-major matrix: target[tile][row][ROWS]. The last tile's unused lanes are not zeroed. */
function packRows(source: usize, stride: usize, rows: i32, columns: i32, target: usize, tileBytes: usize): void {
  for (let row = 0; row < rows; row++) {
    let at = target, from = source;
    for (let column = 0; column < columns; column += ROWS) {
      v128.store(at, v128.load(from));
      if (ROWS == 6) v128.store64_lane(at, v128.load64_zero(from + 16), 0, 16);
      at += tileBytes;
      from += <usize>ROWS << 2;
    }
    target += <usize>ROWS << 2;
    source += stride;
  }
}

/** One row into panels of 8 columns, `panelStride` bytes apart. Unused lanes of the last are whatever lies there. */
function packRow(source: usize, columns: i32, target: usize, panelStride: usize): void {
  for (let column = 0; column < columns; column += 8) {
    v128.store(target, v128.load(source));
    v128.store(target, v128.load(source, 16), 16);
    source += 32;
    target += panelStride;
  }
}

function packColumns(
  source: usize, stride: usize, rows: i32, columns: i32, target: usize, panelStride: usize,
): void {
  for (let row = 0; row < rows; row++) {
    packRow(source, columns, target, panelStride);
    source += stride;
    target += 32;
  }
}

function packPatches(
  geometry: usize, x: usize, first: i32, count: i32, group: i32, ky0: i32, ky1: i32, target: usize, panelStride: usize,
): void {
  const columns = (ky1 - ky0) * int(geometry, 8) * (int(geometry, 3) / int(geometry, 15));
  const row = target + <usize>ceilDiv(columns, 8) * panelStride;
  for (let i = 0; i < count; i++) {
    fillPatches(geometry, x, row, first + i, 1, group, ky0, ky1);
    packRow(row, columns, target, panelStride);
    target += 32;
  }
}

/**
 * target[i] (+)= Σ_j partials[j][i], in the order of j.
 * args: partials, target, count i32, length i32, accumulate i32. Unit: 4096 elements; ceil(length / 4096) units.
 */
export function weightGradientSum(args: usize, begin: i32, end: i32): void {
  const count = int(args, 2), length = int(args, 3), first = begin << 12, last = min(end << 12, length);
  const step = bytes(length), accumulate = int(args, 4) != 0;
  for (let i = first; i < last; i += 4) {
    const from = pointer(args, 0) + bytes(i), to = pointer(args, 1) + bytes(i);
    if (i + 4 <= last) {
      let sum = accumulate ? v128.load(to) : f32x4.splat(0);
      for (let j = 0, at = from; j < count; j++, at += step) sum = f32x4.add(sum, v128.load(at));
      v128.store(to, sum);
    } else {
      for (let at = from, lane = to; lane < pointer(args, 1) + bytes(last); at += 4, lane += 4) {
        let sum: f32 = accumulate ? load<f32>(lane) : 0;
        for (let j = 0, part = at; j < count; j++, part += step) sum += load<f32>(part);
        store<f32>(lane, sum);
      }
    }
  }
}
