// The register tiles under every GEMM-like kernel: ROWS x 8 outputs in registers, one pass over the depth. The sum of one output runs over the depth in order, whatever tile it falls in, so tiling
// never changes a bit. Not part of the module's exports.
import { activateElements } from "./activation";
import { NONE, RELU6 } from "./codes";
import { bytes, clamp, clampHigh, clampLow, madd, storeLanes } from "./simd";

/** Rows of a tile: what fits V8's registers with fused multiply-add, and with multiply and add. */
export const ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;

/** Clamps and stores the first `width` columns of one row of 8 sums. */
// @ts-ignore: decorator
@inline
function storeRow(y: usize, c0: v128, c1: v128, width: i32, activation: i32): void {
  const low = clampLow(activation), high = clampHigh(activation);
  c0 = clamp(c0, low, high);
  if (width > 4) {
    v128.store(y, c0);
    storeLanes(y + 16, clamp(c1, low, high), width - 4);
  } else storeLanes(y, c0, width);
}

/**
 * y[row][0..width) = act(bias + Σ_k x[row][k] panel[k] (+ y) (+ residual)) for one panel of 8 columns and any number of rows.
 * Strides in bytes; `bias` has 8 readable floats; `act` is NONE, RELU or RELU6. No call stands where the sums are live:
 * V8 would store all of them in every turn of the loop.
 */
