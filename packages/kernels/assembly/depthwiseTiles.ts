// Four neighbouring output pixels of a depthwise convolution, all channels: kernels of 3 and 5 taps a row, stride 1 and 2.
// A tile at the left or right edge skips the columns outside (`left` and `right` count them), so zeros are never
// multiplied. Weights are packed [C/4][KH][KW][4]. Not part of the module's exports.
import { clamp, clampHigh, clampLow, madd, storeLanes } from "./simd";

/** Clamp and store of the four sums of one channel vector. */
// @ts-ignore: decorator
@inline
export function finish(y: usize, step: usize, a0: v128, a1: v128, a2: v128, a3: v128, lanes: i32, low: v128, high: v128): void {
  a0 = clamp(a0, low, high);
  a1 = clamp(a1, low, high);
  a2 = clamp(a2, low, high);
  a3 = clamp(a3, low, high);
  if (lanes >= 4) {
    v128.store(y, a0);
    v128.store(y + step, a1);
    v128.store(y + step * 2, a2);
    v128.store(y + step * 3, a3);
  } else {
    storeLanes(y, a0, lanes);
    storeLanes(y + step, a1, lanes);
    storeLanes(y + step * 2, a2, lanes);
    storeLanes(y + step * 3, a3, lanes);
  }
}

/**
 * x: column of the tile's first tap in the first valid row; row, pixel: bytes between rows and pixels of x; lines: valid
 * kernel rows; w: the first of them; step: bytes between pixels of y; activation: NONE, RELU or RELU6.
 */
export function tile3s1(
  x: usize, row: usize, pixel: usize, lines: i32, left: i32, right: i32, w: usize, taps: i32, y: usize, step: usize,
  channels: i32, bias: usize, biasStep: usize, activation: i32,
): void {
  const p2 = pixel * 2, p3 = pixel * 3, p4 = pixel * 4, p5 = pixel * 5, wStep = <usize>taps << 4;
  const low = clampLow(activation), high = clampHigh(activation);
  for (let c = channels; c > 0; c -= 4) {
    let a0 = v128.load(bias), a1 = a0, a2 = a0, a3 = a0;
    let p = x, q = w;
    for (let ky = lines; ky > 0; ky--) {
      const w0 = v128.load(q), w1 = v128.load(q, 16), w2 = v128.load(q, 32);
      if (left < 1) a0 = madd(v128.load(p), w0, a0);
      let v = v128.load(p + pixel);
      a0 = madd(v, w1, a0);
      a1 = madd(v, w0, a1);
      v = v128.load(p + p2);
      a0 = madd(v, w2, a0);
      a1 = madd(v, w1, a1);
      a2 = madd(v, w0, a2);
      v = v128.load(p + p3);
      a1 = madd(v, w2, a1);
      a2 = madd(v, w1, a2);
      a3 = madd(v, w0, a3);
      v = v128.load(p + p4);
      a2 = madd(v, w2, a2);
      a3 = madd(v, w1, a3);
      if (right < 1) a3 = madd(v128.load(p + p5), w2, a3);
      p += row;
      q += 48;
    }
    finish(y, step, a0, a1, a2, a3, c, low, high);
    x += 16;
    y += 16;
    w += wStep;
    bias += biasStep;
  }
}

export function tile3s2(
  x: usize, row: usize, pixel: usize, lines: i32, left: i32, right: i32, w: usize, taps: i32, y: usize, step: usize,
  channels: i32, bias: usize, biasStep: usize, activation: i32,
): void {
  const p2 = pixel * 2, p4 = pixel * 4, wStep = <usize>taps << 4;
  const low = clampLow(activation), high = clampHigh(activation);
  for (let c = channels; c > 0; c -= 4) {
    let a0 = v128.load(bias), a1 = a0, a2 = a0, a3 = a0;
    let p = x, q = w;
    for (let ky = lines; ky > 0; ky--) {
      const w0 = v128.load(q), w1 = v128.load(q, 16), w2 = v128.load(q, 32);
      if (left < 1) a0 = madd(v128.load(p), w0, a0);
      a0 = madd(v128.load(p + pixel), w1, a0);
      let v = v128.load(p + p2);
      a0 = madd(v, w2, a0);
      a1 = madd(v, w0, a1);
      a1 = madd(v128.load(p + pixel + p2), w1, a1);
      const p5 = p + p4;
      v = v128.load(p5);
      a1 = madd(v, w2, a1);
      a2 = madd(v, w0, a2);
      a2 = madd(v128.load(p5 + pixel), w1, a2);
      v = v128.load(p5 + p2);
      a2 = madd(v, w2, a2);
      a3 = madd(v, w0, a3);
      a3 = madd(v128.load(p5 + pixel + p2), w1, a3);
      if (right < 1) a3 = madd(v128.load(p5 + p4), w2, a3);
      p += row;
      q += 48;
    }
    finish(y, step, a0, a1, a2, a3, c, low, high);
    x += 16;
    y += 16;
    w += wStep;
    bias += biasStep;
  }
}

