// Weights in the order the tiles read them. Padding columns and channels are zero.
import { bytes, ceilDiv, int, pointer } from "./simd";
import { phaseOf } from "./strips";

/**
 * target[group][m / 8][k][m % 8] = source[group · groupStride + m · rowStride + k · depthStride].
 * args: source, target, groups i32, M i32, K i32, groupStride i32, rowStride i32, depthStride i32 (floats).
 * Unit: one panel; groups · ceil(M / 8) units. Bytes of target: groups · ceil(M / 8) · K · 32.
 */
export function packPanels(args: usize, begin: i32, end: i32): void {
  const columns = int(args, 3), depth = int(args, 4);
  const rowStride = bytes(int(args, 6)), depthStride = bytes(int(args, 7));
  const panels = ceilDiv(columns, 8);
  for (let unit = begin; unit < end; unit++) {
    const column = (unit % panels) << 3, width = min(8, columns - column);
    const source = pointer(args, 0) + bytes((unit / panels) * int(args, 5)) + <usize>column * rowStride;
    const target = pointer(args, 1) + <usize>unit * <usize>depth * 32;
    if (rowStride == 4 && width == 8) copyColumns(source, target, depth, depthStride);
    else if (depthStride == 4 && width == 8) transposeRows(source, target, depth, rowStride);
    else gather(source, target, depth, width, rowStride, depthStride);
  }
}

function copyColumns(source: usize, target: usize, depth: i32, depthStride: usize): void {
  for (let k = 0; k < depth; k++) {
    v128.store(target, v128.load(source));
    v128.store(target, v128.load(source, 16), 16);
    source += depthStride;
    target += 32;
  }
}

/** Four rows of four floats, transposed into target at 32 bytes a column. */
// @ts-ignore: decorator
@inline
function transpose4(source: usize, stride: usize, target: usize): void {
  const a = v128.load(source), b = v128.load(source + stride);
  const c = v128.load(source + stride * 2), d = v128.load(source + stride * 3);
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5), ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5), cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(target, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(target, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7), 32);
  v128.store(target, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5), 64);
  v128.store(target, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7), 96);
}

function transposeRows(source: usize, target: usize, depth: i32, rowStride: usize): void {
  const whole = depth & ~3;
  for (let k = 0; k < whole; k += 4) {
    transpose4(source, rowStride, target);
    transpose4(source + rowStride * 4, rowStride, target + 16);
    source += 16;
    target += 128;
  }
  gather(source, target, depth - whole, 8, rowStride, 4);
}

function gather(source: usize, target: usize, depth: i32, width: i32, rowStride: usize, depthStride: usize): void {
  for (let k = 0; k < depth; k++) {
    let at = source;
    for (let m = 0; m < 8; m++) {
      store<f32>(target + bytes(m), m < width ? load<f32>(at) : 0);
      at += rowStride;
    }
    source += depthStride;
    target += 32;
  }
}

/**
 * target[r · targetRow + c · targetColumn] = source[r · sourceRow + c · sourceColumn], strides in floats: any transpose.
 * args: source, target, rows i32, columns i32, sourceRow i32, sourceColumn i32, targetRow i32, targetColumn i32.
 * Unit: one row; `rows` units.
 */
export function copyMatrix(args: usize, begin: i32, end: i32): void {
  const columns = int(args, 3), sourceStep = bytes(int(args, 5)), targetStep = bytes(int(args, 7));
  for (let row = begin; row < end; row++) {
    let from = pointer(args, 0) + bytes(row * int(args, 4)), to = pointer(args, 1) + bytes(row * int(args, 6));
    for (let column = 0; column < columns; column++) {
      store<f32>(to, load<f32>(from));
      from += sourceStep;
      to += targetStep;
    }
  }
}

/**
 * Panels for the input gradient of a dense convolution, one set of taps for each phase (h mod SH, w mod SW) of the
 * input: target[group][phase][c / 8][tap][o][c % 8] = w[group · Og + o][tap][c]. A tap ky belongs to the phase
 * (ky · DH − PT) mod SH, so every weight appears once.
 * args: w, target, then O i32, Cg i32, KH i32, KW i32, SH i32, SW i32, DH i32, DW i32, PT i32, PL i32, groups i32.
 * Unit: one panel of 8 input channels of one group; groups · ceil(Cg / 8) units. Bytes: that · KH · KW · Og · 32.
 */
export function packPhases(args: usize, begin: i32, end: i32): void {
  const channels = int(args, 3), kernelH = int(args, 4), kernelW = int(args, 5), strideH = int(args, 6);
  const strideW = int(args, 7), groups = int(args, 12), outs = int(args, 2) / groups;
  const panels = ceilDiv(channels, 8), outStride = bytes(kernelH * kernelW * channels);
  for (let unit = begin; unit < end; unit++) {
    const group = unit / panels, panel = unit % panels, width = min(8, channels - (panel << 3));
    const source = pointer(args, 0) + <usize>(group * outs) * outStride + bytes(panel << 3);
    let phase = pointer(args, 1) + <usize>(group * panels * kernelH * kernelW * outs) * 32;
    for (let phaseH = 0; phaseH < strideH; phaseH++) {
      for (let phaseW = 0; phaseW < strideW; phaseW++) {
        let taps = 0;
        for (let ky = 0; ky < kernelH; ky++) {
          if (phaseOf(ky, int(args, 8), int(args, 10), strideH) != phaseH) continue;
          for (let kx = 0; kx < kernelW; kx++) taps += i32(phaseOf(kx, int(args, 9), int(args, 11), strideW) == phaseW);
        }
        let target = phase + <usize>(panel * taps * outs) * 32;
        for (let ky = 0; ky < kernelH; ky++) {
          if (phaseOf(ky, int(args, 8), int(args, 10), strideH) != phaseH) continue;
          for (let kx = 0; kx < kernelW; kx++) {
            if (phaseOf(kx, int(args, 9), int(args, 11), strideW) != phaseW) continue;
            const tap = source + bytes((ky * kernelW + kx) * channels);
            if (width == 8) copyColumns(tap, target, outs, outStride);
            else gather(tap, target, outs, width, 4, outStride);
            target += <usize>outs * 32;
          }
        }
        phase += <usize>(panels * taps * outs) * 32;
      }
    }
  }
}

/**
 * target[c / 4][tap][c % 4] = source[c][tap], or the taps in reverse order when flip is 1.
 * args: source, target, C i32, taps i32, flip i32. Unit: 4 channels; ceil(C / 4) units. Bytes: ceil(C / 4) · taps · 16.
 */
export function packDepthwise(args: usize, begin: i32, end: i32): void {
  const channels = int(args, 2), taps = int(args, 3), flip = int(args, 4) != 0;
  for (let unit = begin; unit < end; unit++) {
    const width = min(4, channels - (unit << 2));
    const source = pointer(args, 0) + bytes((unit << 2) * taps);
    let target = pointer(args, 1) + <usize>(unit * taps) * 16;
    for (let tap = 0; tap < taps; tap++) {
      const from = source + bytes(flip ? taps - 1 - tap : tap);
      for (let lane = 0; lane < 4; lane++) {
        store<f32>(target + bytes(lane), lane < width ? load<f32>(from + bytes(lane * taps)) : 0);
      }
      target += 16;
    }
  }
}
