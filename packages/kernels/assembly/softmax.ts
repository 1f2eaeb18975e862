// Softmax, log-softmax and cross entropy over the last axis of [rows][channels]. Unit: one row, unless said.
import { bytes, float, int, pointer, storeLanes } from "./simd";
import { addWide, exp4, log4, sumWide } from "./vector";

/** A whole vector at `at` whose lanes from `count` on are `filler`. */
// @ts-ignore: decorator
@inline
function loadFilled(at: usize, count: i32, filler: f32): v128 {
  const lanes = i32x4(0, 1, 2, 3);
  return v128.bitselect(v128.load(at), f32x4.splat(filler), i32x4.lt_s(lanes, i32x4.splat(count)));
}

/** The largest of a row. A NaN may be missed here: it comes back through the sum. */
function rowMax(x: usize, channels: i32): f32 {
  let m = f32x4.splat(-Infinity);
  const last = x + bytes(channels & ~3);
  for (; x < last; x += 16) m = f32x4.pmax(m, v128.load(x));
  if (channels & 3) m = f32x4.pmax(m, loadFilled(x, channels & 3, -Infinity));
  const low = max<f32>(f32x4.extract_lane(m, 0), f32x4.extract_lane(m, 1));
  return max<f32>(low, max<f32>(f32x4.extract_lane(m, 2), f32x4.extract_lane(m, 3)));
}

/** The sum of e^(x - m) of a row; also stores the terms at `y` where that is not 0. */
function sumExp(x: usize, y: usize, channels: i32, m: f32): f64 {
  const shift = f32x4.splat(m);
  let sum = f64x2.splat(0);
  const last = x + bytes(channels & ~3);
  for (; x < last; x += 16) {
    const e = exp4(f32x4.sub(v128.load(x), shift));
    sum = addWide(sum, e);
    if (y) {
      v128.store(y, e);
      y += 16;
    }
  }
  if (channels & 3) {
    const e = exp4(f32x4.sub(loadFilled(x, channels & 3, -Infinity), shift));
    sum = addWide(sum, e);
    if (y) storeLanes(y, e, channels & 3);
  }
  return sumWide(sum);
}

// @ts-ignore: decorator
@inline
function logOf(x: f64): f32 {
  return f32x4.extract_lane(log4(f32x4.splat(<f32>x)), 0);
}

// @ts-ignore: decorator
@inline
function scaleRow(x: usize, y: usize, channels: i32, scale: f32, offset: f32): void {
  const a = f32x4.splat(scale), b = f32x4.splat(offset);
  const last = x + bytes(channels & ~3);
  for (; x < last; x += 16, y += 16) v128.store(y, f32x4.mul(f32x4.sub(v128.load(x), b), a));
  if (channels & 3) storeLanes(y, f32x4.mul(f32x4.sub(v128.load(x), b), a), channels & 3);
}

/** y = e^(x - max) / sum. args: x, y, channels i32. In place. */
export function softmax(args: usize, begin: i32, end: i32): void {
  const channels = int(args, 2);
  const row = bytes(channels);
  for (let unit = begin; unit < end; unit++) {
    const x = pointer(args, 0) + <usize>unit * row;
    const y = pointer(args, 1) + <usize>unit * row;
    const sum = sumExp(x, y, channels, rowMax(x, channels));
    scaleRow(y, y, channels, <f32>(1 / sum), 0);
  }
}

/** y = x - max - ln(sum e^(x - max)). args: x, y, channels i32. In place. */
export function logSoftmax(args: usize, begin: i32, end: i32): void {
  const channels = int(args, 2);
  const row = bytes(channels);
  for (let unit = begin; unit < end; unit++) {
    const x = pointer(args, 0) + <usize>unit * row;
    const m = rowMax(x, channels);
    const log = logOf(sumExp(x, 0, channels, m));
    const y = pointer(args, 1) + <usize>unit * row;
    const m4 = f32x4.splat(m), log4 = f32x4.splat(log);
    for (let c: i32 = 0; c < channels; c += 4) {
      const v = f32x4.sub(f32x4.sub(v128.load(x + bytes(c)), m4), log4);
      storeLanes(y + bytes(c), v, channels - c);
    }
  }
}

