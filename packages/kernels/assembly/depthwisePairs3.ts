// Two rows of four output pixels of a depthwise 3x3 convolution, all channels: they share most of their input, and eight
// sums in flight hide the latency of a fused multiply-add. Otherwise as in depthwiseTiles.ts; w has nine taps a channel
// vector. Not part of the module's exports.
import { finish } from "./depthwiseTiles";
import { clampHigh, clampLow, madd } from "./simd";

/** Two rows of `tile3s1`: of their 4 input rows the first and the last may lie outside. */
export function pair3s1(
  x: usize, row: usize, pixel: usize, first: i32, last: i32, left: i32, right: i32, w: usize, y: usize, yRow: usize,
  step: usize, channels: i32, bias: usize, biasStep: usize, activation: i32,
): void {
  const p2 = pixel * 2, p3 = pixel * 3, p4 = pixel * 4, p5 = pixel * 5;
  const low = clampLow(activation), high = clampHigh(activation);
  x -= <usize>first * row;
  for (let c = channels; c > 0; c -= 4) {
    let a0 = v128.load(bias), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0, p = x, v: v128;
    const f0 = v128.load(w), f1 = v128.load(w, 16), f2 = v128.load(w, 32);
    if (first == 0) {
      if (left < 1) {
        v = v128.load(p);
        a0 = madd(v, f0, a0);
      }
      v = v128.load(p + pixel);
      a0 = madd(v, f1, a0);
      a1 = madd(v, f0, a1);
      v = v128.load(p + p2);
      a0 = madd(v, f2, a0);
      a1 = madd(v, f1, a1);
      a2 = madd(v, f0, a2);
      v = v128.load(p + p3);
      a1 = madd(v, f2, a1);
      a2 = madd(v, f1, a2);
      a3 = madd(v, f0, a3);
      v = v128.load(p + p4);
      a2 = madd(v, f2, a2);
      a3 = madd(v, f1, a3);
      if (right < 1) {
        v = v128.load(p + p5);
        a3 = madd(v, f2, a3);
      }
    }
    p += row;
    const g0 = v128.load(w, 48), g1 = v128.load(w, 64), g2 = v128.load(w, 80);
    if (left < 1) {
      v = v128.load(p);
      a0 = madd(v, g0, a0);
      b0 = madd(v, f0, b0);
    }
    v = v128.load(p + pixel);
    a0 = madd(v, g1, a0);
    a1 = madd(v, g0, a1);
    b0 = madd(v, f1, b0);
    b1 = madd(v, f0, b1);
    v = v128.load(p + p2);
    a0 = madd(v, g2, a0);
    a1 = madd(v, g1, a1);
    a2 = madd(v, g0, a2);
    b0 = madd(v, f2, b0);
    b1 = madd(v, f1, b1);
    b2 = madd(v, f0, b2);
    v = v128.load(p + p3);
    a1 = madd(v, g2, a1);
    a2 = madd(v, g1, a2);
    a3 = madd(v, g0, a3);
    b1 = madd(v, f2, b1);
    b2 = madd(v, f1, b2);
    b3 = madd(v, f0, b3);
    v = v128.load(p + p4);
    a2 = madd(v, g2, a2);
    a3 = madd(v, g1, a3);
    b2 = madd(v, f2, b2);
    b3 = madd(v, f1, b3);
    if (right < 1) {
      v = v128.load(p + p5);
      a3 = madd(v, g2, a3);
      b3 = madd(v, f2, b3);
    }
    p += row;
    const h0 = v128.load(w, 96), h1 = v128.load(w, 112), h2 = v128.load(w, 128);
    if (left < 1) {
      v = v128.load(p);
      a0 = madd(v, h0, a0);
      b0 = madd(v, g0, b0);
    }
    v = v128.load(p + pixel);
    a0 = madd(v, h1, a0);
    a1 = madd(v, h0, a1);
    b0 = madd(v, g1, b0);
    b1 = madd(v, g0, b1);
    v = v128.load(p + p2);
    a0 = madd(v, h2, a0);
    a1 = madd(v, h1, a1);
    a2 = madd(v, h0, a2);
    b0 = madd(v, g2, b0);
    b1 = madd(v, g1, b1);
    b2 = madd(v, g0, b2);
    v = v128.load(p + p3);
    a1 = madd(v, h2, a1);
    a2 = madd(v, h1, a2);
    a3 = madd(v, h0, a3);
    b1 = madd(v, g2, b1);
    b2 = madd(v, g1, b2);
    b3 = madd(v, g0, b3);
    v = v128.load(p + p4);
    a2 = madd(v, h2, a2);
    a3 = madd(v, h1, a3);
    b2 = madd(v, g2, b2);
    b3 = madd(v, g1, b3);
    if (right < 1) {
      v = v128.load(p + p5);
      a3 = madd(v, h2, a3);
      b3 = madd(v, g2, b3);
    }
    p += row;
    if (last == 4) {
      if (left < 1) {
        v = v128.load(p);
        b0 = madd(v, h0, b0);
      }
      v = v128.load(p + pixel);
      b0 = madd(v, h1, b0);
      b1 = madd(v, h0, b1);
      v = v128.load(p + p2);
      b0 = madd(v, h2, b0);
      b1 = madd(v, h1, b1);
      b2 = madd(v, h0, b2);
      v = v128.load(p + p3);
      b1 = madd(v, h2, b1);
      b2 = madd(v, h1, b2);
      b3 = madd(v, h0, b3);
      v = v128.load(p + p4);
      b2 = madd(v, h2, b2);
      b3 = madd(v, h1, b3);
      if (right < 1) {
        v = v128.load(p + p5);
        b3 = madd(v, h2, b3);
      }
    }
    finish(y, step, a0, a1, a2, a3, c, low, high);
    finish(y + yRow, step, b0, b1, b2, b3, c, low, high);
    x += 16;
    y += 16;
    w += 144;
    bias += biasStep;
  }
}

