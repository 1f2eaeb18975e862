// Batch norm over rows [rows][channels], rows = N H W. Rows are read in order. Partial sums cover a group of rows,
// whose size the caller fixes from the number of rows alone, and are combined in order in f64.
//   inverse = 1 / sqrt(variance + epsilon), normal = (x - mean) inverse, pre = normal scale + offset, y = act(pre)
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
  activate4,
} from "./activation";
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

/**
 * Adds to the sums in scratch: of x - shift, and `end` bytes further of its square. One cache line of channels at a time
 * goes through all rows, so that the sums stay in registers.
 */
function addMoments(x: usize, shift: usize, rows: i32, channels: i32): void {
  const row = bytes(channels), end = bytes(padded(channels)), squares = scratch + end;
  touch(x, <usize>rows * row);
  let c: usize = 0;
  for (; c + 64 <= end; c += 64) {
    const at = shift + c;
    const s0 = v128.load(at), s1 = v128.load(at, 16), s2 = v128.load(at, 32), s3 = v128.load(at, 48);
    let t0 = f32x4.splat(0), t1 = t0, t2 = t0, t3 = t0, q0 = t0, q1 = t0, q2 = t0, q3 = t0, p = x + c;
    for (let r = rows; r > 0; r--) {
      let v = f32x4.sub(v128.load(p), s0);
      t0 = f32x4.add(t0, v);
      q0 = madd(v, v, q0);
      v = f32x4.sub(v128.load(p, 16), s1);
      t1 = f32x4.add(t1, v);
      q1 = madd(v, v, q1);
      v = f32x4.sub(v128.load(p, 32), s2);
      t2 = f32x4.add(t2, v);
      q2 = madd(v, v, q2);
      v = f32x4.sub(v128.load(p, 48), s3);
      t3 = f32x4.add(t3, v);
      q3 = madd(v, v, q3);
      p += row;
    }
    addTo(scratch + c, t0, t1, t2, t3);
    addTo(squares + c, q0, q1, q2, q3);
  }
  for (; c < end; c += 16) {
    const s = v128.load(shift + c);
    let t = v128.load(scratch + c), q = v128.load(squares + c), p = x + c;
    for (let r = rows; r > 0; r--) {
      const v = f32x4.sub(v128.load(p), s);
      t = f32x4.add(t, v);
      q = madd(v, v, q);
      p += row;
    }
    v128.store(scratch + c, t);
    v128.store(squares + c, q);
  }
}

// @ts-ignore: decorator
@inline
function addTo(at: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(at, f32x4.add(v128.load(at), a));
  v128.store(at, f32x4.add(v128.load(at, 16), b), 16);
  v128.store(at, f32x4.add(v128.load(at, 32), c), 32);
  v128.store(at, f32x4.add(v128.load(at, 48), d), 48);
}

/**
 * The mean and the sum of squared deviations of each group of rows, a channel; sums are shifted by the group's
 * first row, so a large mean costs no digits. args: x, partials f64 [units][2][padded channels], rows i32,
 * channels i32, rowsPerGroup i32. Unit: one group. Scratch: 2 padded channels f32.
 */
export function batchNormMoments(args: usize, begin: i32, end: i32): void {
  const rows = int(args, 2);
  const channels = int(args, 3);
  const rowsPerGroup = int(args, 4);
  const width = padded(channels);
  memory.fill(scratch, 0, 2 * bytes(width));
  for (let unit = begin; unit < end; unit++) {
    const first = unit * rowsPerGroup;
    const last = min(first + rowsPerGroup, rows);
    const shift = pointer(args, 0) + <usize>first * bytes(channels);
    const means = pointer(args, 1) + (<usize>unit * width << 4);
    const deviations = means + (<usize>width << 3);
    memory.fill(means, 0, <usize>width << 4);
    let x = shift;
    for (let r = first; r < last; r += FLUSH) {
      addMoments(x, shift, min(FLUSH, last - r), channels);
      flush(scratch, means, 2 * width);
      x += bytes(FLUSH * channels);
    }
    const share = f64x2.splat(1 / <f64>(last - first));
    for (let c: i32 = 0; c < width; c += 2) {
      const at = <usize>c << 3;
      const sum = v128.load(means + at);
      const mean = f64x2.mul(sum, share);
      const deviation = f64x2.sub(v128.load(deviations + at), f64x2.mul(mean, sum));
      v128.store(deviations + at, f64x2.pmax(deviation, f64x2.splat(0)));
      const first2 = f64x2.promote_low_f32x4(v128.load64_zero(shift + bytes(c)));
      v128.store(means + at, f64x2.add(first2, mean));
    }
  }
}

