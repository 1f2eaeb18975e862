// Depthwise convolution (groups = C = O). `geometry` is sixteen i32 as in dense.ts.
import { activateElements } from "./activation";
import { NONE, RELU6 } from "./codes";
import { pixelAny, tile3s1, tile3s2, tile5s1, tile5s2 } from "./depthwiseTiles";
import { bytes, float, int, pointer, ZEROS } from "./simd";
import { GEOMETRY, LARGE, touchRows } from "./strips";

/**
 * y = act(depthwise(x, w) (+ bias)), w packed by packDepthwise. Kernels 3 and 5 wide with stride 1 or 2 have their own
 * tiles; any other kernel, stride, dilation and padding goes pixel by pixel. The input gradient at stride 1 is this
 * kernel on flipped weights.
 * args: x, w, y, bias | 0, geometry, activation i32, slope f32, rowBlock i32.
 * Unit: rowBlock output rows (rows of all images in one list); ceil(N·OH / rowBlock) units.
 */
export function depthwise(args: usize, begin: i32, end: i32): void {
  const large = int(args, 4) * int(args, 5) * int(args, 6) * int(args, 7) > LARGE;
  const rowBlock = int(args + 16 + bytes(GEOMETRY), 2), rows = int(args, 4) * int(args, 8);
  for (let row = begin * rowBlock, last = min(end * rowBlock, rows); row < last; row++) {
    if (large) touchRows(args + 16, pointer(args, 0), row, row == begin * rowBlock);
    outputRow(args, row);
    const rowLength = int(args, 9) * int(args, 7), y = pointer(args, 2) + bytes(row * rowLength), rest = args + 16 + bytes(GEOMETRY);
    if (int(rest, 0) > RELU6) activateElements(int(rest, 0), y, y, rowLength, float(rest, 1));
  }
}

function outputRow(args: usize, index: i32): void {
  const geometry = args + 16, rest = args + 16 + bytes(GEOMETRY);
  const height = int(geometry, 1), width = int(geometry, 2), channels = int(geometry, 3);
  const outW = int(geometry, 5), kernelH = int(geometry, 7), kernelW = int(geometry, 8);
  const stride = int(geometry, 10), dilationH = int(geometry, 11), dilationW = int(geometry, 12);
  const activation = int(rest, 0) <= RELU6 ? int(rest, 0) : NONE, taps = kernelH * kernelW;
  const bias = pointer(args, 3) ? pointer(args, 3) : ZEROS, biasStep: usize = pointer(args, 3) ? 16 : 0;
  const pixel = bytes(channels), row = <usize>width * pixel;

  const ih0 = (index % int(geometry, 4)) * int(geometry, 9) - int(geometry, 13);
  const ky0 = firstInside(ih0, dilationH), ky1 = lastInside(ih0, dilationH, kernelH, height), lines = max(ky1 - ky0, 0);
  const w = pointer(args, 1) + <usize>(ky0 * kernelW) * 16;
  const x = pointer(args, 0) + <usize>((index / int(geometry, 4)) * height + ih0 + ky0 * dilationH) * row;
  const y = pointer(args, 2) + <usize>(index * outW) * pixel;

  const span = 3 * stride + kernelW, edge = kernelW >> 1;
  const tiled = (kernelW == 3 || kernelW == 5) && stride <= 2 && dilationW == 1 && outW >= 4 &&
    int(geometry, 14) <= edge && (outW - 1) * stride - int(geometry, 14) + kernelW - width <= edge;
  if (!tiled) {
    for (let ow = 0; ow < outW; ow++) {
      const iw0 = ow * stride - int(geometry, 14);
      const kx0 = firstInside(iw0, dilationW), columns = lastInside(iw0, dilationW, kernelW, width) - kx0;
      pixelAny(
        x + <usize>(iw0 + kx0 * dilationW) * pixel, row * dilationH, pixel * dilationW, lines, columns,
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
    const from = x + <usize>iw0 * pixel, to = y + <usize>ow * pixel, step = row * dilationH;
    if (kernelW == 3) {
      if (stride == 1) tile3s1(from, step, pixel, lines, left, right, w, taps, to, pixel, channels, bias, biasStep, activation);
      else tile3s2(from, step, pixel, lines, left, right, w, taps, to, pixel, channels, bias, biasStep, activation);
    } else if (stride == 1) tile5s1(from, step, pixel, lines, left, right, w, taps, to, pixel, channels, bias, biasStep, activation);
    else tile5s2(from, step, pixel, lines, left, right, w, taps, to, pixel, channels, bias, biasStep, activation);
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
