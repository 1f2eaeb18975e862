// Element-wise arithmetic: flat unary kernels, and one binary kernel that broadcasts through strides.
// Flat kernels work in place.
import { ADD, BLOCK, EXP, MUL, RECIPROCAL, RECIPROCAL_SQRT, SQRT, SQUARE, SUB } from "./codes";
import { power } from "./power";
import { bytes, float, int, pointer, storeLanes } from "./simd";
import { exp4, log4 } from "./vector";

/** y = value. args: y, count i32, value f32. Unit: BLOCK elements. */
export function fill(args: usize, begin: i32, end: i32): void {
  const first = begin * BLOCK;
  const count = min(end * BLOCK, int(args, 1)) - first;
  let y = pointer(args, 0) + bytes(first);
  const v = f32x4.splat(float(args, 2));
  const last = y + bytes(count & ~3);
  for (; y < last; y += 16) v128.store(y, v);
  if (count & 3) storeLanes(y, v, count & 3);
}

// A function inside a loop is a type argument; see activation.ts.
class Square {}
class Sqrt {}
class Reciprocal {}
class ReciprocalSqrt {}
class Exp {}
class Log {}

// @ts-ignore: decorator
@inline
function unary4<F>(x: v128): v128 {
  if (idof<F>() == idof<Square>()) return f32x4.mul(x, x);
  if (idof<F>() == idof<Sqrt>()) return f32x4.sqrt(x);
  if (idof<F>() == idof<Reciprocal>()) return f32x4.div(f32x4.splat(1), x);
  if (idof<F>() == idof<ReciprocalSqrt>()) return f32x4.div(f32x4.splat(1), f32x4.sqrt(x));
  if (idof<F>() == idof<Exp>()) return exp4(x);
  return log4(x);
}

// @ts-ignore: decorator
@inline
function unaryRange<F>(x: usize, y: usize, count: i32): void {
  const last = x + bytes(count & ~3);
  for (; x < last; x += 16, y += 16) v128.store(y, unary4<F>(v128.load(x)));
  if (count & 3) storeLanes(y, unary4<F>(v128.load(x)), count & 3);
}

/** y = f(x). args: x, y, count i32, function i32 (SQUARE …). Unit: BLOCK elements. */
export function unary(args: usize, begin: i32, end: i32): void {
  const first = begin * BLOCK;
  const count = min(end * BLOCK, int(args, 2)) - first;
  const x = pointer(args, 0) + bytes(first);
  const y = pointer(args, 1) + bytes(first);
  switch (int(args, 3)) {
    case SQUARE: return unaryRange<Square>(x, y, count);
    case SQRT: return unaryRange<Sqrt>(x, y, count);
    case RECIPROCAL: return unaryRange<Reciprocal>(x, y, count);
    case RECIPROCAL_SQRT: return unaryRange<ReciprocalSqrt>(x, y, count);
    case EXP: return unaryRange<Exp>(x, y, count);
    default: return unaryRange<Log>(x, y, count);
  }
}

/** y = scale x + offset. args: x, y, count i32, scale f32, offset f32. Unit: BLOCK elements. */
export function affine(args: usize, begin: i32, end: i32): void {
  const first = begin * BLOCK;
  const count = min(end * BLOCK, int(args, 2)) - first;
  let x = pointer(args, 0) + bytes(first);
  let y = pointer(args, 1) + bytes(first);
  const scale = f32x4.splat(float(args, 3));
  const offset = f32x4.splat(float(args, 4));
  const last = x + bytes(count & ~3);
  for (; x < last; x += 16, y += 16) {
    v128.store(y, f32x4.add(f32x4.mul(v128.load(x), scale), offset));
  }
  if (count & 3) storeLanes(y, f32x4.add(f32x4.mul(v128.load(x), scale), offset), count & 3);
}

/** y = x^exponent. args: x, y, count i32, exponent f32. Unit: BLOCK elements. */
export function powerScalar(args: usize, begin: i32, end: i32): void {
  const x = pointer(args, 0);
  const y = pointer(args, 1);
  const exponent = <f64>float(args, 3);
  const last = min(end * BLOCK, int(args, 2));
  for (let i = begin * BLOCK; i < last; i++) {
    store<f32>(y + bytes(i), <f32>power(<f64>load<f32>(x + bytes(i)), exponent));
  }
}

/** Whether a block holds NaN or an infinity. args: x, flags f32 [units] (1 or 0), count i32. Unit: BLOCK elements. */
export function nonFinite(args: usize, begin: i32, end: i32): void {
  const x = pointer(args, 0);
  const flags = pointer(args, 1);
  const count = int(args, 2);
  for (let unit = begin; unit < end; unit++) {
    const last = min((unit + 1) * BLOCK, count);
    let i = unit * BLOCK;
    let bad = i32x4.splat(0); // x - x is 0 unless x is NaN or infinite
    for (; i + 4 <= last; i += 4) {
      const v = v128.load(x + bytes(i));
      const d = f32x4.sub(v, v);
      bad = v128.or(bad, f32x4.ne(d, d));
    }
    let found = v128.any_true(bad);
    for (; i < last; i++) {
      const d = load<f32>(x + bytes(i)) - load<f32>(x + bytes(i));
      found = found || d != d;
    }
    store<f32>(flags + bytes(unit), found ? 1 : 0);
  }
}