/**
 * Combines them. args: partials, mean [channels] or 0, variance [channels] (biased) or 0, rows i32, channels
 * i32, rowsPerGroup i32. Unit: CHANNEL_BLOCK channels. Scratch: 2 CHANNEL_BLOCK f64.
 */
export function batchNormMomentsFinish(args: usize, begin: i32, end: i32): void {
  const partials = pointer(args, 0);
  const mean = pointer(args, 1);
  const variance = pointer(args, 2);
  const rows = int(args, 3);
  const channels = int(args, 4);
  const rowsPerGroup = int(args, 5);
  const stride = <usize>padded(channels) << 3;
  const deviations = scratch + (<usize>CHANNEL_BLOCK << 3);
  for (let unit = begin; unit < end; unit++) {
    const first = unit * CHANNEL_BLOCK;
    const size = min(CHANNEL_BLOCK, channels - first);
    memory.fill(scratch, 0, <usize>CHANNEL_BLOCK << 4);
    let from = partials + (<usize>first << 3);
    for (let done: i32 = 0; done < rows; done += rowsPerGroup) {
      // Chan, Golub and LeVeque 1979: two groups' means and deviations make those of their union.
      const count = min(rowsPerGroup, rows - done);
      const weight = <f64>count / <f64>(done + count);
      const cross = <f64>done * weight;
      for (let c: usize = 0; c < <usize>size << 3; c += 8) {
        const delta = load<f64>(from + c) - load<f64>(scratch + c);
        store<f64>(scratch + c, load<f64>(scratch + c) + delta * weight);
        store<f64>(deviations + c, load<f64>(deviations + c) + load<f64>(from + stride + c) + delta * delta * cross);
      }
      from += 2 * stride;
    }
    for (let c: i32 = 0; c < size; c++) {
      if (mean) store<f32>(mean + bytes(first + c), <f32>load<f64>(scratch + (<usize>c << 3)));
      if (variance) {
        store<f32>(variance + bytes(first + c), <f32>(load<f64>(deviations + (<usize>c << 3)) / <f64>rows));
      }
    }
  }
}

/** scale / sqrt(variance + epsilon) of every channel, into `to`; scale may be 0 for ones. */
export function multipliers(scale: usize, variance: usize, channels: i32, epsilon: f32, to: usize): void {
  for (let c: i32 = 0; c < channels; c++) {
    const inverse = 1 / sqrt(<f64>load<f32>(variance + bytes(c)) + <f64>epsilon);
    store<f32>(to + bytes(c), <f32>((scale ? <f64>load<f32>(scale + bytes(c)) : 1) * inverse));
  }
}

// @ts-ignore: decorator
@inline
function apply4<A>(x: v128, mean: v128, multiplier: v128, offset: v128, slope: v128): v128 {
  return activate4<A>(madd(f32x4.sub(x, mean), multiplier, offset), slope);
}

