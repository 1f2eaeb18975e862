// The backward half of batch norm (batchNorm.ts), fused with its activation: g = dy act'(pre), pre recomputed from x.
//   dscale = sum g normal, doffset = sum g, dx = scale inverse (g - doffset / rows - normal dscale / rows)
import {
  HardSigmoid,
  HardSwish,
  LeakyRelu,
  None,
  Relu,
  Relu6,
  Sigmoid,
  Silu,
  Tanh,
  activationGradient4,
} from "./activation";
import { multipliers } from "./batchNorm";
import {
  CHANNEL_BLOCK,
  FLUSH,
  HARD_SIGMOID,
  HARD_SWISH,
  LEAKY_RELU,
  NARROW,
  RELU,
  RELU6,
  SIGMOID,
  SILU,
  TANH,
} from "./codes";
import { scratch } from "./scratch";
import { bytes, float, int, madd, pointer, storeLanes, touch } from "./simd";
import { flush, padded } from "./vector";

/** g = dy act'(pre) with x - mean given. */
// @ts-ignore: decorator
@inline
function gradient4<A>(dy: v128, distance: v128, multiplier: v128, offset: v128, slope: v128): v128 {
  if (idof<A>() == idof<None>()) return dy;
  return activationGradient4<A>(dy, madd(distance, multiplier, offset), slope);
}

/**
 * Adds to the sums in scratch after the multipliers: of g (x - mean), and `end` bytes further of g. Two vectors of channels
 * at a time go through some rows, so that the sums stay in registers and the rows in the first cache.
 */
// @ts-ignore: decorator
@inline
function addGradients<A>(
  x: usize, dy: usize, mean: usize, offset: usize, rows: i32, channels: i32, slope: f32,
): void {
  const slope4 = f32x4.splat(slope), row = bytes(channels), end = bytes(padded(channels));
  const scaled = scratch + end, plain = scaled + end;
  while (rows > 0) {
    const count = min(rows, 16);
    touch(x, <usize>count * row);
    touch(dy, <usize>count * row);
    let c: usize = 0;
    for (; c + 32 <= end; c += 32) {
      const m0 = v128.load(mean + c), a0 = v128.load(scratch + c), b0 = v128.load(offset + c);
      const m1 = v128.load(mean + c, 16), a1 = v128.load(scratch + c, 16), b1 = v128.load(offset + c, 16);
      let s0 = v128.load(scaled + c), s1 = v128.load(scaled + c, 16), t0 = v128.load(plain + c), t1 = v128.load(plain + c, 16);
      let p = x + c, q = dy + c;
      for (let r = count; r > 0; r--) {
        let d = f32x4.sub(v128.load(p), m0), g = gradient4<A>(v128.load(q), d, a0, b0, slope4);
        s0 = madd(g, d, s0);
        t0 = f32x4.add(t0, g);
        d = f32x4.sub(v128.load(p, 16), m1);
        g = gradient4<A>(v128.load(q, 16), d, a1, b1, slope4);
        s1 = madd(g, d, s1);
        t1 = f32x4.add(t1, g);
        p += row;
        q += row;
      }
      v128.store(scaled + c, s0);
      v128.store(scaled + c, s1, 16);
      v128.store(plain + c, t0);
      v128.store(plain + c, t1, 16);
    }
    if (c < end) {
      const m = v128.load(mean + c), a = v128.load(scratch + c), b = v128.load(offset + c);
      let s = v128.load(scaled + c), t = v128.load(plain + c), p = x + c, q = dy + c;
      for (let r = count; r > 0; r--) {
        const d = f32x4.sub(v128.load(p), m), g = gradient4<A>(v128.load(q), d, a, b, slope4);
        s = madd(g, d, s);
        t = f32x4.add(t, g);
        p += row;
        q += row;
      }
      v128.store(scaled + c, s);
      v128.store(plain + c, t);
    }
    x += <usize>count * row;
    dy += <usize>count * row;
    rows -= count;
  }
}

/**
 * Partial sums of g (x - mean) and of g. args: x, dy, mean, variance, scale, offset, partials f64
 * [units][2][padded channels], rows i32, channels i32, rowsPerGroup i32, activation i32, slope f32, epsilon
 * f32. Unit: one group. Scratch: 3 padded channels f32.
 */