export function panelRows(
  x: usize, xStride: usize, rows: i32, depth: i32, panel: usize, y: usize, yStride: usize, width: i32, bias: usize,
  residual: usize, residualStride: usize, accumulate: bool, activation: i32,
): void {
  const end = panel + bytes(depth << 3);
  for (let row = 0; row < rows; row += ROWS) {
    const left = rows - row;
    // Rows beyond the last one repeat the first and are not stored.
    const y1 = left > 1 ? y + yStride : y, y2 = left > 2 ? y1 + yStride : y, y3 = left > 3 ? y2 + yStride : y;
    let x0 = x, x1 = left > 1 ? x + xStride : x, x2 = left > 2 ? x1 + xStride : x, x3 = left > 3 ? x2 + xStride : x;
    let x4: usize = 0, x5: usize = 0, y4: usize = 0, y5: usize = 0;
    let c00 = v128.load(bias), c01 = v128.load(bias, 16);
    let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01, c40 = c00, c41 = c01, c50 = c00, c51 = c01;
    if (ROWS == 6) {
      x4 = left > 4 ? x3 + xStride : x;
      x5 = left > 5 ? x4 + xStride : x;
      y4 = left > 4 ? y3 + yStride : y;
      y5 = left > 5 ? y4 + yStride : y;
    }
    if (accumulate) {
      c00 = f32x4.add(c00, v128.load(y));
      c01 = f32x4.add(c01, v128.load(y, 16));
      c10 = f32x4.add(c10, v128.load(y1));
      c11 = f32x4.add(c11, v128.load(y1, 16));
      c20 = f32x4.add(c20, v128.load(y2));
      c21 = f32x4.add(c21, v128.load(y2, 16));
      c30 = f32x4.add(c30, v128.load(y3));
      c31 = f32x4.add(c31, v128.load(y3, 16));
      if (ROWS == 6) {
        c40 = f32x4.add(c40, v128.load(y4));
        c41 = f32x4.add(c41, v128.load(y4, 16));
        c50 = f32x4.add(c50, v128.load(y5));
        c51 = f32x4.add(c51, v128.load(y5, 16));
      }
    }
    if (residual) {
      const r1 = left > 1 ? residual + residualStride : residual, r2 = left > 2 ? r1 + residualStride : residual;
      const r3 = left > 3 ? r2 + residualStride : residual;
      c00 = f32x4.add(c00, v128.load(residual));
      c01 = f32x4.add(c01, v128.load(residual, 16));
      c10 = f32x4.add(c10, v128.load(r1));
      c11 = f32x4.add(c11, v128.load(r1, 16));
      c20 = f32x4.add(c20, v128.load(r2));
      c21 = f32x4.add(c21, v128.load(r2, 16));
      c30 = f32x4.add(c30, v128.load(r3));
      c31 = f32x4.add(c31, v128.load(r3, 16));
      if (ROWS == 6) {
        const r4 = left > 4 ? r3 + residualStride : residual, r5 = left > 5 ? r4 + residualStride : residual;
        c40 = f32x4.add(c40, v128.load(r4));
        c41 = f32x4.add(c41, v128.load(r4, 16));
        c50 = f32x4.add(c50, v128.load(r5));
        c51 = f32x4.add(c51, v128.load(r5, 16));
      }
      residual += <usize>ROWS * residualStride;
    }
    // Two steps of the depth a turn. The test between them ends a basic block: V8 would load for both at once and spill.
    let b = panel;
    while (true) {
      let b0 = v128.load(b), b1 = v128.load(b, 16), a = v128.load32_splat(x0);
      c00 = madd(a, b0, c00);
      c01 = madd(a, b1, c01);
      a = v128.load32_splat(x1);
      c10 = madd(a, b0, c10);
      c11 = madd(a, b1, c11);
      a = v128.load32_splat(x2);
      c20 = madd(a, b0, c20);
      c21 = madd(a, b1, c21);
      a = v128.load32_splat(x3);
      c30 = madd(a, b0, c30);
      c31 = madd(a, b1, c31);
      if (ROWS == 6) {
        a = v128.load32_splat(x4);
        c40 = madd(a, b0, c40);
        c41 = madd(a, b1, c41);
        a = v128.load32_splat(x5);
        c50 = madd(a, b0, c50);
        c51 = madd(a, b1, c51);
      }
      b += 32;
      if (b == end) break;
      b0 = v128.load(b);
      b1 = v128.load(b, 16);
      a = v128.load32_splat(x0, 4);
      c00 = madd(a, b0, c00);
      c01 = madd(a, b1, c01);
      a = v128.load32_splat(x1, 4);
      c10 = madd(a, b0, c10);
      c11 = madd(a, b1, c11);
      a = v128.load32_splat(x2, 4);
      c20 = madd(a, b0, c20);
      c21 = madd(a, b1, c21);
      a = v128.load32_splat(x3, 4);
      c30 = madd(a, b0, c30);
      c31 = madd(a, b1, c31);
      if (ROWS == 6) {
        a = v128.load32_splat(x4, 4);
        c40 = madd(a, b0, c40);
        c41 = madd(a, b1, c41);
        a = v128.load32_splat(x5, 4);
        c50 = madd(a, b0, c50);
        c51 = madd(a, b1, c51);
      }
      b += 32;
      if (b == end) break;
      x0 += 8;
      x1 += 8;
      x2 += 8;
      x3 += 8;
      if (ROWS == 6) {
        x4 += 8;
        x5 += 8;
      }
    }
    if (width >= 8) {
      const low = clampLow(activation), high = clampHigh(activation);
      v128.store(y, clamp(c00, low, high));
      v128.store(y, clamp(c01, low, high), 16);
      if (left > 1) {
        v128.store(y1, clamp(c10, low, high));
        v128.store(y1, clamp(c11, low, high), 16);
      }
      if (left > 2) {
        v128.store(y2, clamp(c20, low, high));
        v128.store(y2, clamp(c21, low, high), 16);
      }
      if (left > 3) {
        v128.store(y3, clamp(c30, low, high));
        v128.store(y3, clamp(c31, low, high), 16);
      }
      if (ROWS == 6) {
        if (left > 4) {
          v128.store(y4, clamp(c40, low, high));
          v128.store(y4, clamp(c41, low, high), 16);
        }
        if (left > 5) {
          v128.store(y5, clamp(c50, low, high));
          v128.store(y5, clamp(c51, low, high), 16);
        }
      }
    } else {
      storeRow(y, c00, c01, width, activation);
      if (left > 1) storeRow(y1, c10, c11, width, activation);
      if (left > 2) storeRow(y2, c20, c21, width, activation);
      if (left > 3) storeRow(y3, c30, c31, width, activation);
      if (ROWS == 6) {
        if (left > 4) storeRow(y4, c40, c41, width, activation);
        if (left > 5) storeRow(y5, c50, c51, width, activation);
      }
    }
    x += <usize>ROWS * xStride;
    y += <usize>ROWS * yStride;
  }
}