/** dx = y (dy - sum dy y). args: y, dy, dx, channels i32. In place over either. */
export function softmaxGradient(args: usize, begin: i32, end: i32): void {
  const channels = int(args, 3);
  const row = bytes(channels);
  for (let unit = begin; unit < end; unit++) {
    const y = pointer(args, 0) + <usize>unit * row;
    const dy = pointer(args, 1) + <usize>unit * row;
    const dx = pointer(args, 2) + <usize>unit * row;
    let sum = f64x2.splat(0);
    for (let c: i32 = 0; c < channels; c += 4) {
      const v = loadFilled(y + bytes(c), channels - c, 0);
      sum = addWide(sum, f32x4.mul(v, loadFilled(dy + bytes(c), channels - c, 0)));
    }
    const dot = f32x4.splat(<f32>sumWide(sum));
    for (let c: i32 = 0; c < channels; c += 4) {
      const v = f32x4.mul(v128.load(y + bytes(c)), f32x4.sub(v128.load(dy + bytes(c)), dot));
      storeLanes(dx + bytes(c), v, channels - c);
    }
  }
}

/** dx = dy - e^y sum dy. args: y, dy, dx, channels i32. In place over either. */
export function logSoftmaxGradient(args: usize, begin: i32, end: i32): void {
  const channels = int(args, 3);
  const row = bytes(channels);
  for (let unit = begin; unit < end; unit++) {
    const y = pointer(args, 0) + <usize>unit * row;
    const dy = pointer(args, 1) + <usize>unit * row;
    const dx = pointer(args, 2) + <usize>unit * row;
    let sum = f64x2.splat(0);
    for (let c: i32 = 0; c < channels; c += 4) sum = addWide(sum, loadFilled(dy + bytes(c), channels - c, 0));
    const total = f32x4.splat(<f32>sumWide(sum));
    for (let c: i32 = 0; c < channels; c += 4) {
      const v = f32x4.sub(v128.load(dy + bytes(c)), f32x4.mul(exp4(v128.load(y + bytes(c))), total));
      storeLanes(dx + bytes(c), v, channels - c);
    }
  }
}

/**
 * Each row's loss: sum t' (ln sum e^x - x) with t' = (1 - s) t + s / channels. args: logits, targets
 * (probabilities), partials f64 [rows], channels i32, smoothing s f32. sumPartials with scale 1 / rows makes
 * the mean.
 */
export function crossEntropyRows(args: usize, begin: i32, end: i32): void {
  const channels = int(args, 3);
  const smoothing = float(args, 4);
  const kept = f32x4.splat(1 - smoothing);
  const spread = f32x4.splat(smoothing / <f32>channels);
  const row = bytes(channels);
  for (let unit = begin; unit < end; unit++) {
    const x = pointer(args, 0) + <usize>unit * row;
    const t = pointer(args, 1) + <usize>unit * row;
    const m = rowMax(x, channels);
    const m4 = f32x4.splat(m), log = f32x4.splat(logOf(sumExp(x, 0, channels, m)));
    let sum = f64x2.splat(0);
    for (let c: i32 = 0; c < channels; c += 4) {
      const target = f32x4.add(f32x4.mul(v128.load(t + bytes(c)), kept), spread);
      const distance = f32x4.add(f32x4.sub(m4, v128.load(x + bytes(c))), log);
      const inside = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(channels - c));
      sum = addWide(sum, v128.and(f32x4.mul(target, distance), inside));
    }
    store<f64>(pointer(args, 2) + (<usize>unit << 3), sumWide(sum));
  }
}

/**
 * dlogits = dloss (softmax(x) sum t' - t') / rows. args: logits, targets, dloss (pointer to one f32), dlogits,
 * channels i32, smoothing f32, rows i32. In place over the logits.
 */
export function crossEntropyGradient(args: usize, begin: i32, end: i32): void {
  const dloss = <f64>load<f32>(pointer(args, 2));
  const channels = int(args, 4);
  const smoothing = float(args, 5);
  const factor = dloss / <f64>int(args, 6);
  const kept = f32x4.splat(1 - smoothing);
  const spread = f32x4.splat(smoothing / <f32>channels);
  const factor4 = f32x4.splat(<f32>factor);
  const row = bytes(channels);
  for (let unit = begin; unit < end; unit++) {
    const x = pointer(args, 0) + <usize>unit * row;
    const t = pointer(args, 1) + <usize>unit * row;
    const dx = pointer(args, 3) + <usize>unit * row;
    let targets = f64x2.splat(0);
    for (let c: i32 = 0; c < channels; c += 4) targets = addWide(targets, loadFilled(t + bytes(c), channels - c, 0));
    const total = (1 - <f64>smoothing) * sumWide(targets) + <f64>smoothing;
    const sum = sumExp(x, dx, channels, rowMax(x, channels));
    const scale = f32x4.splat(<f32>(total / sum));
    for (let c: i32 = 0; c < channels; c += 4) {
      const target = f32x4.add(f32x4.mul(v128.load(t + bytes(c)), kept), spread);
      const v = f32x4.mul(f32x4.sub(f32x4.mul(v128.load(dx + bytes(c)), scale), target), factor4);
      storeLanes(dx + bytes(c), v, channels - c);
    }
  }
}
