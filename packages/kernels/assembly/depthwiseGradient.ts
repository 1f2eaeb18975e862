// The weight gradient of a depthwise convolution: dw[c][ky][kx] = Σ dy[oh][ow][c] x[ih][iw][c]. Tiles of four output pixels
// walk the channels and add into a partial [C/4][KH·KW][4], which stays in cache. `geometry` is as in dense.ts.
import { bytes, int, madd, pointer, touch } from "./simd";
import { CONFLICTING, GEOMETRY, LARGE, spreadRows, touchRows } from "./strips";

/** Output rows whose input is copied at a time where pixels conflict in the cache. */
const SPREAD: i32 = 4;

/**
 * partials[row group][C/4][taps][4]. args: x, dy, partials, geometry, groupRows i32.
 * Unit: groupRows output rows (rows of all images in one list), a fixed share; ceil(N·OH / groupRows) units, each of
 * which writes ceil(C / 4) · KH · KW · 16 bytes.
 * Scratch where C % 512 == 0: (3·SH + (KH − 1)·DH + 1) · W · (C + 16) · 4 + 64 bytes.
 */
export function depthwiseWeightGradient(args: usize, begin: i32, end: i32): void {
  const geometry = args + 12, groupRows = int(args + 12 + bytes(GEOMETRY), 0), rows = int(geometry, 0) * int(geometry, 4);
  const outH = int(geometry, 4), channels = int(geometry, 3);
  const plane = bytes(int(geometry, 1) * int(geometry, 2) * channels);
  const large = int(geometry, 0) * int(geometry, 1) * int(geometry, 2) * channels > LARGE, spread = channels % CONFLICTING == 0;
  const rowBytes = bytes(int(geometry, 5) * int(geometry, 3));
  const size = <usize>(((int(geometry, 3) + 3) >> 2) * int(geometry, 7) * int(geometry, 8)) * 16;
  for (let unit = begin; unit < end; unit++) {
    const target = pointer(args, 2) + <usize>unit * size;
    memory.fill(target, 0, size);
    const first = unit * groupRows, last = min(first + groupRows, rows);
    let copy: usize = 0;
    for (let row = first; row < last; row++) {
      let x = pointer(args, 0) + <usize>(row / outH) * plane, xPixel = bytes(channels);
      if (spread) {
        const oh = row % outH;
        if ((row - first) % SPREAD == 0 || oh == 0)
          copy = spreadRows(geometry, x, oh, min(SPREAD - ((row - first) % SPREAD), min(outH - oh, last - row)));
        x = copy;
        xPixel += 64;
      } else if (large) {
        touchRows(geometry, pointer(args, 0), row, row == first);
        touch(pointer(args, 1) + <usize>row * rowBytes, rowBytes);
      }
      addRow(args, row, x, xPixel, target);
    }
  }
}

