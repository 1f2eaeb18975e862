// Dense k×k convolution: patches of the input in scratch, then the GEMM tiles. Any kernel, stride, dilation, groups and
// padding. `geometry` is sixteen i32: N, H, W, C, OH, OW, O, KH, KW, SH, SW, DH, DW, padTop, padLeft, groups, of the
// forward convolution (x [N,H,W,C], y and dy [N,OH,OW,O]) in all kernels here.
import { scratch } from "./scratch";
import { bytes, ceilDiv, copyExact, float, int, pointer, ZEROS } from "./simd";
import { fillPatches, fillPhase, firstTap, GEOMETRY, tapStep } from "./strips";
import { panelsOfRows } from "./tiles";

/**
 * y = act(conv2d(x, w) (+ bias) (+ residual)), w [O][KH][KW][C/groups] packed by packPanels, one group after another.
 * args: x, panels, y, bias | 0, residual | 0, geometry, activation i32, slope f32, pixelBlock i32, panelBlock i32.
 * Unit: pixelBlock output pixels (all images in one row) times panelBlock panels of 8 columns of every group:
 * ceil(N·OH·OW / pixelBlock) · ceil(ceil(O / groups / 8) / panelBlock). Scratch: pixelBlock·KH·KW·C/groups·4 + 64 bytes.
 */
export function convolution(args: usize, begin: i32, end: i32): void {
  const geometry = args + 20, rest = args + 20 + bytes(GEOMETRY);
  const bias = pointer(args, 3), residual = pointer(args, 4), groups = int(geometry, 15);
  const pixelBlock = int(rest, 2), panelBlock = int(rest, 3);
  const pixels = int(geometry, 0) * int(geometry, 4) * int(geometry, 5);
  const outs = int(geometry, 6) / groups, yStride = bytes(int(geometry, 6)), kernelH = int(geometry, 7);
  const depth = (int(geometry, 3) / groups) * kernelH * int(geometry, 8);
  const panelCount = ceilDiv(outs, 8), panelBlocks = ceilDiv(panelCount, panelBlock);
  for (let unit = begin; unit < end; unit++) {
    const pixel = (unit / panelBlocks) * pixelBlock, panel = (unit % panelBlocks) * panelBlock;
    const count = min(pixelBlock, pixels - pixel);
    for (let group = 0; group < groups; group++) {
      fillPatches(geometry, pointer(args, 0), scratch, pixel, count, group, 0, kernelH);
      const column = bytes(group * outs), at = <usize>pixel * yStride + column;
      panelsOfRows(
        scratch, bytes(depth), count, depth, pointer(args, 1) + <usize>(group * panelCount * depth) * 32, panel,
        min(panel + panelBlock, panelCount), outs, pointer(args, 2) + at, yStride, bias ? bias + column : 0, ZEROS,
        residual ? residual + at : 0, yStride, false, int(rest, 0), float(rest, 1),
      );
    }
  }
}

/**
 * dx (+)= the input gradient of a convolution, w packed by packPhases. Input pixels of one phase (h mod SH, w mod SW)
 * are touched by the same taps, so each phase is a stride-1 convolution of dy without wasted products.
 * args: dy, panels, dx, geometry, accumulate i32, pixelBlock i32, panelBlock i32.
 * Unit: pixelBlock input pixels of one phase (all images in one row) times panelBlock panels; phase by phase
 * ceil(N · ceil((H − phaseH) / SH) · ceil((W − phaseW) / SW) / pixelBlock) · ceil(ceil(C / groups / 8) / panelBlock).
 * Scratch: pixelBlock · (KH·KW·O/groups + C/groups) · 4 + 128 bytes.
 */