class Add {}
class Sub {}
class Mul {}
class Div {}

// @ts-ignore: decorator
@inline
function binary4<F>(a: v128, b: v128): v128 {
  if (idof<F>() == idof<Add>()) return f32x4.add(a, b);
  if (idof<F>() == idof<Sub>()) return f32x4.sub(a, b);
  if (idof<F>() == idof<Mul>()) return f32x4.mul(a, b);
  return f32x4.div(a, b);
}

// @ts-ignore: decorator
@inline
function binary1<F>(a: f32, b: f32): f32 {
  if (idof<F>() == idof<Add>()) return a + b;
  if (idof<F>() == idof<Sub>()) return a - b;
  if (idof<F>() == idof<Mul>()) return a * b;
  return a / b;
}

/** One run along the last axis, where each operand advances by 0 or 1 elements (vectors) or by any stride. */
// @ts-ignore: decorator
@inline
function binaryRun<F>(a: usize, b: usize, y: usize, count: i32, stepA: i32, stepB: i32): void {
  const vectors = y + bytes(count & ~3);
  const tail = count & 3;
  if (stepA == 1 && stepB == 1) {
    const pairs = y + bytes(count & ~7);
    for (; y < pairs; a += 32, b += 32, y += 32) {
      const v = binary4<F>(v128.load(a), v128.load(b));
      const w = binary4<F>(v128.load(a, 16), v128.load(b, 16));
      v128.store(y, v);
      v128.store(y, w, 16);
    }
    for (; y < vectors; a += 16, b += 16, y += 16) {
      v128.store(y, binary4<F>(v128.load(a), v128.load(b)));
    }
    if (tail) storeLanes(y, binary4<F>(v128.load(a), v128.load(b)), tail);
  } else if (stepA == 1 && stepB == 0) {
    const fixed = v128.load32_splat(b);
    for (; y < vectors; a += 16, y += 16) v128.store(y, binary4<F>(v128.load(a), fixed));
    if (tail) storeLanes(y, binary4<F>(v128.load(a), fixed), tail);
  } else if (stepA == 0 && stepB == 1) {
    const fixed = v128.load32_splat(a);
    for (; y < vectors; b += 16, y += 16) v128.store(y, binary4<F>(fixed, v128.load(b)));
    if (tail) storeLanes(y, binary4<F>(fixed, v128.load(b)), tail);
  } else {
    const byteStepA = <isize>stepA << 2;
    const byteStepB = <isize>stepB << 2;
    const last = y + bytes(count);
    for (; y < last; y += 4) {
      store<f32>(y, binary1<F>(load<f32>(a), load<f32>(b)));
      a += byteStepA;
      b += byteStepB;
    }
  }
}

/** The y elements [first, last): runs along the last axis, the other five coordinates counted up like an odometer. */
// @ts-ignore: decorator
@inline
function binaryRange<F>(args: usize, first: i32, last: i32): void {
  const sizes = args + 16;
  const stridesA = args + 40;
  const stridesB = args + 64;
  const run = load<i32>(sizes, 20);
  const stepA = load<i32>(stridesA, 20);
  const stepB = load<i32>(stridesB, 20);
  let row = first / run; // the index over the first five axes
  let column = first - row * run;
  let y = pointer(args, 2) + bytes(first);
  while (first < last) {
    let rest = row;
    let offsetA = column * stepA;
    let offsetB = column * stepB;
    for (let axis: usize = 16; rest != 0; axis -= 4) {
      const size = load<i32>(sizes + axis);
      const next = rest / size;
      const coordinate = rest - next * size;
      offsetA += coordinate * load<i32>(stridesA + axis);
      offsetB += coordinate * load<i32>(stridesB + axis);
      rest = next;
    }
    // The last axis but one, walked without divisions.
    const rowSize = load<i32>(sizes, 16);
    let left = rowSize - (row % rowSize);
    let a = pointer(args, 0) + (<isize>offsetA << 2);
    let b = pointer(args, 1) + (<isize>offsetB << 2);
    const rowStepA = <isize>load<i32>(stridesA, 16) << 2;
    const rowStepB = <isize>load<i32>(stridesB, 16) << 2;
    while (left > 0 && first < last) {
      const count = min(run - column, last - first);
      binaryRun<F>(a, b, y, count, stepA, stepB);
      a += rowStepA - (<isize>(column * stepA) << 2);
      b += rowStepB - (<isize>(column * stepB) << 2);
      y += bytes(count);
      first += count;
      column = 0;
      row++;
      left--;
    }
  }
}

/**
 * y = f(a, b), y contiguous. args: a, b, y, function i32 (ADD …), sizes i32[6], strides of a i32[6], strides of
 * b i32[6] (in elements; 0 repeats; shorter shapes are padded with 1 in front). Unit: BLOCK elements of y.
 */
export function binary(args: usize, begin: i32, end: i32): void {
  let total: i32 = 1;
  for (let axis: usize = 0; axis < 24; axis += 4) total *= load<i32>(args + 16 + axis);
  const first = begin * BLOCK;
  const last = min(end * BLOCK, total);
  switch (int(args, 3)) {
    case ADD: return binaryRange<Add>(args, first, last);
    case SUB: return binaryRange<Sub>(args, first, last);
    case MUL: return binaryRange<Mul>(args, first, last);
    default: return binaryRange<Div>(args, first, last);
  }
}