export function batchNormGradientSums(args: usize, begin: i32, end: i32): void {
  const mean = pointer(args, 2);
  const offset = pointer(args, 5);
  const rows = int(args, 7);
  const channels = int(args, 8);
  const rowsPerGroup = int(args, 9);
  const code = int(args, 10);
  const slope = float(args, 11);
  const width = padded(channels);
  const sums = scratch + bytes(width);
  multipliers(pointer(args, 4), pointer(args, 3), channels, float(args, 12), scratch);
  memory.fill(sums, 0, 2 * bytes(width));
  for (let unit = begin; unit < end; unit++) {
    const first = unit * rowsPerGroup;
    const last = min(first + rowsPerGroup, rows);
    const to = pointer(args, 6) + (<usize>unit * width << 4);
    memory.fill(to, 0, <usize>width << 4);
    for (let r = first; r < last; r += FLUSH) {
      const at = <usize>r * bytes(channels);
      const x = pointer(args, 0) + at;
      const dy = pointer(args, 1) + at;
      const count = min(FLUSH, last - r);
      switch (code) {
        case RELU: { addGradients<Relu>(x, dy, mean, offset, count, channels, slope); break; }
        case RELU6: { addGradients<Relu6>(x, dy, mean, offset, count, channels, slope); break; }
        case LEAKY_RELU: { addGradients<LeakyRelu>(x, dy, mean, offset, count, channels, slope); break; }
        case SIGMOID: { addGradients<Sigmoid>(x, dy, mean, offset, count, channels, slope); break; }
        case HARD_SIGMOID: { addGradients<HardSigmoid>(x, dy, mean, offset, count, channels, slope); break; }
        case HARD_SWISH: { addGradients<HardSwish>(x, dy, mean, offset, count, channels, slope); break; }
        case SILU: { addGradients<Silu>(x, dy, mean, offset, count, channels, slope); break; }
        case TANH: { addGradients<Tanh>(x, dy, mean, offset, count, channels, slope); break; }
        default: addGradients<None>(x, dy, mean, offset, count, channels, slope);
      }
      flush(sums, to, 2 * width);
    }
  }
}

/**
 * Adds the partial sums in order. args: partials, variance, dscale [channels] or 0, doffset [channels] or 0,
 * groups i32, channels i32, epsilon f32. Unit: CHANNEL_BLOCK channels.
 */
export function batchNormGradientFinish(args: usize, begin: i32, end: i32): void {
  const partials = pointer(args, 0);
  const variance = pointer(args, 1);
  const dscale = pointer(args, 2);
  const doffset = pointer(args, 3);
  const groups = int(args, 4);
  const channels = int(args, 5);
  const epsilon = <f64>float(args, 6);
  const stride = <usize>padded(channels) << 3;
  const last = min(end * CHANNEL_BLOCK, channels);
  for (let c = begin * CHANNEL_BLOCK; c < last; c++) {
    let from = partials + (<usize>c << 3);
    let scaled: f64 = 0;
    let plain: f64 = 0;
    for (let group: i32 = 0; group < groups; group++) {
      scaled += load<f64>(from);
      plain += load<f64>(from + stride);
      from += 2 * stride;
    }
    const inverse = 1 / sqrt(<f64>load<f32>(variance + bytes(c)) + epsilon);
    if (dscale) store<f32>(dscale + bytes(c), <f32>(scaled * inverse));
    if (doffset) store<f32>(doffset + bytes(c), <f32>plain);
  }
}

/**
 * In scratch, one after the other: a = scale inverse, then plain and scaled of dx = a g - plain - (x - mean)
 * scaled.
 */
