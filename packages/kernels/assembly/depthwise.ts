// Depthwise convolution (groups = C = O). `geometry` is sixteen i32 as in dense.ts.
import { activateElements } from "./activation";
import { NONE, RELU6 } from "./codes";
import { pair3s1, pair3s2 } from "./depthwisePairs3";
import { pair5s1, pair5s2 } from "./depthwisePairs5";
import { pixelAny, tile3s1, tile3s2, tile5s1, tile5s2 } from "./depthwiseTiles";
import { bytes, float, int, pointer, ZEROS } from "./simd";
import { CONFLICTING, GEOMETRY, LARGE, spreadRows, touchRows } from "./strips";

/**
 * y = act(depthwise(x, w) (+ bias)), w packed by packDepthwise. Kernels 3 and 5 wide with stride 1 or 2 have their own
 * tiles; any other kernel, stride, dilation and padding goes pixel by pixel. The input gradient at stride 1 is this
 * kernel on flipped weights.
 * args: x, w, y, bias | 0, geometry, activation i32, slope f32, rowBlock i32.
 * Unit: rowBlock output rows (rows of all images in one list); ceil(N·OH / rowBlock) units.
 * Scratch where C % 512 == 0: ((rowBlock − 1)·SH + (KH − 1)·DH + 1) · W · (C + 16) · 4 + 64 bytes.
 */
export function depthwise(args: usize, begin: i32, end: i32): void {
  const geometry = args + 16, rest = geometry + bytes(GEOMETRY), rowBlock = int(rest, 2), activation = int(rest, 0);
  const outH = int(geometry, 4), height = int(geometry, 1), channels = int(geometry, 3), pixel = bytes(channels);
  const rows = int(geometry, 0) * outH, plane = <usize>(height * int(geometry, 2)) * pixel;
  const large = int(geometry, 0) * height * int(geometry, 2) * channels > LARGE, spread = channels % CONFLICTING == 0;
  const rowLength = int(geometry, 5) * channels, pairs = (ASC_FEATURE_RELAXED_SIMD || int(geometry, 7) == 3) && hasPairs(geometry);
  for (let unit = begin; unit < end; unit++) {
    const first = unit * rowBlock, last = min(first + rowBlock, rows);
    let copy: usize = 0;
    for (let row = first; row < last;) {
      const count = pairs && row + 1 < last && isPair(geometry, row % outH) ? 2 : 1;
      let x = pointer(args, 0) + <usize>(row / outH) * plane, xPixel = pixel;
      if (spread) {
        xPixel = pixel + 64;
        if (row == first || row % outH == 0) copy = spreadRows(geometry, x, row % outH, min(outH - row % outH, last - row));
        x = copy;
      } else if (large) for (let r = row; r < row + count; r++) touchRows(geometry, pointer(args, 0), r, r == first);
      if (count == 2) outputPair(args, row, x, xPixel);
      else outputRow(args, row, x, xPixel);
      const y = pointer(args, 2) + bytes(row * rowLength);
      if (activation > RELU6) activateElements(activation, y, y, count * rowLength, float(rest, 1));
      row += count;
    }
  }
}

function outputRow(args: usize, index: i32, plane: usize, xPixel: usize): void {
  const geometry = args + 16, rest = args + 16 + bytes(GEOMETRY);
  const height = int(geometry, 1), width = int(geometry, 2), channels = int(geometry, 3);
  const outW = int(geometry, 5), kernelH = int(geometry, 7), kernelW = int(geometry, 8);
  const stride = int(geometry, 10), dilationH = int(geometry, 11), dilationW = int(geometry, 12);
  const activation = int(rest, 0) <= RELU6 ? int(rest, 0) : NONE, taps = kernelH * kernelW;
  const bias = pointer(args, 3) ? pointer(args, 3) : ZEROS, biasStep: usize = pointer(args, 3) ? 16 : 0;
  const pixel = bytes(channels), row = <usize>width * xPixel;

  const ih0 = (index % int(geometry, 4)) * int(geometry, 9) - int(geometry, 13);
  const ky0 = firstInside(ih0, dilationH), ky1 = lastInside(ih0, dilationH, kernelH, height), lines = max(ky1 - ky0, 0);
  const w = pointer(args, 1) + <usize>(ky0 * kernelW) * 16;
  const x = plane + <usize>(ih0 + ky0 * dilationH) * row;
  const y = pointer(args, 2) + <usize>(index * outW) * pixel;

  const span = 3 * stride + kernelW, edge = kernelW >> 1;
  const tiled = (kernelW == 3 || kernelW == 5) && stride <= 2 && dilationW == 1 && outW >= 4 &&
    int(geometry, 14) <= edge && (outW - 1) * stride - int(geometry, 14) + kernelW - width <= edge;
  if (!tiled) {
    for (let ow = 0; ow < outW; ow++) {
      const iw0 = ow * stride - int(geometry, 14);
      const kx0 = firstInside(iw0, dilationW), columns = lastInside(iw0, dilationW, kernelW, width) - kx0;
      pixelAny(
        x + <usize>(iw0 + kx0 * dilationW) * xPixel, row * dilationH, xPixel * dilationW, lines, columns,
        w + <usize>kx0 * 16, <usize>kernelW * 16, 16, taps, y + <usize>ow * pixel, channels, bias, biasStep,
        activation,
      );
    }
    return;
  }
  for (let at = 0; at < outW; at += 4) {
    // The last tile overlaps its neighbour rather than be short: it computes the same bits again.
    const ow = min(at, outW - 4), iw0 = ow * stride - int(geometry, 14);
    const left = max(-iw0, 0), right = max(iw0 + span - width, 0);
    const from = x + <usize>iw0 * xPixel, to = y + <usize>ow * pixel, step = row * dilationH;
    if (kernelW == 3) {
      if (stride == 1) tile3s1(from, step, xPixel, lines, left, right, w, taps, to, pixel, channels, bias, biasStep, activation);
      else tile3s2(from, step, xPixel, lines, left, right, w, taps, to, pixel, channels, bias, biasStep, activation);
    } else if (stride == 1) tile5s1(from, step, xPixel, lines, left, right, w, taps, to, pixel, channels, bias, biasStep, activation);
    else tile5s2(from, step, xPixel, lines, left, right, w, taps, to, pixel, channels, bias, biasStep, activation);
  }
}