function addRow(args: usize, index: i32, plane: usize, xPixel: usize, target: usize): void {
  const geometry = args + 12, height = int(geometry, 1), width = int(geometry, 2), channels = int(geometry, 3);
  const outW = int(geometry, 5), kernelH = int(geometry, 7), kernelW = int(geometry, 8), stride = int(geometry, 10);
  const dilationH = int(geometry, 11), dilationW = int(geometry, 12), padLeft = int(geometry, 14);
  const pixel = bytes(channels), row = <usize>width * xPixel, taps = kernelH * kernelW;
  const ih0 = (index % int(geometry, 4)) * int(geometry, 9) - int(geometry, 13);
  const ky0 = ih0 >= 0 ? 0 : (dilationH - 1 - ih0) / dilationH;
  const lines = ih0 >= height ? 0 : max(min(kernelH, (height - ih0 + dilationH - 1) / dilationH) - ky0, 0);
  const g = target + <usize>(ky0 * kernelW) * 16, step = row * dilationH;
  const x = plane + <usize>(ih0 + ky0 * dilationH) * row;
  const dy = pointer(args, 1) + <usize>(index * outW) * pixel;

  const span = 3 * stride + kernelW, edge = kernelW >> 1;
  const tiled = (kernelW == 3 || kernelW == 5) && stride <= 2 && dilationW == 1 && outW >= 4 && padLeft <= edge &&
    (outW - 1) * stride - padLeft + kernelW - width <= edge;
  if (!tiled) {
    for (let ow = 0; ow < outW; ow++) {
      const iw0 = ow * stride - padLeft, kx0 = iw0 >= 0 ? 0 : (dilationW - 1 - iw0) / dilationW;
      const columns = iw0 >= width ? 0 : min(kernelW, (width - iw0 + dilationW - 1) / dilationW) - kx0;
      addPixel(
        x + <usize>(iw0 + kx0 * dilationW) * xPixel, step, xPixel * dilationW, lines, columns, dy + <usize>ow * pixel,
        g + <usize>kx0 * 16, <usize>kernelW * 16, taps, channels,
      );
    }
    return;
  }
  for (let at = 0; at < outW; at += 4) {
    // The last tile overlaps its neighbour; `skip` of its pixels are counted already.
    const ow = min(at, outW - 4), skip = at - ow, iw0 = ow * stride - padLeft;
    const left = max(-iw0, 0), right = max(iw0 + span - width, 0);
    const from = x + <usize>iw0 * xPixel, d = dy + <usize>ow * pixel;
    if (kernelW == 3) {
      if (stride == 1) add3s1(from, step, xPixel, lines, left, right, d, pixel, skip, g, taps, channels);
      else add3s2(from, step, xPixel, lines, left, right, d, pixel, skip, g, taps, channels);
    } else if (stride == 1) add5s1(from, step, xPixel, lines, left, right, d, pixel, skip, g, taps, channels);
    else add5s2(from, step, xPixel, lines, left, right, d, pixel, skip, g, taps, channels);
  }
}

function addPixel(
  x: usize, row: usize, column: usize, lines: i32, columns: i32, dy: usize, g: usize, gRow: usize, taps: i32,
  channels: i32,
): void {
  for (let c = channels; c > 0; c -= 4) {
    const d = v128.load(dy);
    let pRow = x, qRow = g;
    for (let ky = lines; ky > 0; ky--) {
      let p = pRow, q = qRow;
      for (let kx = columns; kx > 0; kx--) {
        v128.store(q, madd(d, v128.load(p), v128.load(q)));
        p += column;
        q += 16;
      }
      pRow += row;
      qRow += gRow;
    }
    x += 16;
    dy += 16;
    g += <usize>taps << 4;
  }
}

// @ts-ignore: decorator
@inline
function unlessSkipped(at: usize, skipped: bool): v128 {
  return skipped ? f32x4.splat(0) : v128.load(at);
}

function add3s1(
  x: usize, row: usize, pixel: usize, lines: i32, left: i32, right: i32, dy: usize, dyPixel: usize, skip: i32,
  g: usize, taps: i32, channels: i32,
): void {
  const p2 = pixel * 2, p3 = pixel * 3, p4 = pixel * 4, p5 = pixel * 5, gStep = <usize>taps << 4;
  for (let c = channels; c > 0; c -= 4) {
    const d0 = unlessSkipped(dy, skip > 0), d1 = unlessSkipped(dy + dyPixel, skip > 1);
    const d2 = unlessSkipped(dy + dyPixel * 2, skip > 2), d3 = v128.load(dy + dyPixel * 3);
    let p = x, q = g;
    for (let ky = lines; ky > 0; ky--) {
      let g0 = v128.load(q), g1 = v128.load(q, 16), g2 = v128.load(q, 32);
      if (left < 1) g0 = madd(d0, v128.load(p), g0);
      let v = v128.load(p + pixel);
      g1 = madd(d0, v, g1);
      g0 = madd(d1, v, g0);
      v = v128.load(p + p2);
      g2 = madd(d0, v, g2);
      g1 = madd(d1, v, g1);
      g0 = madd(d2, v, g0);
      v = v128.load(p + p3);
      g2 = madd(d1, v, g2);
      g1 = madd(d2, v, g1);
      g0 = madd(d3, v, g0);
      v = v128.load(p + p4);
      g2 = madd(d2, v, g2);
      g1 = madd(d3, v, g1);
      if (right < 1) g2 = madd(d3, v128.load(p + p5), g2);
      v128.store(q, g0);
      v128.store(q, g1, 16);
      v128.store(q, g2, 32);
      p += row;
      q += 48;
    }
    x += 16;
    dy += 16;
    g += gStep;
  }
}