/** All panels [first, last) of one block of rows; `y`, `bias` and `residual` point to column 0. */
export function panelsOfRows(
  x: usize, xStride: usize, rows: i32, depth: i32, panels: usize, first: i32, last: i32, columns: i32, y: usize,
  yStride: usize, bias: usize, zeros: usize, residual: usize, residualStride: usize, accumulate: bool, activation: i32,
  slope: f32,
): void {
  const clamped = activation <= RELU6, clamping = clamped ? activation : NONE;
  // A row that would be alone in its tile goes through several panels at once instead.
  const tiled = rows % ROWS == 1 ? rows - 1 : rows;
  for (let panel = first; panel < last; panel++) {
    const column = bytes(panel << 3);
    panelRows(
      x, xStride, tiled, depth, panels + column * <usize>depth, y + column, yStride, min(8, columns - (panel << 3)),
      bias ? bias + column : zeros, residual ? residual + column : 0, residualStride, accumulate, clamping,
    );
  }
  if (tiled < rows) {
    const row = x + <usize>tiled * xStride, to = y + <usize>tiled * yStride;
    const sum = residual ? residual + <usize>tiled * residualStride : 0;
    let panel = first;
    for (; panel + 4 <= last; panel += 4) panelsOfRow(4, row, depth, panels, panel, columns, to, bias, sum, accumulate, clamping);
    for (; panel < last; panel++) panelsOfRow(1, row, depth, panels, panel, columns, to, bias, sum, accumulate, clamping);
  }
  if (clamped) return;
  const from = first << 3, width = min(last << 3, columns) - from;
  for (let row = 0, at = y + bytes(from); row < rows; row++, at += yStride) {
    activateElements(activation, at, at, width, slope);
  }
}

/** What four sums of a row begin with. */
// @ts-ignore: decorator
@inline
function beginning(bias: usize, y: usize, residual: usize, accumulate: bool, offset: usize): v128 {
  let sum = bias ? v128.load(bias + offset) : f32x4.splat(0);
  if (accumulate) sum = f32x4.add(sum, v128.load(y + offset));
  return residual ? f32x4.add(sum, v128.load(residual + offset)) : sum;
}

/** The `count` panels, 1 or 4, from `panel` on, of one row; all else as in panelsOfRows. */
// @ts-ignore: decorator
@inline
function panelsOfRow(
  count: i32, x: usize, depth: i32, panels: usize, panel: i32, columns: i32, y: usize, bias: usize, residual: usize,
  accumulate: bool, activation: i32,
): void {
  const column = bytes(panel << 3), size = bytes(depth << 3);
  const a = bias ? bias + column : 0, r = residual ? residual + column : 0, to = y + column;
  let c0 = beginning(a, to, r, accumulate, 0), c1 = beginning(a, to, r, accumulate, 16);
  let c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
  if (count == 4) {
    c2 = beginning(a, to, r, accumulate, 32);
    c3 = beginning(a, to, r, accumulate, 48);
    c4 = beginning(a, to, r, accumulate, 64);
    c5 = beginning(a, to, r, accumulate, 80);
    c6 = beginning(a, to, r, accumulate, 96);
    c7 = beginning(a, to, r, accumulate, 112);
  }
  let p0 = panels + column * <usize>depth, p1 = p0 + size, p2 = p1 + size, p3 = p2 + size;
  const end = p1;
  do {
    const v = v128.load32_splat(x);
    c0 = madd(v, v128.load(p0), c0);
    c1 = madd(v, v128.load(p0, 16), c1);
    if (count == 4) {
      c2 = madd(v, v128.load(p1), c2);
      c3 = madd(v, v128.load(p1, 16), c3);
      c4 = madd(v, v128.load(p2), c4);
      c5 = madd(v, v128.load(p2, 16), c5);
      c6 = madd(v, v128.load(p3), c6);
      c7 = madd(v, v128.load(p3, 16), c7);
      p1 += 32;
      p2 += 32;
      p3 += 32;
    }
    x += 4;
    p0 += 32;
  } while (p0 != end);
  const left = columns - (panel << 3);
  if (count == 4) {
    storeRow(to, c0, c1, 8, activation);
    storeRow(to + 32, c2, c3, 8, activation);
    storeRow(to + 64, c4, c5, 8, activation);
    storeRow(to + 96, c6, c7, min(8, left - 24), activation);
  } else storeRow(to, c0, c1, min(8, left), activation);
}

