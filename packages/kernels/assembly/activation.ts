// Activations and their gradients over flat blocks; unit = BLOCK elements. The kinks have PyTorch's values.
import {
  BLOCK,
  HARD_SIGMOID,
  HARD_SWISH,
  LEAKY_RELU,
  RELU,
  RELU6,
  SIGMOID,
  SILU,
  TANH,
} from "./codes";
import { bytes, float, int, pointer, storeLanes } from "./simd";
import { exp4, sigmoid4, tanh4 } from "./vector";

// Broadcast from static memory; see vector.ts.
const HALF: usize = memory.data<f32>([0.5], 4);
const ONE: usize = memory.data<f32>([1], 4);
const THREE: usize = memory.data<f32>([3], 4);
const MINUS_THREE: usize = memory.data<f32>([-3], 4);
const FOUR: usize = memory.data<f32>([4], 4);
const SIX: usize = memory.data<f32>([6], 4);
const SIXTH: usize = memory.data<f32>([1.0 / 6.0], 4);
const THIRD: usize = memory.data<f32>([1.0 / 3.0], 4);

// An activation inside a loop is a type argument, so that asc compiles its branch alone. (A constant argument is not
// enough: Binaryen merges the switch's cases again before it propagates constants.)
export class None {}
export class Relu {}
export class Relu6 {}
export class LeakyRelu {}
export class Sigmoid {}
export class HardSigmoid {}
export class HardSwish {}
export class Silu {}
export class Tanh {}

/** act(x) of four lanes. */
// @ts-ignore: decorator
@inline
export function activate4<A>(x: v128, slope: v128): v128 {
  const zero = f32x4.splat(0);
  if (idof<A>() == idof<Relu>()) return f32x4.pmax(x, zero);
  if (idof<A>() == idof<Relu6>()) return f32x4.pmin(f32x4.pmax(x, zero), v128.load32_splat(SIX));
  if (idof<A>() == idof<LeakyRelu>()) return v128.bitselect(x, f32x4.mul(x, slope), f32x4.gt(x, zero));
  if (idof<A>() == idof<Sigmoid>()) return sigmoid4(x);
  if (idof<A>() == idof<HardSigmoid>() || idof<A>() == idof<HardSwish>()) {
    const clipped = f32x4.pmin(f32x4.pmax(f32x4.add(x, v128.load32_splat(THREE)), zero), v128.load32_splat(SIX));
    const gate = f32x4.mul(clipped, v128.load32_splat(SIXTH));
    return idof<A>() == idof<HardSwish>() ? f32x4.mul(x, gate) : gate;
  }
  if (idof<A>() == idof<Silu>()) return f32x4.mul(x, sigmoid4(x));
  if (idof<A>() == idof<Tanh>()) return tanh4(x);
  return x;
}

/** dy act'(x) of four lanes. */
// @ts-ignore: decorator
@inline
export function activationGradient4<A>(dy: v128, x: v128, slope: v128): v128 {
  const zero = f32x4.splat(0);
  const one = v128.load32_splat(ONE);
  if (idof<A>() == idof<Relu>()) return v128.andnot(dy, f32x4.le(x, zero));
  if (idof<A>() == idof<Relu6>()) {
    return v128.andnot(dy, v128.or(f32x4.le(x, zero), f32x4.ge(x, v128.load32_splat(SIX))));
  }
  if (idof<A>() == idof<LeakyRelu>()) return v128.bitselect(dy, f32x4.mul(dy, slope), f32x4.gt(x, zero));
  if (idof<A>() == idof<HardSigmoid>()) {
    const outside = v128.or(f32x4.le(x, v128.load32_splat(MINUS_THREE)), f32x4.ge(x, v128.load32_splat(THREE)));
    return v128.andnot(f32x4.mul(dy, v128.load32_splat(SIXTH)), outside);
  }
  if (idof<A>() == idof<HardSwish>()) {
    const slopeHere = f32x4.add(f32x4.mul(x, v128.load32_splat(THIRD)), v128.load32_splat(HALF));
    const inside = v128.bitselect(dy, f32x4.mul(dy, slopeHere), f32x4.gt(x, v128.load32_splat(THREE)));
    return v128.andnot(inside, f32x4.lt(x, v128.load32_splat(MINUS_THREE)));
  }
  if (idof<A>() == idof<Sigmoid>() || idof<A>() == idof<Silu>() || idof<A>() == idof<Tanh>()) {
    // With e = exp(-|x|) and r = 1 / (1 + e): s' = e r^2 keeps its digits where s is near 1; silu' = s + x s';
    // tanh' = 4 s'(2x).
    const e = exp4(f32x4.neg(f32x4.abs(idof<A>() == idof<Tanh>() ? f32x4.add(x, x) : x)));
    const r = f32x4.div(one, f32x4.add(one, e));
    const slopeHere = f32x4.mul(e, f32x4.mul(r, r));
    if (idof<A>() == idof<Tanh>()) return f32x4.mul(dy, f32x4.mul(slopeHere, v128.load32_splat(FOUR)));
    if (idof<A>() == idof<Sigmoid>()) return f32x4.mul(dy, slopeHere);
    const s = v128.bitselect(f32x4.mul(e, r), r, f32x4.lt(x, zero));
    return f32x4.mul(dy, f32x4.add(s, f32x4.mul(x, slopeHere)));
  }
  return dy;
}