function add3s2(
  x: usize, row: usize, pixel: usize, lines: i32, left: i32, right: i32, dy: usize, dyPixel: usize, skip: i32,
  g: usize, taps: i32, channels: i32,
): void {
  const p2 = pixel * 2, p3 = pixel * 3, p4 = pixel * 4, gStep = <usize>taps << 4;
  for (let c = channels; c > 0; c -= 4) {
    const d0 = unlessSkipped(dy, skip > 0), d1 = unlessSkipped(dy + dyPixel, skip > 1);
    const d2 = unlessSkipped(dy + dyPixel * 2, skip > 2), d3 = v128.load(dy + dyPixel * 3);
    let p = x, q = g;
    for (let ky = lines; ky > 0; ky--) {
      let g0 = v128.load(q), g1 = v128.load(q, 16), g2 = v128.load(q, 32);
      if (left < 1) g0 = madd(d0, v128.load(p), g0);
      g1 = madd(d0, v128.load(p + pixel), g1);
      let v = v128.load(p + p2);
      g2 = madd(d0, v, g2);
      g0 = madd(d1, v, g0);
      g1 = madd(d1, v128.load(p + p3), g1);
      const r = p + p4;
      v = v128.load(r);
      g2 = madd(d1, v, g2);
      g0 = madd(d2, v, g0);
      g1 = madd(d2, v128.load(r + pixel), g1);
      v = v128.load(r + p2);
      g2 = madd(d2, v, g2);
      g0 = madd(d3, v, g0);
      g1 = madd(d3, v128.load(r + p3), g1);
      if (right < 1) g2 = madd(d3, v128.load(r + p4), g2);
      v128.store(q, g0);
      v128.store(q, g1, 16);
      v128.store(q, g2, 32);
      p += row;
      q += 48;
    }
    x += 16;
    dy += 16;
    g += gStep;
  }
}

function add5s1(
  x: usize, row: usize, pixel: usize, lines: i32, left: i32, right: i32, dy: usize, dyPixel: usize, skip: i32,
  g: usize, taps: i32, channels: i32,
): void {
  const p2 = pixel * 2, p3 = pixel * 3, p4 = pixel * 4, gStep = <usize>taps << 4;
  for (let c = channels; c > 0; c -= 4) {
    const d0 = unlessSkipped(dy, skip > 0), d1 = unlessSkipped(dy + dyPixel, skip > 1);
    const d2 = unlessSkipped(dy + dyPixel * 2, skip > 2), d3 = v128.load(dy + dyPixel * 3);
    let p = x, q = g;
    for (let ky = lines; ky > 0; ky--) {
      let g0 = v128.load(q), g1 = v128.load(q, 16), g2 = v128.load(q, 32), g3 = v128.load(q, 48), g4 = v128.load(q, 64);
      if (left < 1) g0 = madd(d0, v128.load(p), g0);
      if (left < 2) {
        const v = v128.load(p + pixel);
        g1 = madd(d0, v, g1);
        g0 = madd(d1, v, g0);
      }
      let v = v128.load(p + p2);
      g2 = madd(d0, v, g2);
      g1 = madd(d1, v, g1);
      g0 = madd(d2, v, g0);
      v = v128.load(p + p3);
      g3 = madd(d0, v, g3);
      g2 = madd(d1, v, g2);
      g1 = madd(d2, v, g1);
      g0 = madd(d3, v, g0);
      const r = p + p4;
      v = v128.load(r);
      g4 = madd(d0, v, g4);
      g3 = madd(d1, v, g3);
      g2 = madd(d2, v, g2);
      g1 = madd(d3, v, g1);
      v = v128.load(r + pixel);
      g4 = madd(d1, v, g4);
      g3 = madd(d2, v, g3);
      g2 = madd(d3, v, g2);
      if (right < 2) {
        v = v128.load(r + p2);
        g4 = madd(d2, v, g4);
        g3 = madd(d3, v, g3);
      }
      if (right < 1) g4 = madd(d3, v128.load(r + p3), g4);
      v128.store(q, g0);
      v128.store(q, g1, 16);
      v128.store(q, g2, 32);
      v128.store(q, g3, 48);
      v128.store(q, g4, 64);
      p += row;
      q += 80;
    }
    x += 16;
    dy += 16;
    g += gStep;
  }
}