// @ts-ignore: decorator
@inline
function addRow(c: usize, c0: v128, c1: v128, first: bool, width: i32): void {
  if (!first) {
    c0 = f32x4.add(c0, v128.load(c));
    c1 = f32x4.add(c1, v128.load(c, 16));
  }
  if (width >= 8) {
    v128.store(c, c0);
    v128.store(c, c1, 16);
  } else if (width > 4) {
    v128.store(c, c0);
    storeLanes(c + 16, c1, width - 4);
  } else storeLanes(c, c0, width);
}

/**
 * c[row][0..width) (+)= Σ_p a[p][row] b[p], the tile of the weight gradients. Strides in bytes: aStep and bStep from one
 * p to the next, aTile from one tile of rows to the next. `first` overwrites c instead of adding to it.
 */
export function transposedRows(
  a: usize, aStep: usize, aTile: usize, rows: i32, depth: i32, bFirst: usize, bStep: usize, c: usize, cStride: usize,
  width: i32, first: bool,
): void {
  const end = bFirst + <usize>depth * bStep;
  for (let row = 0; row < rows; row += ROWS) {
    const left = rows - row;
    let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
    let c40 = c00, c41 = c00, c50 = c00, c51 = c00;
    let p = a, b = bFirst;
    do {
      const b0 = v128.load(b), b1 = v128.load(b, 16);
      let x = v128.load32_splat(p);
      c00 = madd(x, b0, c00);
      c01 = madd(x, b1, c01);
      x = v128.load32_splat(p, 4);
      c10 = madd(x, b0, c10);
      c11 = madd(x, b1, c11);
      x = v128.load32_splat(p, 8);
      c20 = madd(x, b0, c20);
      c21 = madd(x, b1, c21);
      x = v128.load32_splat(p, 12);
      c30 = madd(x, b0, c30);
      c31 = madd(x, b1, c31);
      if (ROWS == 6) {
        x = v128.load32_splat(p, 16);
        c40 = madd(x, b0, c40);
        c41 = madd(x, b1, c41);
        x = v128.load32_splat(p, 20);
        c50 = madd(x, b0, c50);
        c51 = madd(x, b1, c51);
      }
      p += aStep;
      b += bStep;
    } while (b != end);
    addRow(c, c00, c01, first, width);
    if (left > 1) addRow(c + cStride, c10, c11, first, width);
    if (left > 2) addRow(c + cStride * 2, c20, c21, first, width);
    if (left > 3) addRow(c + cStride * 3, c30, c31, first, width);
    if (ROWS == 6) {
      if (left > 4) addRow(c + cStride * 4, c40, c41, first, width);
      if (left > 5) addRow(c + cStride * 5, c50, c51, first, width);
    }
    a += aTile;
    c += cStride * <usize>ROWS;
  }
}
