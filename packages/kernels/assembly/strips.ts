// Patches of the input (im2col) laid row by row into scratch, where a GEMM reads them. Padding is written as zeros here,
// so no tensor is ever copied with a border. Not part of the module's exports.
//
// `geometry` points to the sixteen i32 slots that every convolution kernel carries, in this order:
// N, H, W, C, OH, OW, O, KH, KW, SH, SW, DH, DW, padTop, padLeft, groups.
import { scratch } from "./scratch";
import { bytes, copyOver, int, touch, zeroOver } from "./simd";

/** i32 slots of a geometry record. */
export const GEOMETRY: i32 = 16;

/**
 * target[i][ky - ky0][kx][c] = x at the taps of output pixel `first + i` (pixels of all images in one row), for the taps
 * ky0 <= ky < ky1 and the channels of `group`.
 */
export function fillPatches(
  geometry: usize, x: usize, target: usize, first: i32, count: i32, group: i32, ky0: i32, ky1: i32,
): void {
  const height = int(geometry, 1), width = int(geometry, 2), outH = int(geometry, 4), outW = int(geometry, 5);
  const kernelW = int(geometry, 8), strideW = int(geometry, 10), dilationH = int(geometry, 11);
  const dilationW = int(geometry, 12), groups = int(geometry, 15);
  const channels = int(geometry, 3) / groups, run = kernelW * channels, whole = dilationW == 1 && groups == 1;
  const pixelBytes = bytes(int(geometry, 3)), rowBytes = <usize>width * pixelBytes, runBytes = bytes(run);
  let ow = first % outW, oh = (first / outW) % outH, image = first / outW / outH;
  for (let i = 0; i < count; i++) {
    const iw0 = ow * strideW - int(geometry, 14);
    let ih = oh * int(geometry, 9) - int(geometry, 13) + ky0 * dilationH;
    const plane = x + <usize>(image * height) * rowBytes + bytes(group * channels);
    for (let ky = ky0; ky < ky1; ky++) {
      if (<u32>ih >= <u32>height) {
        zeroOver(target, run);
      } else if (whole && iw0 >= 0 && iw0 + kernelW <= width) {
        const from = plane + <usize>ih * rowBytes + <usize>iw0 * pixelBytes;
        if (run <= 12) {
          // A first layer's short run; what is written past it is written again, or lies in scratch's slack.
          v128.store(target, v128.load(from));
          v128.store(target, v128.load(from, 16), 16);
          v128.store(target, v128.load(from, 32), 32);
        } else copyOver(target, from, run);
      } else {
        let iw = iw0, at = target;
        for (let kx = 0; kx < kernelW; kx++) {
          if (<u32>iw >= <u32>width) zeroOver(at, channels);
          else copyOver(at, plane + <usize>ih * rowBytes + <usize>iw * pixelBytes, channels);
          at += bytes(channels);
          iw += dilationW;
        }
      }
      target += runBytes;
      ih += dilationH;
    }
    if (++ow == outW) {
      ow = 0;
      if (++oh == outH) {
        oh = 0;
        image++;
      }
    }
  }
}

/** The residue mod stride of the input coordinates s·oh − pad + tap·dilation that a tap touches. */
// @ts-ignore: decorator
@inline
export function phaseOf(tap: i32, dilation: i32, pad: i32, stride: i32): i32 {
  const residue = (tap * dilation - pad) % stride;
  return residue < 0 ? residue + stride : residue;
}

/** The first tap of a phase, or `kernel` when it has none. */
export function firstTap(phase: i32, kernel: i32, dilation: i32, pad: i32, stride: i32): i32 {
  let tap = 0;
  while (tap < kernel && phaseOf(tap, dilation, pad, stride) != phase) tap++;
  return tap;
}

/** The taps of one phase lie this far apart: stride / gcd(stride, dilation). */
export function tapStep(dilation: i32, stride: i32): i32 {
  let step = 1;
  while ((step * dilation) % stride) step++;
  return step;
}

/**
 * target[i][tap][o] = dy at the output pixels that touch input pixel `first + i` of the phase (phaseH, phaseW), whose
 * pixels of all images are numbered in one row; the taps of the phase in ascending order.
 */
