// Two rows of four output pixels of a depthwise 5x5 convolution, all channels: they share most of their input, and eight
// sums in flight hide the latency of a fused multiply-add. Otherwise as in depthwiseTiles.ts; w has 25 taps a channel
// vector. Not part of the module's exports.
import { finish } from "./depthwiseTiles";
import { clampHigh, clampLow, madd } from "./simd";

/** Two rows of `tile5s1`. */
export function pair5s1(
  x: usize, row: usize, pixel: usize, first: i32, last: i32, left: i32, right: i32, w: usize, y: usize, yRow: usize,
  step: usize, channels: i32, bias: usize, biasStep: usize, activation: i32,
): void {
  const p2 = pixel * 2, p3 = pixel * 3, p4 = pixel * 4, p5 = pixel * 5, p6 = pixel * 6, p7 = pixel * 7;
  const low = clampLow(activation), high = clampHigh(activation);
  for (let c = channels; c > 0; c -= 4) {
    let a0 = v128.load(bias), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
    let p = x, q = w + <usize>first * 80;
    for (let r = first; r < last; r++) {
      if (r < 1) {
        const aw0 = v128.load(q, 0);
        if (left < 1) {
          const v0 = v128.load(p);
          a0 = madd(v0, aw0, a0);
        }
        if (left < 2) {
          const v1 = v128.load(p + pixel);
          a1 = madd(v1, aw0, a1);
        }
        const v2 = v128.load(p + p2);
        a2 = madd(v2, aw0, a2);
        const v3 = v128.load(p + p3);
        a3 = madd(v3, aw0, a3);
        const aw1 = v128.load(q, 16);
        if (left < 2) {
          const v1 = v128.load(p + pixel);
          a0 = madd(v1, aw1, a0);
        }
        a1 = madd(v2, aw1, a1);
        a2 = madd(v3, aw1, a2);
        const v4 = v128.load(p + p4);
        a3 = madd(v4, aw1, a3);
        const aw2 = v128.load(q, 32);
        a0 = madd(v2, aw2, a0);
        a1 = madd(v3, aw2, a1);
        a2 = madd(v4, aw2, a2);
        const v5 = v128.load(p + p5);
        a3 = madd(v5, aw2, a3);
        const aw3 = v128.load(q, 48);
        a0 = madd(v3, aw3, a0);
        a1 = madd(v4, aw3, a1);
        a2 = madd(v5, aw3, a2);
        if (right < 2) {
          const v6 = v128.load(p + p6);
          a3 = madd(v6, aw3, a3);
        }
        const aw4 = v128.load(q, 64);
        a0 = madd(v4, aw4, a0);
        a1 = madd(v5, aw4, a1);
        if (right < 2) {
          const v6 = v128.load(p + p6);
          a2 = madd(v6, aw4, a2);
        }
        if (right < 1) {
          const v7 = v128.load(p + p7);
          a3 = madd(v7, aw4, a3);
        }
      } else if (r < 5) {
        const aw0 = v128.load(q, 0);
        const bw0 = v128.load(q - 80, 0);
        if (left < 1) {
          const v0 = v128.load(p);
          a0 = madd(v0, aw0, a0);
          b0 = madd(v0, bw0, b0);
        }
        if (left < 2) {
          const v1 = v128.load(p + pixel);
          a1 = madd(v1, aw0, a1);
          b1 = madd(v1, bw0, b1);
        }
        const v2 = v128.load(p + p2);
        a2 = madd(v2, aw0, a2);
        b2 = madd(v2, bw0, b2);
        const v3 = v128.load(p + p3);
        a3 = madd(v3, aw0, a3);
        b3 = madd(v3, bw0, b3);
        const aw1 = v128.load(q, 16);
        const bw1 = v128.load(q - 80, 16);
        if (left < 2) {
          const v1 = v128.load(p + pixel);
          a0 = madd(v1, aw1, a0);
          b0 = madd(v1, bw1, b0);
        }
        a1 = madd(v2, aw1, a1);
        b1 = madd(v2, bw1, b1);
        a2 = madd(v3, aw1, a2);
        b2 = madd(v3, bw1, b2);
        const v4 = v128.load(p + p4);
        a3 = madd(v4, aw1, a3);
        b3 = madd(v4, bw1, b3);
        const aw2 = v128.load(q, 32);
        const bw2 = v128.load(q - 80, 32);
        a0 = madd(v2, aw2, a0);
        b0 = madd(v2, bw2, b0);
        a1 = madd(v3, aw2, a1);
        b1 = madd(v3, bw2, b1);
        a2 = madd(v4, aw2, a2);
        b2 = madd(v4, bw2, b2);
        const v5 = v128.load(p + p5);
        a3 = madd(v5, aw2, a3);
        b3 = madd(v5, bw2, b3);
        const aw3 = v128.load(q, 48);
        const bw3 = v128.load(q - 80, 48);
        a0 = madd(v3, aw3, a0);
        b0 = madd(v3, bw3, b0);
        a1 = madd(v4, aw3, a1);
        b1 = madd(v4, bw3, b1);
        a2 = madd(v5, aw3, a2);
        b2 = madd(v5, bw3, b2);
        if (right < 2) {
          const v6 = v128.load(p + p6);
          a3 = madd(v6, aw3, a3);
          b3 = madd(v6, bw3, b3);
        }
        const aw4 = v128.load(q, 64);
        const bw4 = v128.load(q - 80, 64);
        a0 = madd(v4, aw4, a0);
        b0 = madd(v4, bw4, b0);
        a1 = madd(v5, aw4, a1);
        b1 = madd(v5, bw4, b1);
        if (right < 2) {
          const v6 = v128.load(p + p6);
          a2 = madd(v6, aw4, a2);
          b2 = madd(v6, bw4, b2);
        }
        if (right < 1) {
          const v7 = v128.load(p + p7);
          a3 = madd(v7, aw4, a3);
          b3 = madd(v7, bw4, b3);
        }
      } else {
        const bw0 = v128.load(q - 80, 0);
        if (left < 1) {
          const v0 = v128.load(p);
          b0 = madd(v0, bw0, b0);
        }
        if (left < 2) {
          const v1 = v128.load(p + pixel);
          b1 = madd(v1, bw0, b1);
        }
        const v2 = v128.load(p + p2);
        b2 = madd(v2, bw0, b2);
        const v3 = v128.load(p + p3);
        b3 = madd(v3, bw0, b3);
        const bw1 = v128.load(q - 80, 16);
        if (left < 2) {
          const v1 = v128.load(p + pixel);
          b0 = madd(v1, bw1, b0);
        }
        b1 = madd(v2, bw1, b1);
        b2 = madd(v3, bw1, b2);
        const v4 = v128.load(p + p4);
        b3 = madd(v4, bw1, b3);
        const bw2 = v128.load(q - 80, 32);
        b0 = madd(v2, bw2, b0);
        b1 = madd(v3, bw2, b1);
        b2 = madd(v4, bw2, b2);
        const v5 = v128.load(p + p5);
        b3 = madd(v5, bw2, b3);
        const bw3 = v128.load(q - 80, 48);
        b0 = madd(v3, bw3, b0);
        b1 = madd(v4, bw3, b1);
        b2 = madd(v5, bw3, b2);
        if (right < 2) {
          const v6 = v128.load(p + p6);
          b3 = madd(v6, bw3, b3);
        }
        const bw4 = v128.load(q - 80, 64);
        b0 = madd(v4, bw4, b0);
        b1 = madd(v5, bw4, b1);
        if (right < 2) {
          const v6 = v128.load(p + p6);
          b2 = madd(v6, bw4, b2);
        }
        if (right < 1) {
          const v7 = v128.load(p + p7);
          b3 = madd(v7, bw4, b3);
        }
      }
      p += row;
      q += 80;
    }
    finish(y, step, a0, a1, a2, a3, c, low, high);
    finish(y + yRow, step, b0, b1, b2, b3, c, low, high);
    x += 16;
    y += 16;
    w += 400;
    bias += biasStep;
  }
}