/** Whether pairs of rows have a tile: 3x3 and 5x5, stride 1 and 2 on both axes, padded by no more than their half. */
function hasPairs(geometry: usize): bool {
  const outW = int(geometry, 5), kernel = int(geometry, 7), stride = int(geometry, 9), padLeft = int(geometry, 14), edge = kernel >> 1;
  return (kernel == 3 || kernel == 5) && kernel == int(geometry, 8) && stride <= 2 && stride == int(geometry, 10) &&
    int(geometry, 11) * int(geometry, 12) == 1 && outW >= 4 && padLeft <= edge &&
    (outW - 1) * stride - padLeft + kernel - int(geometry, 2) <= edge;
}

/** Whether the output rows oh and oh + 1 of an image can be computed as a pair. */
function isPair(geometry: usize, oh: i32): bool {
  const kernel = int(geometry, 7), stride = int(geometry, 9), ih0 = oh * stride - int(geometry, 13);
  if (oh + 1 >= int(geometry, 4)) return false;
  // Of a 3x3 kernel's rows only the first and the last may lie outside.
  return kernel == 5 || (ih0 >= -1 && ih0 + kernel + stride - 1 <= int(geometry, 1));
}

function outputPair(args: usize, index: i32, plane: usize, xPixel: usize): void {
  const geometry = args + 16, rest = args + 16 + bytes(GEOMETRY), width = int(geometry, 2), channels = int(geometry, 3);
  const outW = int(geometry, 5), kernel = int(geometry, 7), stride = int(geometry, 9);
  const activation = int(rest, 0) <= RELU6 ? int(rest, 0) : NONE;
  const bias = pointer(args, 3) ? pointer(args, 3) : ZEROS, biasStep: usize = pointer(args, 3) ? 16 : 0;
  const pixel = bytes(channels), row = <usize>width * xPixel, yRow = <usize>outW * pixel, w = pointer(args, 1);
  const ih0 = (index % int(geometry, 4)) * stride - int(geometry, 13), first = max(-ih0, 0);
  const last = min(kernel + stride, int(geometry, 1) - ih0), span = 3 * stride + kernel;
  const x = plane + <usize>(ih0 + first) * row, y = pointer(args, 2) + <usize>index * yRow;
  for (let at = 0; at < outW; at += 4) {
    const ow = min(at, outW - 4), iw0 = ow * stride - int(geometry, 14);
    const left = max(-iw0, 0), right = max(iw0 + span - width, 0);
    const from = x + <usize>iw0 * xPixel, to = y + <usize>ow * pixel;
    if (kernel == 3) {
      if (stride == 1) pair3s1(from, row, xPixel, first, last, left, right, w, to, yRow, pixel, channels, bias, biasStep, activation);
      else pair3s2(from, row, xPixel, first, last, left, right, w, to, yRow, pixel, channels, bias, biasStep, activation);
    } else if (stride == 1) pair5s1(from, row, xPixel, first, last, left, right, w, to, yRow, pixel, channels, bias, biasStep, activation);
    else pair5s2(from, row, xPixel, first, last, left, right, w, to, yRow, pixel, channels, bias, biasStep, activation);
  }
}

/** The first tap k >= 0 with start + k·step >= 0. */
// @ts-ignore: decorator
@inline
function firstInside(start: i32, step: i32): i32 {
  return start >= 0 ? 0 : (step - 1 - start) / step;
}

/** One past the last tap k < taps with start + k·step < size. */
// @ts-ignore: decorator
@inline
function lastInside(start: i32, step: i32, taps: i32, size: i32): i32 {
  return start >= size ? 0 : min(taps, (size - start + step - 1) / step);
}