export function fillPhase(
  geometry: usize, dy: usize, target: usize, phaseH: i32, phaseW: i32, first: i32, count: i32, group: i32,
): void {
  const outH = int(geometry, 4), outW = int(geometry, 5), kernelH = int(geometry, 7), kernelW = int(geometry, 8);
  const strideH = int(geometry, 9), strideW = int(geometry, 10);
  const dilationH = int(geometry, 11), dilationW = int(geometry, 12);
  const padTop = int(geometry, 13), padLeft = int(geometry, 14);
  const outs = int(geometry, 6) / int(geometry, 15);
  const rows = (int(geometry, 1) - phaseH + strideH - 1) / strideH;
  const columns = (int(geometry, 2) - phaseW + strideW - 1) / strideW;
  const kyFirst = firstTap(phaseH, kernelH, dilationH, padTop, strideH), kyStep = tapStep(dilationH, strideH);
  const kxFirst = firstTap(phaseW, kernelW, dilationW, padLeft, strideW), kxStep = tapStep(dilationW, strideW);
  const ohStep = (kyStep * dilationH) / strideH, owStep = (kxStep * dilationW) / strideW;
  const pixelBytes = bytes(int(geometry, 6)), outBytes = bytes(outs);
  let column = first % columns, row = (first / columns) % rows, image = first / columns / rows;
  for (let i = 0; i < count; i++) {
    const plane = dy + <usize>(image * outH * outW) * pixelBytes + bytes(group * outs);
    const owFirst = (column * strideW + phaseW + padLeft - kxFirst * dilationW) / strideW;
    let oh = (row * strideH + phaseH + padTop - kyFirst * dilationH) / strideH;
    for (let ky = kyFirst; ky < kernelH; ky += kyStep) {
      let ow = owFirst;
      for (let kx = kxFirst; kx < kernelW; kx += kxStep) {
        if (<u32>oh >= <u32>outH || <u32>ow >= <u32>outW) zeroOver(target, outs);
        else copyOver(target, plane + <usize>(oh * outW + ow) * pixelBytes, outs);
        target += outBytes;
        ow -= owStep;
      }
      oh -= ohStep;
    }
    if (++column == columns) {
      column = 0;
      if (++row == rows) {
        row = 0;
        image++;
      }
    }
  }
}

/** Elements beyond which a tensor is not in a core's own cache any more, so that touching it ahead pays. */
export const LARGE: i32 = 1 << 21;

/** Touches the input rows of an output row, or those it does not share with the row before. */
export function touchRows(geometry: usize, x: usize, index: i32, all: bool): void {
  const height = int(geometry, 1), stride = int(geometry, 9), reach = int(geometry, 11) * (int(geometry, 7) - 1) + 1;
  const oh = index % int(geometry, 4), first = oh * stride - int(geometry, 13);
  const from = max(0, all || oh == 0 ? first : first + max(0, reach - stride)), to = min(height, first + reach);
  const row = bytes(int(geometry, 2) * int(geometry, 3));
  if (from < to) touch(x + <usize>((index / int(geometry, 4)) * height + from) * row, <usize>(to - from) * row);
}

/** Pixels this many channels apart fall on a few cache sets, and the columns under a tile push each other out. */
export const CONFLICTING: i32 = 512;

/**
 * Copies the input rows under `count` output rows from `row` on into scratch, pixels 64 bytes further apart. Returns where
 * row 0 of such a copy of the whole image `x` would lie.
 */
export function spreadRows(geometry: usize, x: usize, row: i32, count: i32): usize {
  const stride = int(geometry, 9), start = row * stride - int(geometry, 13), width = int(geometry, 2);
  const first = max(0, start), channels = int(geometry, 3), pixel = bytes(channels) + 64;
  const last = min(int(geometry, 1), start + (count - 1) * stride + int(geometry, 11) * (int(geometry, 7) - 1) + 1);
  let source = x + bytes(first * width * channels), target = scratch;
  for (let i = (last - first) * width; i > 0; i--) {
    copyOver(target, source, channels);
    source += bytes(channels);
    target += pixel;
  }
  return scratch - <usize>(first * width) * pixel;
}