export function tile5s1(
  x: usize, row: usize, pixel: usize, lines: i32, left: i32, right: i32, w: usize, taps: i32, y: usize, step: usize,
  channels: i32, bias: usize, biasStep: usize, activation: i32,
): void {
  const p2 = pixel * 2, p3 = pixel * 3, p4 = pixel * 4, wStep = <usize>taps << 4;
  const low = clampLow(activation), high = clampHigh(activation);
  for (let c = channels; c > 0; c -= 4) {
    let a0 = v128.load(bias), a1 = a0, a2 = a0, a3 = a0;
    let p = x, q = w;
    for (let ky = lines; ky > 0; ky--) {
      const w0 = v128.load(q), w1 = v128.load(q, 16), w2 = v128.load(q, 32), w3 = v128.load(q, 48), w4 = v128.load(q, 64);
      if (left < 1) a0 = madd(v128.load(p), w0, a0);
      if (left < 2) {
        const v = v128.load(p + pixel);
        a0 = madd(v, w1, a0);
        a1 = madd(v, w0, a1);
      }
      let v = v128.load(p + p2);
      a0 = madd(v, w2, a0);
      a1 = madd(v, w1, a1);
      a2 = madd(v, w0, a2);
      v = v128.load(p + p3);
      a0 = madd(v, w3, a0);
      a1 = madd(v, w2, a1);
      a2 = madd(v, w1, a2);
      a3 = madd(v, w0, a3);
      const r = p + p4;
      v = v128.load(r);
      a0 = madd(v, w4, a0);
      a1 = madd(v, w3, a1);
      a2 = madd(v, w2, a2);
      a3 = madd(v, w1, a3);
      v = v128.load(r + pixel);
      a1 = madd(v, w4, a1);
      a2 = madd(v, w3, a2);
      a3 = madd(v, w2, a3);
      if (right < 2) {
        v = v128.load(r + p2);
        a2 = madd(v, w4, a2);
        a3 = madd(v, w3, a3);
      }
      if (right < 1) a3 = madd(v128.load(r + p3), w4, a3);
      p += row;
      q += 80;
    }
    finish(y, step, a0, a1, a2, a3, c, low, high);
    x += 16;
    y += 16;
    w += wStep;
    bias += biasStep;
  }
}

export function tile5s2(
  x: usize, row: usize, pixel: usize, lines: i32, left: i32, right: i32, w: usize, taps: i32, y: usize, step: usize,
  channels: i32, bias: usize, biasStep: usize, activation: i32,
): void {
  const p2 = pixel * 2, p3 = pixel * 3, p4 = pixel * 4, wStep = <usize>taps << 4;
  const low = clampLow(activation), high = clampHigh(activation);
  for (let c = channels; c > 0; c -= 4) {
    let a0 = v128.load(bias), a1 = a0, a2 = a0, a3 = a0;
    let p = x, q = w;
    for (let ky = lines; ky > 0; ky--) {
      const w0 = v128.load(q), w1 = v128.load(q, 16), w2 = v128.load(q, 32), w3 = v128.load(q, 48), w4 = v128.load(q, 64);
      if (left < 1) a0 = madd(v128.load(p), w0, a0);
      if (left < 2) a0 = madd(v128.load(p + pixel), w1, a0);
      let v = v128.load(p + p2);
      a0 = madd(v, w2, a0);
      a1 = madd(v, w0, a1);
      v = v128.load(p + p3);
      a0 = madd(v, w3, a0);
      a1 = madd(v, w1, a1);
      const r = p + p4;
      v = v128.load(r);
      a0 = madd(v, w4, a0);
      a1 = madd(v, w2, a1);
      a2 = madd(v, w0, a2);
      v = v128.load(r + pixel);
      a1 = madd(v, w3, a1);
      a2 = madd(v, w1, a2);
      v = v128.load(r + p2);
      a1 = madd(v, w4, a1);
      a2 = madd(v, w2, a2);
      a3 = madd(v, w0, a3);
      v = v128.load(r + p3);
      a2 = madd(v, w3, a2);
      a3 = madd(v, w1, a3);
      const s = r + p4;
      v = v128.load(s);
      a2 = madd(v, w4, a2);
      a3 = madd(v, w2, a3);
      if (right < 2) a3 = madd(v128.load(s + pixel), w3, a3);
      if (right < 1) a3 = madd(v128.load(s + p2), w4, a3);
      p += row;
      q += 80;
    }
    finish(y, step, a0, a1, a2, a3, c, low, high);
    x += 16;
    y += 16;
    w += wStep;
    bias += biasStep;
  }
}

/**
 * One output pixel of any kernel: taps [0, lines) x [0, columns) from x and w, with their strides in bytes. Also the
 * gather of an input gradient, whose weight strides run backwards.
 */
export function pixelAny(
  x: usize, row: usize, column: usize, lines: i32, columns: i32, w: usize, wRow: usize, wColumn: usize, taps: i32,
  y: usize, channels: i32, bias: usize, biasStep: usize, activation: i32,
): void {
  for (let c = channels; c > 0; c -= 4) {
    let sum = v128.load(bias), pRow = x, qRow = w;
    for (let ky = lines; ky > 0; ky--) {
      let p = pRow, q = qRow;
      for (let kx = columns; kx > 0; kx--) {
        sum = madd(v128.load(p), v128.load(q), sum);
        p += column;
        q += wColumn;
      }
      pRow += row;
      qRow += wRow;
    }
    storeLanes(y, clamp(sum, clampLow(activation), clampHigh(activation)), c);
    x += 16;
    y += 16;
    w += <usize>taps << 4;
    bias += biasStep;
  }
}
