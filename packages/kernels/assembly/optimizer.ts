// Optimiser updates over flat blocks, with PyTorch's formulas. Unit: BLOCK elements. Every result may overwrite
// an operand. Loops read whole vectors and write tails exactly.
import { BLOCK } from "./codes";
import { power } from "./power";
import { bytes, float, int, pointer, storeLanes } from "./simd";

/** v' = mu v + (g + lambda w). args: v, g, w, v', count i32, momentum mu f32, weightDecay lambda f32. */
export function sgdVelocity(args: usize, begin: i32, end: i32): void {
  const v = pointer(args, 0), g = pointer(args, 1), w = pointer(args, 2), next = pointer(args, 3);
  const momentum = f32x4.splat(float(args, 5)), decay = f32x4.splat(float(args, 6));
  const last = min(end * BLOCK, int(args, 4));
  for (let i = begin * BLOCK; i < last; i += 4) {
    const at = bytes(i);
    const gradient = f32x4.add(v128.load(g + at), f32x4.mul(v128.load(w + at), decay));
    storeLanes(next + at, f32x4.add(f32x4.mul(v128.load(v + at), momentum), gradient), last - i);
  }
}

/**
 * w' = w - lr (nesterov ? g + lambda w + mu v' : v'). args: w, v', g, lr (pointer to one f32), w', count i32,
 * momentum f32, weightDecay f32, nesterov i32.
 */
export function sgdStep(args: usize, begin: i32, end: i32): void {
  const w = pointer(args, 0), v = pointer(args, 1), g = pointer(args, 2), next = pointer(args, 4);
  const rate = f32x4.splat(load<f32>(pointer(args, 3)));
  const momentum = f32x4.splat(float(args, 6)), decay = f32x4.splat(float(args, 7));
  const last = min(end * BLOCK, int(args, 5));
  if (int(args, 8)) {
    for (let i = begin * BLOCK; i < last; i += 4) {
      const at = bytes(i);
      const old = v128.load(w + at);
      const gradient = f32x4.add(v128.load(g + at), f32x4.mul(old, decay));
      const step = f32x4.add(gradient, f32x4.mul(v128.load(v + at), momentum));
      storeLanes(next + at, f32x4.sub(old, f32x4.mul(rate, step)), last - i);
    }
  } else {
    for (let i = begin * BLOCK; i < last; i += 4) {
      const at = bytes(i);
      storeLanes(next + at, f32x4.sub(v128.load(w + at), f32x4.mul(rate, v128.load(v + at))), last - i);
    }
  }
}

/** m' = m + (g - m) (1 - beta1). args: m, g, m', count i32, oneMinusBeta1 f32. */
export function adamMean(args: usize, begin: i32, end: i32): void {
  const m = pointer(args, 0), g = pointer(args, 1), next = pointer(args, 2);
  const share = f32x4.splat(float(args, 4));
  const last = min(end * BLOCK, int(args, 3));
  for (let i = begin * BLOCK; i < last; i += 4) {
    const at = bytes(i);
    const old = v128.load(m + at);
    storeLanes(next + at, f32x4.add(old, f32x4.mul(f32x4.sub(v128.load(g + at), old), share)), last - i);
  }
}

/** v' = beta2 v + (1 - beta2) g^2. args: v, g, v', count i32, beta2 f32, oneMinusBeta2 f32. */
export function adamVariance(args: usize, begin: i32, end: i32): void {
  const v = pointer(args, 0), g = pointer(args, 1), next = pointer(args, 2);
  const kept = f32x4.splat(float(args, 4)), share = f32x4.splat(float(args, 5));
  const last = min(end * BLOCK, int(args, 3));
  for (let i = begin * BLOCK; i < last; i += 4) {
    const at = bytes(i);
    const gradient = v128.load(g + at);
    const square = f32x4.mul(f32x4.mul(gradient, gradient), share);
    storeLanes(next + at, f32x4.add(f32x4.mul(v128.load(v + at), kept), square), last - i);
  }
}

/**
 * AdamW: w' = w (1 - lr lambda) - lr / (1 - beta1^t) m' / (sqrt(v') / sqrt(1 - beta2^t) + epsilon). args: w,
 * m', v', lr (pointer to one f32), t (pointer to one f32, 1 in the first step), w', count i32, oneMinusBeta1
 * f32, oneMinusBeta2 f32, epsilon f32, weightDecay f32.
 */
export function adamStep(args: usize, begin: i32, end: i32): void {
  const w = pointer(args, 0), m = pointer(args, 1), v = pointer(args, 2), next = pointer(args, 5);
  const lr = <f64>load<f32>(pointer(args, 3));
  const t = <f64>load<f32>(pointer(args, 4));
  // beta from 1 - beta: the digits of 1 - beta matter.
  const rate = lr / (1 - power(1 - <f64>float(args, 7), t));
  const unbias = 1 / sqrt(1 - power(1 - <f64>float(args, 8), t));
  const rate4 = f32x4.splat(<f32>rate), unbias4 = f32x4.splat(<f32>unbias), epsilon = f32x4.splat(float(args, 9));
  const kept = f32x4.splat(<f32>(1 - lr * <f64>float(args, 10)));
  const last = min(end * BLOCK, int(args, 6));
  for (let i = begin * BLOCK; i < last; i += 4) {
    const at = bytes(i);
    const root = f32x4.add(f32x4.mul(f32x4.sqrt(v128.load(v + at)), unbias4), epsilon);
    const step = f32x4.div(f32x4.mul(v128.load(m + at), rate4), root);
    storeLanes(next + at, f32x4.sub(f32x4.mul(v128.load(w + at), kept), step), last - i);
  }
}

/** e' = e + (w - e) a. args: e, w, a (pointer to one f32), e', count i32. */
export function lerp(args: usize, begin: i32, end: i32): void {
  const e = pointer(args, 0), w = pointer(args, 1), next = pointer(args, 3);
  const a = f32x4.splat(load<f32>(pointer(args, 2)));
  const last = min(end * BLOCK, int(args, 4));
  for (let i = begin * BLOCK; i < last; i += 4) {
    const at = bytes(i);
    const old = v128.load(e + at);
    storeLanes(next + at, f32x4.add(old, f32x4.mul(f32x4.sub(v128.load(w + at), old), a)), last - i);
  }
}