// @ts-ignore: decorator
@inline
function activateRange<A>(x: usize, y: usize, count: i32, slope: f32): void {
  const slope4 = f32x4.splat(slope);
  const last = x + bytes(count & ~7);
  while (x < last) {
    const v0 = activate4<A>(v128.load(x), slope4);
    const v1 = activate4<A>(v128.load(x, 16), slope4);
    v128.store(y, v0);
    v128.store(y, v1, 16);
    x += 32;
    y += 32;
  }
  if (count & 4) {
    v128.store(y, activate4<A>(v128.load(x), slope4));
    x += 16;
    y += 16;
  }
  if (count & 3) storeLanes(y, activate4<A>(v128.load(x), slope4), count & 3);
}

/** act of `count` elements, in place or not; also the second half of a kernel whose block is still in cache. */
export function activateElements(code: i32, x: usize, y: usize, count: i32, slope: f32): void {
  switch (code) {
    case RELU: return activateRange<Relu>(x, y, count, slope);
    case RELU6: return activateRange<Relu6>(x, y, count, slope);
    case LEAKY_RELU: return activateRange<LeakyRelu>(x, y, count, slope);
    case SIGMOID: return activateRange<Sigmoid>(x, y, count, slope);
    case HARD_SIGMOID: return activateRange<HardSigmoid>(x, y, count, slope);
    case HARD_SWISH: return activateRange<HardSwish>(x, y, count, slope);
    case SILU: return activateRange<Silu>(x, y, count, slope);
    case TANH: return activateRange<Tanh>(x, y, count, slope);
    default: return activateRange<None>(x, y, count, slope);
  }
}

/** y = act(x). args: x, y, count i32, activation i32, slope f32. Unit: BLOCK elements. */
export function activation(args: usize, begin: i32, end: i32): void {
  const first = begin * BLOCK;
  const count = min(end * BLOCK, int(args, 2)) - first;
  const x = pointer(args, 0) + bytes(first);
  activateElements(int(args, 3), x, pointer(args, 1) + bytes(first), count, float(args, 4));
}

// @ts-ignore: decorator
@inline
function gradientRange<A>(dy: usize, x: usize, dx: usize, count: i32, slope: f32): void {
  const slope4 = f32x4.splat(slope);
  const last = x + bytes(count & ~7);
  while (x < last) {
    const v0 = activationGradient4<A>(v128.load(dy), v128.load(x), slope4);
    const v1 = activationGradient4<A>(v128.load(dy, 16), v128.load(x, 16), slope4);
    v128.store(dx, v0);
    v128.store(dx, v1, 16);
    x += 32;
    dy += 32;
    dx += 32;
  }
  if (count & 4) {
    v128.store(dx, activationGradient4<A>(v128.load(dy), v128.load(x), slope4));
    x += 16;
    dy += 16;
    dx += 16;
  }
  if (count & 3) storeLanes(dx, activationGradient4<A>(v128.load(dy), v128.load(x), slope4), count & 3);
}

/**
 * dx = dy act'(x). args: dy, x, dx, count i32, activation i32, slope f32. Unit: BLOCK elements. In place over
 * dy or x.
 */
export function activationGradient(args: usize, begin: i32, end: i32): void {
  const first = begin * BLOCK;
  const count = min(end * BLOCK, int(args, 3)) - first;
  const dy = pointer(args, 0) + bytes(first);
  const x = pointer(args, 1) + bytes(first);
  const dx = pointer(args, 2) + bytes(first);
  const slope = float(args, 5);
  switch (int(args, 4)) {
    case RELU: return gradientRange<Relu>(dy, x, dx, count, slope);
    case RELU6: return gradientRange<Relu6>(dy, x, dx, count, slope);
    case LEAKY_RELU: return gradientRange<LeakyRelu>(dy, x, dx, count, slope);
    case SIGMOID: return gradientRange<Sigmoid>(dy, x, dx, count, slope);
    case HARD_SIGMOID: return gradientRange<HardSigmoid>(dy, x, dx, count, slope);
    case HARD_SWISH: return gradientRange<HardSwish>(dy, x, dx, count, slope);
    case SILU: return gradientRange<Silu>(dy, x, dx, count, slope);
    case TANH: return gradientRange<Tanh>(dy, x, dx, count, slope);
    default: return gradientRange<None>(dy, x, dx, count, slope);
  }
}