export function convolutionInputGradient(args: usize, begin: i32, end: i32): void {
  const geometry = args + 12, rest = args + 12 + bytes(GEOMETRY);
  const strideH = int(geometry, 9), strideW = int(geometry, 10), groups = int(geometry, 15);
  const pixelBlock = int(rest, 1), panelBlock = int(rest, 2);
  const panelBlocks = ceilDiv(ceilDiv(int(geometry, 3) / groups, 8), panelBlock);
  let unit = 0, tapsBefore = 0;
  for (let phaseH = 0; phaseH < strideH; phaseH++) {
    const ky = firstTap(phaseH, int(geometry, 7), int(geometry, 11), int(geometry, 13), strideH);
    const tapsH = ceilDiv(int(geometry, 7) - ky, tapStep(int(geometry, 11), strideH));
    for (let phaseW = 0; phaseW < strideW; phaseW++) {
      const kx = firstTap(phaseW, int(geometry, 8), int(geometry, 12), int(geometry, 14), strideW);
      const taps = tapsH * ceilDiv(int(geometry, 8) - kx, tapStep(int(geometry, 12), strideW));
      const rows = (int(geometry, 1) - phaseH + strideH - 1) / strideH;
      const columns = (int(geometry, 2) - phaseW + strideW - 1) / strideW;
      const pixels = int(geometry, 0) * rows * columns, units = ceilDiv(pixels, pixelBlock) * panelBlocks;
      for (let at = max(begin - unit, 0), last = min(end - unit, units); at < last; at++) {
        const pixel = (at / panelBlocks) * pixelBlock, panel = (at % panelBlocks) * panelBlock;
        const count = min(pixelBlock, pixels - pixel);
        for (let group = 0; group < groups; group++) {
          phaseBlock(args, phaseH, phaseW, taps, tapsBefore, pixel, count, panel, panelBlock, group);
        }
      }
      unit += units;
      tapsBefore += taps;
    }
  }
}

function phaseBlock(
  args: usize, phaseH: i32, phaseW: i32, taps: i32, tapsBefore: i32, pixel: i32, count: i32, panel: i32,
  panelBlock: i32, group: i32,
): void {
  const geometry = args + 12, rest = args + 12 + bytes(GEOMETRY);
  const groups = int(geometry, 15), channels = int(geometry, 3) / groups, outs = int(geometry, 6) / groups;
  const strideH = int(geometry, 9), strideW = int(geometry, 10), pixelBytes = bytes(int(geometry, 3));
  const accumulate = int(rest, 0) != 0, panelCount = ceilDiv(channels, 8), last = min(panel + panelBlock, panelCount);
  const depth = taps * outs, dx = pointer(args, 2) + bytes(group * channels);
  const panels = pointer(args, 1) +
    <usize>((group * int(geometry, 7) * int(geometry, 8) + tapsBefore) * outs * panelCount) * 32;
  fillPhase(geometry, pointer(args, 0), scratch, phaseH, phaseW, pixel, count, group);
  if (taps && strideH == 1 && strideW == 1) {
    return panelsOfRows(
      scratch, bytes(depth), count, depth, panels, panel, last, channels, dx + <usize>pixel * pixelBytes, pixelBytes,
      0, ZEROS, 0, 0, accumulate, 0, 0,
    );
  }
  const block = (scratch + bytes(count * depth) + 79) & ~15, blockBytes = bytes(channels);
  if (taps) {
    panelsOfRows(
      scratch, bytes(depth), count, depth, panels, panel, last, channels, block, blockBytes, 0, ZEROS, 0, 0, false, 0, 0,
    );
  } else if (accumulate) return;
  else memory.fill(block, 0, <usize>count * blockBytes);
  const columns = (int(geometry, 2) - phaseW + strideW - 1) / strideW;
  const rows = (int(geometry, 1) - phaseH + strideH - 1) / strideH;
  const first = panel << 3, width = min(last << 3, channels) - first;
  for (let i = 0; i < count; i++) {
    const at = pixel + i, line = at / columns;
    const h = (line % rows) * strideH + phaseH, w = (at % columns) * strideW + phaseW;
    const target = dx + <usize>((line / rows * int(geometry, 1) + h) * int(geometry, 2) + w) * pixelBytes + bytes(first);
    const source = block + <usize>i * blockBytes + bytes(first);
    if (accumulate) addExact(target, source, width);
    else copyExact(target, source, width);
  }
}

function addExact(target: usize, source: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    store<f32>(target, load<f32>(target) + load<f32>(source));
    target += 4;
    source += 4;
  }
}