// @ts-ignore: decorator
@inline
function gradientRows<A>(
  x: usize, dy: usize, dx: usize, mean: usize, offset: usize, rows: i32, channels: i32, slope: f32,
): void {
  const slope4 = f32x4.splat(slope);
  const row = bytes(channels);
  const end = bytes(padded(channels));
  const plain = scratch + end;
  const scaled = plain + end;
  for (; rows >= 2 && row <= NARROW && !(channels & 3); rows -= 2) {
    for (let c: usize = 0; c < end; c += 16) {
      const m = v128.load(mean + c), a = v128.load(scratch + c), b = v128.load(offset + c);
      const p = v128.load(plain + c), s = v128.load(scaled + c);
      const d0 = f32x4.sub(v128.load(x + c), m), d1 = f32x4.sub(v128.load(x + row + c), m);
      const g0 = gradient4<A>(v128.load(dy + c), d0, a, b, slope4);
      const g1 = gradient4<A>(v128.load(dy + row + c), d1, a, b, slope4);
      v128.store(dx + c, f32x4.sub(f32x4.sub(f32x4.mul(a, g0), p), f32x4.mul(d0, s)));
      v128.store(dx + row + c, f32x4.sub(f32x4.sub(f32x4.mul(a, g1), p), f32x4.mul(d1, s)));
    }
    x += 2 * row;
    dy += 2 * row;
    dx += 2 * row;
  }
  for (; rows > 0; rows--) {
    let c: usize = 0;
    for (; c + 32 <= row; c += 32) {
      const p = x + c, q = dy + c, m = mean + c, b = offset + c, s = scaled + c, t = plain + c, y = dx + c;
      const a0 = v128.load(scratch + c), a1 = v128.load(scratch + c, 16);
      const d0 = f32x4.sub(v128.load(p), v128.load(m)), d1 = f32x4.sub(v128.load(p, 16), v128.load(m, 16));
      const g0 = gradient4<A>(v128.load(q), d0, a0, v128.load(b), slope4);
      const g1 = gradient4<A>(v128.load(q, 16), d1, a1, v128.load(b, 16), slope4);
      v128.store(y, f32x4.sub(f32x4.sub(f32x4.mul(a0, g0), v128.load(t)), f32x4.mul(d0, v128.load(s))));
      v128.store(y, f32x4.sub(f32x4.sub(f32x4.mul(a1, g1), v128.load(t, 16)), f32x4.mul(d1, v128.load(s, 16))), 16);
    }
    for (; c < row; c += 16) {
      const a = v128.load(scratch + c);
      const d = f32x4.sub(v128.load(x + c), v128.load(mean + c));
      const g = gradient4<A>(v128.load(dy + c), d, a, v128.load(offset + c), slope4);
      const v = f32x4.sub(f32x4.sub(f32x4.mul(a, g), v128.load(plain + c)), f32x4.mul(d, v128.load(scaled + c)));
      storeLanes(dx + c, v, <i32>((row - c) >> 2));
    }
    x += row;
    dy += row;
    dx += row;
  }
}

/**
 * dx. args: x, dy, mean, variance, scale, offset, dscale, doffset, dx, rows i32, channels i32, rowsPerUnit i32,
 * activation i32, slope f32, epsilon f32. Unit: rowsPerUnit rows. In place over dy or x. Scratch: 3 padded
 * channels f32. dscale = doffset = 0: mean and variance are constants.
 */
export function batchNormGradient(args: usize, begin: i32, end: i32): void {
  const mean = pointer(args, 2);
  const variance = pointer(args, 3);
  const offset = pointer(args, 5);
  const dscale = pointer(args, 6);
  const doffset = pointer(args, 7);
  const channels = int(args, 10);
  const first = begin * int(args, 11);
  const rows = min(end * int(args, 11), int(args, 9)) - first;
  const slope = float(args, 13);
  const epsilon = float(args, 14);
  const width = padded(channels);
  multipliers(pointer(args, 4), variance, channels, epsilon, scratch);
  memory.fill(scratch + bytes(width), 0, 2 * bytes(width));
  if (dscale) {
    const plain = scratch + bytes(width);
    for (let c: i32 = 0; c < channels; c++) {
      const inverse = 1 / sqrt(<f64>load<f32>(variance + bytes(c)) + <f64>epsilon);
      const a = <f64>load<f32>(scratch + bytes(c)) / <f64>int(args, 9);
      store<f32>(plain + bytes(c), <f32>(a * <f64>load<f32>(doffset + bytes(c))));
      store<f32>(plain + bytes(width + c), <f32>(a * inverse * <f64>load<f32>(dscale + bytes(c))));
    }
  }
  const at = <usize>first * bytes(channels);
  const x = pointer(args, 0) + at;
  const dy = pointer(args, 1) + at;
  const dx = pointer(args, 8) + at;
  switch (int(args, 12)) {
    case RELU: return gradientRows<Relu>(x, dy, dx, mean, offset, rows, channels, slope);
    case RELU6: return gradientRows<Relu6>(x, dy, dx, mean, offset, rows, channels, slope);
    case LEAKY_RELU: return gradientRows<LeakyRelu>(x, dy, dx, mean, offset, rows, channels, slope);
    case SIGMOID: return gradientRows<Sigmoid>(x, dy, dx, mean, offset, rows, channels, slope);
    case HARD_SIGMOID: return gradientRows<HardSigmoid>(x, dy, dx, mean, offset, rows, channels, slope);
    case HARD_SWISH: return gradientRows<HardSwish>(x, dy, dx, mean, offset, rows, channels, slope);
    case SILU: return gradientRows<Silu>(x, dy, dx, mean, offset, rows, channels, slope);
    case TANH: return gradientRows<Tanh>(x, dy, dx, mean, offset, rows, channels, slope);
    default: return gradientRows<None>(x, dy, dx, mean, offset, rows, channels, slope);
  }
}
