// The input gradient of a depthwise convolution at any stride. Input columns of one phase (w mod SW) are touched by the
// same taps, so a row of them is a stride-1 convolution of dy. `geometry` is as in dense.ts.
import { pixelAny } from "./depthwiseTiles";
import { bytes, int, madd, pointer, storeLanes, ZEROS } from "./simd";
import { firstTap, GEOMETRY, tapStep } from "./strips";

/**
 * dx = the input gradient for any stride; w packed by packDepthwise without flip.
 * args: dy, w, dx, geometry, rowBlock i32. Unit: rowBlock input rows of all images in one list; ceil(N·H / rowBlock).
 */
export function depthwiseInputGradient(args: usize, begin: i32, end: i32): void {
  const rowBlock = int(args + 12 + bytes(GEOMETRY), 0), rows = int(args, 3) * int(args, 4);
  for (let row = begin * rowBlock, last = min(end * rowBlock, rows); row < last; row++) inputRow(args, row);
}

function inputRow(args: usize, index: i32): void {
  const geometry = args + 12, height = int(geometry, 1), width = int(geometry, 2), channels = int(geometry, 3);
  const outH = int(geometry, 4), outW = int(geometry, 5), kernelH = int(geometry, 7), kernelW = int(geometry, 8);
  const strideH = int(geometry, 9), strideW = int(geometry, 10), padLeft = int(geometry, 14);
  const dilationH = int(geometry, 11), dilationW = int(geometry, 12);
  const pixel = bytes(channels), row = <usize>outW * pixel, taps = kernelH * kernelW;

  // Taps ky, ky + kyStep, … read the output rows oh, oh − ohStep, …
  const h = index % height, kyStep = tapStep(dilationH, strideH), ohStep = (kyStep * dilationH) / strideH;
  let ky = firstTap(h % strideH, kernelH, dilationH, int(geometry, 13), strideH);
  let oh = (h + int(geometry, 13) - ky * dilationH) / strideH;
  while (oh >= outH && ky < kernelH) {
    oh -= ohStep;
    ky += kyStep;
  }
  let lines = 0;
  for (let k = ky, o = oh; k < kernelH && o >= 0; k += kyStep, o -= ohStep) lines++;
  const dy = pointer(args, 0) + <usize>((index / height) * outH + oh) * row;
  const weights = pointer(args, 1) + <usize>(ky * kernelW) * 16, wRow = <usize>(kyStep * kernelW) * 16;
  const dx = pointer(args, 2) + <usize>(index * width) * pixel;

  const kxStep = tapStep(dilationW, strideW), owStep = (kxStep * dilationW) / strideW;
  const rowStep = <usize>-ohStep * row, wColumn = <usize>kxStep * 16;
  for (let phase = 0; phase < strideW; phase++) {
    // Of one phase, neighbouring columns read neighbouring pixels of dy: ow, ow − owStep, … for kx, kx + kxStep, …
    const kx = firstTap(phase, kernelW, dilationW, padLeft, strideW), phaseTaps = (kernelW - kx + kxStep - 1) / kxStep;
    const count = (width - phase + strideW - 1) / strideW, owFirst = (phase + padLeft - kx * dilationW) / strideW;
    const tiled = owStep == 1 && count >= 4 && phaseTaps >= 1 && phaseTaps <= 3;
    const w = weights + <usize>kx * 16, stepX = <usize>strideW * pixel;
    for (let at = 0; at < count; at += 4) {
      const first = tiled ? min(at, count - 4) : at, to = dx + <usize>(first * strideW + phase) * pixel;
      // The columns of dy under a tile: phaseTaps + 3 of them, from `from`.
      const from = owFirst + first - phaseTaps + 1, left = max(-from, 0), right = max(from + phaseTaps + 3 - outW, 0);
      if (tiled && left < phaseTaps && right < phaseTaps) {
        const source = dy + <usize>from * pixel;
        if (phaseTaps == 1) gather1(source, rowStep, pixel, lines, w, wRow, taps, to, stepX, channels);
        else if (phaseTaps == 2) gather2(source, rowStep, pixel, lines, left, right, w, wRow, wColumn, taps, to, stepX, channels);
        else gather3(source, rowStep, pixel, lines, left, right, w, wRow, wColumn, taps, to, stepX, channels);
        continue;
      }
      for (let i = first, last = min(first + 4, count); i < last; i++) {
        let tap = kx, ow = owFirst + i;
        while (ow >= outW && tap < kernelW) {
          ow -= owStep;
          tap += kxStep;
        }
        let columns = 0;
        for (let k = tap, o = ow; k < kernelW && o >= 0; k += kxStep, o -= owStep) columns++;
        pixelAny(
          dy + <usize>ow * pixel, rowStep, <usize>-owStep * pixel, lines, columns, weights + <usize>tap * 16, wRow, wColumn,
          taps, dx + <usize>(i * strideW + phase) * pixel, channels, ZEROS, 0, 0,
        );
      }
    }
  }
}