/** Two rows of `tile5s2`. */
export function pair5s2(
  x: usize, row: usize, pixel: usize, first: i32, last: i32, left: i32, right: i32, w: usize, y: usize, yRow: usize,
  step: usize, channels: i32, bias: usize, biasStep: usize, activation: i32,
): void {
  const p2 = pixel * 2, p3 = pixel * 3, p4 = pixel * 4, p5 = pixel * 5, p6 = pixel * 6, p7 = pixel * 7, p8 = pixel * 8, p9 = pixel * 9, p10 = pixel * 10;
  const low = clampLow(activation), high = clampHigh(activation);
  for (let c = channels; c > 0; c -= 4) {
    let a0 = v128.load(bias), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
    let p = x, q = w + <usize>first * 80;
    for (let r = first; r < last; r++) {
      if (r < 2) {
        const aw0 = v128.load(q, 0);
        if (left < 1) {
          const v0 = v128.load(p);
          a0 = madd(v0, aw0, a0);
        }
        const v2 = v128.load(p + p2);
        a1 = madd(v2, aw0, a1);
        const v4 = v128.load(p + p4);
        a2 = madd(v4, aw0, a2);
        const v6 = v128.load(p + p6);
        a3 = madd(v6, aw0, a3);
        const aw1 = v128.load(q, 16);
        if (left < 2) {
          const v1 = v128.load(p + pixel);
          a0 = madd(v1, aw1, a0);
        }
        const v3 = v128.load(p + p3);
        a1 = madd(v3, aw1, a1);
        const v5 = v128.load(p + p5);
        a2 = madd(v5, aw1, a2);
        const v7 = v128.load(p + p7);
        a3 = madd(v7, aw1, a3);
        const aw2 = v128.load(q, 32);
        a0 = madd(v2, aw2, a0);
        a1 = madd(v4, aw2, a1);
        a2 = madd(v6, aw2, a2);
        const v8 = v128.load(p + p8);
        a3 = madd(v8, aw2, a3);
        const aw3 = v128.load(q, 48);
        a0 = madd(v3, aw3, a0);
        a1 = madd(v5, aw3, a1);
        a2 = madd(v7, aw3, a2);
        if (right < 2) {
          const v9 = v128.load(p + p9);
          a3 = madd(v9, aw3, a3);
        }
        const aw4 = v128.load(q, 64);
        a0 = madd(v4, aw4, a0);
        a1 = madd(v6, aw4, a1);
        a2 = madd(v8, aw4, a2);
        if (right < 1) {
          const v10 = v128.load(p + p10);
          a3 = madd(v10, aw4, a3);
        }
      } else if (r < 5) {
        const aw0 = v128.load(q, 0);
        const bw0 = v128.load(q - 160, 0);
        if (left < 1) {
          const v0 = v128.load(p);
          a0 = madd(v0, aw0, a0);
          b0 = madd(v0, bw0, b0);
        }
        const v2 = v128.load(p + p2);
        a1 = madd(v2, aw0, a1);
        b1 = madd(v2, bw0, b1);
        const v4 = v128.load(p + p4);
        a2 = madd(v4, aw0, a2);
        b2 = madd(v4, bw0, b2);
        const v6 = v128.load(p + p6);
        a3 = madd(v6, aw0, a3);
        b3 = madd(v6, bw0, b3);
        const aw1 = v128.load(q, 16);
        const bw1 = v128.load(q - 160, 16);
        if (left < 2) {
          const v1 = v128.load(p + pixel);
          a0 = madd(v1, aw1, a0);
          b0 = madd(v1, bw1, b0);
        }
        const v3 = v128.load(p + p3);
        a1 = madd(v3, aw1, a1);
        b1 = madd(v3, bw1, b1);
        const v5 = v128.load(p + p5);
        a2 = madd(v5, aw1, a2);
        b2 = madd(v5, bw1, b2);
        const v7 = v128.load(p + p7);
        a3 = madd(v7, aw1, a3);
        b3 = madd(v7, bw1, b3);
        const aw2 = v128.load(q, 32);
        const bw2 = v128.load(q - 160, 32);
        a0 = madd(v2, aw2, a0);
        b0 = madd(v2, bw2, b0);
        a1 = madd(v4, aw2, a1);
        b1 = madd(v4, bw2, b1);
        a2 = madd(v6, aw2, a2);
        b2 = madd(v6, bw2, b2);
        const v8 = v128.load(p + p8);
        a3 = madd(v8, aw2, a3);
        b3 = madd(v8, bw2, b3);
        const aw3 = v128.load(q, 48);
        const bw3 = v128.load(q - 160, 48);
        a0 = madd(v3, aw3, a0);
        b0 = madd(v3, bw3, b0);
        a1 = madd(v5, aw3, a1);
        b1 = madd(v5, bw3, b1);
        a2 = madd(v7, aw3, a2);
        b2 = madd(v7, bw3, b2);
        if (right < 2) {
          const v9 = v128.load(p + p9);
          a3 = madd(v9, aw3, a3);
          b3 = madd(v9, bw3, b3);
        }
        const aw4 = v128.load(q, 64);
        const bw4 = v128.load(q - 160, 64);
        a0 = madd(v4, aw4, a0);
        b0 = madd(v4, bw4, b0);
        a1 = madd(v6, aw4, a1);
        b1 = madd(v6, bw4, b1);
        a2 = madd(v8, aw4, a2);
        b2 = madd(v8, bw4, b2);
        if (right < 1) {
          const v10 = v128.load(p + p10);
          a3 = madd(v10, aw4, a3);
          b3 = madd(v10, bw4, b3);
        }
      } else {
        const bw0 = v128.load(q - 160, 0);
        if (left < 1) {
          const v0 = v128.load(p);
          b0 = madd(v0, bw0, b0);
        }
        const v2 = v128.load(p + p2);
        b1 = madd(v2, bw0, b1);
        const v4 = v128.load(p + p4);
        b2 = madd(v4, bw0, b2);
        const v6 = v128.load(p + p6);
        b3 = madd(v6, bw0, b3);
        const bw1 = v128.load(q - 160, 16);
        if (left < 2) {
          const v1 = v128.load(p + pixel);
          b0 = madd(v1, bw1, b0);
        }
        const v3 = v128.load(p + p3);
        b1 = madd(v3, bw1, b1);
        const v5 = v128.load(p + p5);
        b2 = madd(v5, bw1, b2);
        const v7 = v128.load(p + p7);
        b3 = madd(v7, bw1, b3);
        const bw2 = v128.load(q - 160, 32);
        b0 = madd(v2, bw2, b0);
        b1 = madd(v4, bw2, b1);
        b2 = madd(v6, bw2, b2);
        const v8 = v128.load(p + p8);
        b3 = madd(v8, bw2, b3);
        const bw3 = v128.load(q - 160, 48);
        b0 = madd(v3, bw3, b0);
        b1 = madd(v5, bw3, b1);
        b2 = madd(v7, bw3, b2);
        if (right < 2) {
          const v9 = v128.load(p + p9);
          b3 = madd(v9, bw3, b3);
        }
        const bw4 = v128.load(q - 160, 64);
        b0 = madd(v4, bw4, b0);
        b1 = madd(v6, bw4, b1);
        b2 = madd(v8, bw4, b2);
        if (right < 1) {
          const v10 = v128.load(p + p10);
          b3 = madd(v10, bw4, b3);
        }
      }
      p += row;
      q += 80;
    }
    finish(y, step, a0, a1, a2, a3, c, low, high);
    finish(y + yRow, step, b0, b1, b2, b3, c, low, high);
    x += 16;
    y += 16;
    w += 400;
    bias += biasStep;
  }
}
