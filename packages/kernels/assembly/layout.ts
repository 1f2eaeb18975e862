// Moves without arithmetic: the two rank-4 layouts, and any permutation, slice, pad or concatenation as a
// strided copy.
import { BLOCK } from "./codes";
import { bytes, int, pointer } from "./simd";

/** Source rows one unit of `transpose` covers. */
const STRIP: i32 = 32;

/**
 * y [images][columns][rows] = x [images][rows][columns]. NCHW to NHWC: rows C, columns H W; back: the other way
 * round. args: x, y, images i32, rows i32, columns i32. Unit: 32 rows of one image; ceil(rows / 32) an image.
 */
export function transpose(args: usize, begin: i32, end: i32): void {
  const rows = int(args, 3);
  const columns = int(args, 4);
  const strips = (rows + STRIP - 1) / STRIP;
  const rowX = bytes(columns);
  const rowY = bytes(rows);
  for (let unit = begin; unit < end; unit++) {
    const image = unit / strips;
    const first = (unit - image * strips) * STRIP;
    const last = min(first + STRIP, rows);
    const x = pointer(args, 0) + <usize>image * rows * rowX;
    const y = pointer(args, 1) + <usize>image * columns * rowY;
    let column: i32 = 0;
    for (; column + 4 <= columns; column += 4) {
      let row = first;
      for (; row + 4 <= last; row += 4) {
        const p = x + <usize>row * rowX + bytes(column);
        const a = v128.load(p), b = v128.load(p + rowX), c = v128.load(p + 2 * rowX), d = v128.load(p + 3 * rowX);
        const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
        const AB = v128.shuffle<i32>(a, b, 2, 6, 3, 7), CD = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
        const q = y + <usize>column * rowY + bytes(row);
        v128.store(q, v128.shuffle<i64>(ab, cd, 0, 2));
        v128.store(q + rowY, v128.shuffle<i64>(ab, cd, 1, 3));
        v128.store(q + 2 * rowY, v128.shuffle<i64>(AB, CD, 0, 2));
        v128.store(q + 3 * rowY, v128.shuffle<i64>(AB, CD, 1, 3));
      }
      for (; row < last; row++) {
        const p = x + <usize>row * rowX + bytes(column);
        const q = y + <usize>column * rowY + bytes(row);
        store<f32>(q, load<f32>(p));
        store<f32>(q + rowY, load<f32>(p, 4));
        store<f32>(q + 2 * rowY, load<f32>(p, 8));
        store<f32>(q + 3 * rowY, load<f32>(p, 12));
      }
    }
    for (; column < columns; column++) {
      for (let row = first; row < last; row++) {
        store<f32>(y + <usize>column * rowY + bytes(row), load<f32>(x + <usize>row * rowX + bytes(column)));
      }
    }
  }
}

/**
 * Copies a box of up to six axes between two strided buffers: y[sum i_k strideY_k] = x[sum i_k strideX_k]. A
 * stride may be 0 in x (repeat) or negative (flip). args: x, y, sizes i32[6], strides of x i32[6], strides of y
 * i32[6]; shorter boxes are padded with 1 in front. Unit: BLOCK elements of the box in row-major order.
 */
export function stridedCopy(args: usize, begin: i32, end: i32): void {
  const sizes = args + 8, stridesX = args + 32, stridesY = args + 56;
  let total: i32 = 1;
  for (let axis: usize = 0; axis < 24; axis += 4) total *= load<i32>(sizes + axis);
  const run = load<i32>(sizes, 20), rowSize = load<i32>(sizes, 16);
  const stepX = load<i32>(stridesX, 20), stepY = load<i32>(stridesY, 20);
  const rowStepX = load<i32>(stridesX, 16), rowStepY = load<i32>(stridesY, 16);
  let first = begin * BLOCK;
  const last = min(end * BLOCK, total);
  let row = first / run;
  let column = first - row * run;
  while (first < last) {
    let rest = row;
    let offsetX: i32 = 0, offsetY: i32 = 0;
    for (let axis: usize = 16; rest != 0; axis -= 4) {
      const size = load<i32>(sizes + axis);
      const next = rest / size;
      offsetX += (rest - next * size) * load<i32>(stridesX + axis);
      offsetY += (rest - next * size) * load<i32>(stridesY + axis);
      rest = next;
    }
    for (let left = rowSize - (row % rowSize); left > 0 && first < last; left--) {
      const count = min(run - column, last - first);
      copyRun(
        pointer(args, 0) + (<isize>(offsetX + column * stepX) << 2),
        pointer(args, 1) + (<isize>(offsetY + column * stepY) << 2),
        count,
        stepX,
        stepY,
      );
      offsetX += rowStepX;
      offsetY += rowStepY;
      first += count;
      column = 0;
      row++;
    }
  }
}

// @ts-ignore: decorator
@inline
function copyRun(x: usize, y: usize, count: i32, stepX: i32, stepY: i32): void {
  if (stepX == 1 && stepY == 1 && count >= 4) {
    const last = y + bytes(count) - 16; // the last vector may overlap the one before
    for (; y < last; x += 16, y += 16) v128.store(y, v128.load(x));
    v128.store(last, v128.load(x + last - y));
    return;
  }
  const byteStepX = <isize>stepX << 2;
  const byteStepY = <isize>stepY << 2;
  for (; count > 0; count--) {
    store<f32>(y, load<f32>(x));
    x += byteStepX;
    y += byteStepY;
  }
}