// Four neighbouring columns of one phase, all channels, with 1, 2 or 3 taps a row; columns outside dy are skipped.

function gather1(
  x: usize, row: usize, pixel: usize, lines: i32, w: usize, wRow: usize, taps: i32, y: usize,
  step: usize, channels: i32,
): void {
  for (let c = channels; c > 0; c -= 4) {
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, p = x, q = w;
    for (let ky = lines; ky > 0; ky--) {
      const w0 = v128.load(q);
      a0 = madd(v128.load(p), w0, a0);
      a1 = madd(v128.load(p + pixel), w0, a1);
      a2 = madd(v128.load(p + pixel * 2), w0, a2);
      a3 = madd(v128.load(p + pixel * 3), w0, a3);
      p += row;
      q += wRow;
    }
    storeLanes(y, a0, c);
    storeLanes(y + step, a1, c);
    storeLanes(y + step * 2, a2, c);
    storeLanes(y + step * 3, a3, c);
    x += 16;
    y += 16;
    w += <usize>taps << 4;
  }
}

function gather2(
  x: usize, row: usize, pixel: usize, lines: i32, left: i32, right: i32, w: usize, wRow: usize, wColumn: usize, taps: i32, y: usize,
  step: usize, channels: i32,
): void {
  for (let c = channels; c > 0; c -= 4) {
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, p = x, q = w;
    for (let ky = lines; ky > 0; ky--) {
      const w0 = v128.load(q), w1 = v128.load(q + wColumn);
      if (left < 1) a0 = madd(v128.load(p), w1, a0);
      let v = v128.load(p + pixel);
      a0 = madd(v, w0, a0);
      a1 = madd(v, w1, a1);
      v = v128.load(p + pixel * 2);
      a1 = madd(v, w0, a1);
      a2 = madd(v, w1, a2);
      v = v128.load(p + pixel * 3);
      a2 = madd(v, w0, a2);
      a3 = madd(v, w1, a3);
      if (right < 1) a3 = madd(v128.load(p + pixel * 4), w0, a3);
      p += row;
      q += wRow;
    }
    storeLanes(y, a0, c);
    storeLanes(y + step, a1, c);
    storeLanes(y + step * 2, a2, c);
    storeLanes(y + step * 3, a3, c);
    x += 16;
    y += 16;
    w += <usize>taps << 4;
  }
}

function gather3(
  x: usize, row: usize, pixel: usize, lines: i32, left: i32, right: i32, w: usize, wRow: usize, wColumn: usize, taps: i32, y: usize,
  step: usize, channels: i32,
): void {
  for (let c = channels; c > 0; c -= 4) {
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, p = x, q = w;
    for (let ky = lines; ky > 0; ky--) {
      const w0 = v128.load(q), w1 = v128.load(q + wColumn), w2 = v128.load(q + wColumn * 2);
      if (left < 1) a0 = madd(v128.load(p), w2, a0);
      if (left < 2) {
        const v = v128.load(p + pixel);
        a0 = madd(v, w1, a0);
        a1 = madd(v, w2, a1);
      }
      let v = v128.load(p + pixel * 2);
      a0 = madd(v, w0, a0);
      a1 = madd(v, w1, a1);
      a2 = madd(v, w2, a2);
      v = v128.load(p + pixel * 3);
      a1 = madd(v, w0, a1);
      a2 = madd(v, w1, a2);
      a3 = madd(v, w2, a3);
      if (right < 2) {
        const v = v128.load(p + pixel * 4);
        a2 = madd(v, w0, a2);
        a3 = madd(v, w1, a3);
      }
      if (right < 1) a3 = madd(v128.load(p + pixel * 5), w0, a3);
      p += row;
      q += wRow;
    }
    storeLanes(y, a0, c);
    storeLanes(y + step, a1, c);
    storeLanes(y + step * 2, a2, c);
    storeLanes(y + step * 3, a3, c);
    x += 16;
    y += 16;
    w += <usize>taps << 4;
  }
}
