// Products of rows with packed panels: pointwise convolution, linear, matmul and their input gradients.
import { bytes, ceilDiv, float, int, pointer, ZEROS } from "./simd";
import { panelsOfRows } from "./tiles";

/**
 * y[p][m] = act(Σ_k x[p][k] w[m][k] (+ bias[m]) (+ y[p][m]) (+ residual[p][m])), w packed by packPanels.
 * args: x, panels, y, bias | 0, residual | 0, P i32, K i32, M i32, xStride i32, yStride i32, residualStride i32
 * (floats a row), accumulate i32, activation i32, slope f32, rowBlock i32, panelBlock i32.
 * Unit: rowBlock rows times panelBlock panels of 8 columns, numbered row block by row block:
 * ceil(P / rowBlock) · ceil(ceil(M / 8) / panelBlock) units.
 */
export function gemm(args: usize, begin: i32, end: i32): void {
  const x = pointer(args, 0), panels = pointer(args, 1), y = pointer(args, 2);
  const bias = pointer(args, 3), residual = pointer(args, 4);
  const rows = int(args, 5), depth = int(args, 6), columns = int(args, 7);
  const xStride = bytes(int(args, 8)), yStride = bytes(int(args, 9)), residualStride = bytes(int(args, 10));
  const rowBlock = int(args, 14), panelBlock = int(args, 15);
  const panelCount = ceilDiv(columns, 8), panelBlocks = ceilDiv(panelCount, panelBlock);
  for (let unit = begin; unit < end; unit++) {
    const row = (unit / panelBlocks) * rowBlock, panel = (unit % panelBlocks) * panelBlock;
    panelsOfRows(
      x + <usize>row * xStride, xStride, min(rowBlock, rows - row), depth, panels, panel,
      min(panel + panelBlock, panelCount), columns, y + <usize>row * yStride, yStride, bias, ZEROS,
      residual ? residual + <usize>row * residualStride : 0, residualStride, int(args, 11) != 0, int(args, 12),
      float(args, 13),
    );
  }
}