function add5s2(
  x: usize, row: usize, pixel: usize, lines: i32, left: i32, right: i32, dy: usize, dyPixel: usize, skip: i32,
  g: usize, taps: i32, channels: i32,
): void {
  const p2 = pixel * 2, p3 = pixel * 3, p4 = pixel * 4, gStep = <usize>taps << 4;
  for (let c = channels; c > 0; c -= 4) {
    const d0 = unlessSkipped(dy, skip > 0), d1 = unlessSkipped(dy + dyPixel, skip > 1);
    const d2 = unlessSkipped(dy + dyPixel * 2, skip > 2), d3 = v128.load(dy + dyPixel * 3);
    let p = x, q = g;
    for (let ky = lines; ky > 0; ky--) {
      let g0 = v128.load(q), g1 = v128.load(q, 16), g2 = v128.load(q, 32), g3 = v128.load(q, 48), g4 = v128.load(q, 64);
      if (left < 1) g0 = madd(d0, v128.load(p), g0);
      if (left < 2) g1 = madd(d0, v128.load(p + pixel), g1);
      let v = v128.load(p + p2);
      g2 = madd(d0, v, g2);
      g0 = madd(d1, v, g0);
      v = v128.load(p + p3);
      g3 = madd(d0, v, g3);
      g1 = madd(d1, v, g1);
      const r = p + p4;
      v = v128.load(r);
      g4 = madd(d0, v, g4);
      g2 = madd(d1, v, g2);
      g0 = madd(d2, v, g0);
      v = v128.load(r + pixel);
      g3 = madd(d1, v, g3);
      g1 = madd(d2, v, g1);
      v = v128.load(r + p2);
      g4 = madd(d1, v, g4);
      g2 = madd(d2, v, g2);
      g0 = madd(d3, v, g0);
      v = v128.load(r + p3);
      g3 = madd(d2, v, g3);
      g1 = madd(d3, v, g1);
      const s = r + p4;
      v = v128.load(s);
      g4 = madd(d2, v, g4);
      g2 = madd(d3, v, g2);
      if (right < 2) g3 = madd(d3, v128.load(s + pixel), g3);
      if (right < 1) g4 = madd(d3, v128.load(s + p2), g4);
      v128.store(q, g0);
      v128.store(q, g1, 16);
      v128.store(q, g2, 32);
      v128.store(q, g3, 48);
      v128.store(q, g4, 64);
      p += row;
      q += 80;
    }
    x += 16;
    dy += 16;
    g += gStep;
  }
}

/**
 * dw[c][tap] (+)= Σ_j partials[j][c / 4][tap][c % 4], in the order of j.
 * args: partials, dw, count i32, C i32, taps i32, accumulate i32. Unit: 4 channels; ceil(C / 4) units.
 */
export function depthwiseWeightSum(args: usize, begin: i32, end: i32): void {
  const count = int(args, 2), channels = int(args, 3), taps = int(args, 4), accumulate = int(args, 5) != 0;
  const step = <usize>(((channels + 3) >> 2) * taps) * 16;
  for (let unit = begin; unit < end; unit++) {
    const width = min(4, channels - (unit << 2));
    for (let tap = 0; tap < taps; tap++) {
      let sum = f32x4.splat(0), at = pointer(args, 0) + <usize>(unit * taps + tap) * 16;
      for (let j = 0; j < count; j++, at += step) sum = f32x4.add(sum, v128.load(at));
      for (let lane = 0; lane < width; lane++) {
        const to = pointer(args, 1) + bytes(((unit << 2) + lane) * taps + tap);
        const value = f32x4.extract_lane(sum, 0);
        store<f32>(to, accumulate ? load<f32>(to) + value : value);
        sum = v128.shuffle<f32>(sum, sum, 1, 2, 3, 0);
      }
    }
  }
}
