// What the convolution kernels share on single vectors: multiply-add, activations, partial stores, copies.
// Not part of the module's exports.
import { NONE, RELU6 } from "./codes";

/** Eight zeros: the bias of a convolution without one. Read only. */
export const ZEROS: usize = memory.data<f32>([0, 0, 0, 0, 0, 0, 0, 0], 16);

// @ts-ignore: decorator
@inline
export function int(args: usize, slot: i32): i32 {
  return load<i32>(args + (<usize>slot << 2));
}

// @ts-ignore: decorator
@inline
export function float(args: usize, slot: i32): f32 {
  return load<f32>(args + (<usize>slot << 2));
}

// @ts-ignore: decorator
@inline
export function pointer(args: usize, slot: i32): usize {
  return load<usize>(args + (<usize>slot << 2));
}

// @ts-ignore: decorator
@inline
export function bytes(floats: i32): usize {
  return <usize>floats << 2;
}

// @ts-ignore: decorator
@inline
export function ceilDiv(a: i32, b: i32): i32 {
  return (a + b - 1) / b;
}

/** a * b + c, fused where the build has relaxed SIMD. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** NONE, RELU and RELU6 are clamps; the bounds come from integers, so that no vector lives through a loop for them. */
// @ts-ignore: decorator
@inline
export function clampLow(activation: i32): v128 {
  return i32x4.splat(activation == NONE ? 0xff800000 : 0);
}

// @ts-ignore: decorator
@inline
export function clampHigh(activation: i32): v128 {
  return i32x4.splat(activation == RELU6 ? 0x40c00000 : 0x7f800000);
}

/** Clamp that keeps NaN: both comparisons are false for it. */
// @ts-ignore: decorator
@inline
export function clamp(v: v128, low: v128, high: v128): v128 {
  return f32x4.pmin(f32x4.pmax(v, low), high);
}

/** Stores the first `lanes` (>= 1) lanes. */
// @ts-ignore: decorator
@inline
export function storeLanes(at: usize, v: v128, lanes: i32): void {
  if (lanes >= 4) {
    v128.store(at, v);
  } else if (lanes == 1) {
    v128.store32_lane(at, v, 0);
  } else {
    v128.store64_lane(at, v, 0);
    if (lanes == 3) v128.store32_lane(at, v, 2, 8);
  }
}

/** Copies `count` floats by whole vectors: up to 12 bytes more are read and written. */
export function copyOver(target: usize, source: usize, count: i32): void {
  const end = target + bytes(count);
  while (target + 64 <= end) {
    const a = v128.load(source), b = v128.load(source, 16), c = v128.load(source, 32), d = v128.load(source, 48);
    v128.store(target, a);
    v128.store(target, b, 16);
    v128.store(target, c, 32);
    v128.store(target, d, 48);
    target += 64;
    source += 64;
  }
  while (target < end) {
    v128.store(target, v128.load(source));
    target += 16;
    source += 16;
  }
}

/** Zeroes `count` floats by whole vectors: up to 12 bytes more are written. */
export function zeroOver(target: usize, count: i32): void {
  const end = target + bytes(count);
  while (target < end) {
    v128.store(target, i32x4.splat(0));
    target += 16;
  }
}

/** Copies exactly `count` floats. */
export function copyExact(target: usize, source: usize, count: i32): void {
  const whole = count & ~3;
  copyOver(target, source, whole);
  if (count & 3) storeLanes(target + bytes(whole), v128.load(source + bytes(whole)), count & 3);
}

/**
 * Reads one byte of every cache line of a block that is about to be used: a plain sequence is what the processor
 * prefetches best, and the kernels that follow read many short rows at once. Returns the sum, so that the loads stay.
 */
export function touch(from: usize, count: usize): u32 {
  const end = from + count;
  let a: u32 = 0, b: u32 = 0;
  while (from + 256 <= end) {
    a += <u32>load<u8>(from) + <u32>load<u8>(from, 64);
    b += <u32>load<u8>(from, 128) + <u32>load<u8>(from, 192);
    from += 256;
  }
  while (from < end) {
    a += <u32>load<u8>(from);
    from += 64;
  }
  return a + b;
}