// @ts-ignore: decorator
@inline
function applyRows<A>(x: usize, y: usize, mean: usize, offset: usize, rows: i32, channels: i32, slope: f32): void {
  const slope4 = f32x4.splat(slope);
  const row = bytes(channels);
  const full = bytes(channels & ~3);
  for (; rows >= 2 && row <= NARROW && !(channels & 3); rows -= 2) {
    for (let c: usize = 0; c < full; c += 16) {
      const m = v128.load(mean + c), a = v128.load(scratch + c), b = v128.load(offset + c);
      v128.store(y + c, apply4<A>(v128.load(x + c), m, a, b, slope4));
      v128.store(y + row + c, apply4<A>(v128.load(x + row + c), m, a, b, slope4));
    }
    x += 2 * row;
    y += 2 * row;
  }
  for (; rows > 0; rows--) {
    let p = x, q = y, m = mean, a = scratch, b = offset;
    const wide = x + (full & ~31);
    for (; p < wide; p += 32, q += 32, m += 32, a += 32, b += 32) {
      v128.store(q, apply4<A>(v128.load(p), v128.load(m), v128.load(a), v128.load(b), slope4));
      v128.store(q, apply4<A>(v128.load(p, 16), v128.load(m, 16), v128.load(a, 16), v128.load(b, 16), slope4), 16);
    }
    for (let left = (channels & 7); left > 0; left -= 4, p += 16, q += 16, m += 16, a += 16, b += 16) {
      storeLanes(q, apply4<A>(v128.load(p), v128.load(m), v128.load(a), v128.load(b), slope4), left);
    }
    x += row;
    y += row;
  }
}

/**
 * y = act((x - mean) scale inverse + offset). args: x, y, mean, variance, scale, offset, rows i32, channels
 * i32, rowsPerUnit i32, activation i32, slope f32, epsilon f32. Unit: rowsPerUnit rows. In place. Scratch:
 * padded channels f32.
 */
export function batchNormApply(args: usize, begin: i32, end: i32): void {
  const mean = pointer(args, 2);
  const offset = pointer(args, 5);
  const channels = int(args, 7);
  const first = begin * int(args, 8);
  const rows = min(end * int(args, 8), int(args, 6)) - first;
  const at = <usize>first * bytes(channels);
  const x = pointer(args, 0) + at;
  const y = pointer(args, 1) + at;
  const slope = float(args, 10);
  multipliers(pointer(args, 4), pointer(args, 3), channels, float(args, 11), scratch);
  switch (int(args, 9)) {
    case RELU: return applyRows<Relu>(x, y, mean, offset, rows, channels, slope);
    case RELU6: return applyRows<Relu6>(x, y, mean, offset, rows, channels, slope);
    case LEAKY_RELU: return applyRows<LeakyRelu>(x, y, mean, offset, rows, channels, slope);
    case SIGMOID: return applyRows<Sigmoid>(x, y, mean, offset, rows, channels, slope);
    case HARD_SIGMOID: return applyRows<HardSigmoid>(x, y, mean, offset, rows, channels, slope);
    case HARD_SWISH: return applyRows<HardSwish>(x, y, mean, offset, rows, channels, slope);
    case SILU: return applyRows<Silu>(x, y, mean, offset, rows, channels, slope);
    case TANH: return applyRows<Tanh>(x, y, mean, offset, rows, channels, slope);
    default: return applyRows<None>(x, y, mean, offset, rows, channels, slope);
  }
}

/**
 * next = (1 - momentum) running + momentum factor statistic. args: running, statistic, next, count i32,
 * momentum f32, factor f32. Unit: all (1). In place.
 */
export function movingAverage(args: usize, begin: i32, end: i32): void {
  if (begin >= end) return;
  const running = pointer(args, 0);
  const statistic = pointer(args, 1);
  const next = pointer(args, 2);
  const momentum = <f64>float(args, 4);
  const weight = momentum * <f64>float(args, 5);
  for (let i: i32 = 0; i < int(args, 3); i++) {
    const kept = (1 - momentum) * <f64>load<f32>(running + bytes(i));
    store<f32>(next + bytes(i), <f32>(kept + weight * <f64>load<f32>(statistic + bytes(i))));
  }
}