/** Two rows of `tile3s2`: of their 5 input rows the first and the last may lie outside. */
export function pair3s2(
  x: usize, row: usize, pixel: usize, first: i32, last: i32, left: i32, right: i32, w: usize, y: usize, yRow: usize,
  step: usize, channels: i32, bias: usize, biasStep: usize, activation: i32,
): void {
  const p2 = pixel * 2, p3 = pixel * 3, p4 = pixel * 4, p5 = pixel * 5, p6 = pixel * 6, p7 = pixel * 7, p8 = pixel * 8;
  const low = clampLow(activation), high = clampHigh(activation);
  x -= <usize>first * row;
  for (let c = channels; c > 0; c -= 4) {
    let a0 = v128.load(bias), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0, p = x, v: v128;
    const f0 = v128.load(w), f1 = v128.load(w, 16), f2 = v128.load(w, 32);
    if (first == 0) {
      if (left < 1) {
        v = v128.load(p);
        a0 = madd(v, f0, a0);
      }
      v = v128.load(p + pixel);
      a0 = madd(v, f1, a0);
      v = v128.load(p + p2);
      a0 = madd(v, f2, a0);
      a1 = madd(v, f0, a1);
      v = v128.load(p + p3);
      a1 = madd(v, f1, a1);
      v = v128.load(p + p4);
      a1 = madd(v, f2, a1);
      a2 = madd(v, f0, a2);
      v = v128.load(p + p5);
      a2 = madd(v, f1, a2);
      v = v128.load(p + p6);
      a2 = madd(v, f2, a2);
      a3 = madd(v, f0, a3);
      v = v128.load(p + p7);
      a3 = madd(v, f1, a3);
      if (right < 1) {
        v = v128.load(p + p8);
        a3 = madd(v, f2, a3);
      }
    }
    p += row;
    const g0 = v128.load(w, 48), g1 = v128.load(w, 64), g2 = v128.load(w, 80);
    if (left < 1) {
      v = v128.load(p);
      a0 = madd(v, g0, a0);
    }
    v = v128.load(p + pixel);
    a0 = madd(v, g1, a0);
    v = v128.load(p + p2);
    a0 = madd(v, g2, a0);
    a1 = madd(v, g0, a1);
    v = v128.load(p + p3);
    a1 = madd(v, g1, a1);
    v = v128.load(p + p4);
    a1 = madd(v, g2, a1);
    a2 = madd(v, g0, a2);
    v = v128.load(p + p5);
    a2 = madd(v, g1, a2);
    v = v128.load(p + p6);
    a2 = madd(v, g2, a2);
    a3 = madd(v, g0, a3);
    v = v128.load(p + p7);
    a3 = madd(v, g1, a3);
    if (right < 1) {
      v = v128.load(p + p8);
      a3 = madd(v, g2, a3);
    }
    p += row;
    const h0 = v128.load(w, 96), h1 = v128.load(w, 112), h2 = v128.load(w, 128);
    if (left < 1) {
      v = v128.load(p);
      a0 = madd(v, h0, a0);
      b0 = madd(v, f0, b0);
    }
    v = v128.load(p + pixel);
    a0 = madd(v, h1, a0);
    b0 = madd(v, f1, b0);
    v = v128.load(p + p2);
    a0 = madd(v, h2, a0);
    a1 = madd(v, h0, a1);
    b0 = madd(v, f2, b0);
    b1 = madd(v, f0, b1);
    v = v128.load(p + p3);
    a1 = madd(v, h1, a1);
    b1 = madd(v, f1, b1);
    v = v128.load(p + p4);
    a1 = madd(v, h2, a1);
    a2 = madd(v, h0, a2);
    b1 = madd(v, f2, b1);
    b2 = madd(v, f0, b2);
    v = v128.load(p + p5);
    a2 = madd(v, h1, a2);
    b2 = madd(v, f1, b2);
    v = v128.load(p + p6);
    a2 = madd(v, h2, a2);
    a3 = madd(v, h0, a3);
    b2 = madd(v, f2, b2);
    b3 = madd(v, f0, b3);
    v = v128.load(p + p7);
    a3 = madd(v, h1, a3);
    b3 = madd(v, f1, b3);
    if (right < 1) {
      v = v128.load(p + p8);
      a3 = madd(v, h2, a3);
      b3 = madd(v, f2, b3);
    }
    p += row;
    if (left < 1) {
      v = v128.load(p);
      b0 = madd(v, g0, b0);
    }
    v = v128.load(p + pixel);
    b0 = madd(v, g1, b0);
    v = v128.load(p + p2);
    b0 = madd(v, g2, b0);
    b1 = madd(v, g0, b1);
    v = v128.load(p + p3);
    b1 = madd(v, g1, b1);
    v = v128.load(p + p4);
    b1 = madd(v, g2, b1);
    b2 = madd(v, g0, b2);
    v = v128.load(p + p5);
    b2 = madd(v, g1, b2);
    v = v128.load(p + p6);
    b2 = madd(v, g2, b2);
    b3 = madd(v, g0, b3);
    v = v128.load(p + p7);
    b3 = madd(v, g1, b3);
    if (right < 1) {
      v = v128.load(p + p8);
      b3 = madd(v, g2, b3);
    }
    p += row;
    if (last == 5) {
      if (left < 1) {
        v = v128.load(p);
        b0 = madd(v, h0, b0);
      }
      v = v128.load(p + pixel);
      b0 = madd(v, h1, b0);
      v = v128.load(p + p2);
      b0 = madd(v, h2, b0);
      b1 = madd(v, h0, b1);
      v = v128.load(p + p3);
      b1 = madd(v, h1, b1);
      v = v128.load(p + p4);
      b1 = madd(v, h2, b1);
      b2 = madd(v, h0, b2);
      v = v128.load(p + p5);
      b2 = madd(v, h1, b2);
      v = v128.load(p + p6);
      b2 = madd(v, h2, b2);
      b3 = madd(v, h0, b3);
      v = v128.load(p + p7);
      b3 = madd(v, h1, b3);
      if (right < 1) {
        v = v128.load(p + p8);
        b3 = madd(v, h2, b3);
      }
    }
    finish(y, step, a0, a1, a2, a3, c, low, high);
    finish(y + yRow, step, b0, b1, b2, b3, c, low, high);
    x += 16;
    y += 16;
    w += 144;
    bias += biasStep;
  }
}
