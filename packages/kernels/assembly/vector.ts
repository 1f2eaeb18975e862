// What the kernels of this folder that are no convolutions share on four lanes: wide sums, exp, log, tanh, sigmoid.
// Not part of the module's exports.
// A row whose length is no multiple of 4 is read in whole vectors, past its end, and written by storeLanes.

/** Channels rounded up to whole vectors. */
// @ts-ignore: decorator
@inline
export function padded(channels: i32): i32 {
  return (channels + 3) & ~3;
}

/** The f32 sums at `from` are added to the f64 ones at `to` and set to 0; `count` is a multiple of 4. */
export function flush(from: usize, to: usize, count: i32): void {
  const zero = f32x4.splat(0);
  for (let i: i32 = 0; i < count; i += 4) {
    const v = v128.load(from);
    v128.store(to, f64x2.add(v128.load(to), f64x2.promote_low_f32x4(v)));
    const high = f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3));
    v128.store(to, f64x2.add(v128.load(to, 16), high), 16);
    v128.store(from, zero);
    from += 16;
    to += 32;
  }
}

/** Adds the four f32 lanes to two f64 ones. */
// @ts-ignore: decorator
@inline
export function addWide(sum: v128, v: v128): v128 {
  const high = f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3));
  return f64x2.add(sum, f64x2.add(f64x2.promote_low_f32x4(v), high));
}

// @ts-ignore: decorator
@inline
export function sumWide(sum: v128): f64 {
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

// Constants lie in static memory and are broadcast from there: V8 rebuilds a v128 constant from integers at
// every use.
const EXP: usize = memory.data<f32>(
  [
    -104, 89, 1.44269504088896341, 12582912, 0.693359375, -2.12194440e-4, 1.9875691500e-4, 1.3981999507e-3,
    8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
  ],
  16,
);
const ONE: usize = memory.data<f32>([1], 4);
const TWO: usize = memory.data<f32>([2], 4);
/** 127, the bias of an exponent. */
const BIAS: usize = memory.data<i32>([127], 4);

/**
 * e^x of four lanes, within 2 ulp, subnormal results included. NaN stays: pmin and pmax keep their first
 * operand then.
 */
// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  x = f32x4.pmin(f32x4.pmax(x, v128.load32_splat(EXP)), v128.load32_splat(EXP, 4));
  // x = n ln 2 + r; adding 1.5 * 2^23 rounds to an integer, which then lies in the low bits.
  const magic = v128.load32_splat(EXP, 12);
  const shifted = f32x4.add(f32x4.mul(x, v128.load32_splat(EXP, 8)), magic);
  const n = f32x4.sub(shifted, magic);
  let r = f32x4.sub(x, f32x4.mul(n, v128.load32_splat(EXP, 16)));
  r = f32x4.sub(r, f32x4.mul(n, v128.load32_splat(EXP, 20)));
  let p = f32x4.add(f32x4.mul(v128.load32_splat(EXP, 24), r), v128.load32_splat(EXP, 28));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(EXP, 32));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(EXP, 36));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(EXP, 40));
  p = f32x4.add(f32x4.mul(p, r), v128.load32_splat(EXP, 44));
  p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(r, r), p), r), v128.load32_splat(ONE));
  // 2^n in two factors: n runs from -150 to 128.
  const k = i32x4.sub(shifted, magic);
  const half = i32x4.shr_s(k, 1);
  const bias = v128.load32_splat(BIAS);
  const low = i32x4.shl(i32x4.add(half, bias), 23);
  const high = i32x4.shl(i32x4.add(i32x4.sub(k, half), bias), 23);
  return f32x4.mul(f32x4.mul(p, low), high);
}

const LOG: usize = memory.data<f32>(
  [
    7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
    2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1, -2.12194440e-4, 0.693359375,
  ],
  16,
);

/** ln x of four lanes (Cephes): -Infinity at 0, NaN below it. */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  const one = v128.load32_splat(ONE);
  const small = f32x4.lt(x, f32x4.splat(1.17549435e-38)); // subnormal: scale by 2^24
  const scaled = v128.bitselect(f32x4.mul(x, f32x4.splat(16777216)), x, small);
  let e = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_s(scaled, 23), i32x4.splat(126)));
  e = f32x4.sub(e, v128.and(small, f32x4.splat(24)));
  let m = v128.or(v128.and(scaled, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000)); // in [1/2, 1)
  const below = f32x4.lt(m, f32x4.splat(0.707106781186547524));
  e = f32x4.sub(e, v128.and(below, one));
  m = f32x4.sub(f32x4.add(m, v128.and(below, m)), one);
  const z = f32x4.mul(m, m);
  let p = f32x4.add(f32x4.mul(v128.load32_splat(LOG), m), v128.load32_splat(LOG, 4));
  p = f32x4.add(f32x4.mul(p, m), v128.load32_splat(LOG, 8));
  p = f32x4.add(f32x4.mul(p, m), v128.load32_splat(LOG, 12));
  p = f32x4.add(f32x4.mul(p, m), v128.load32_splat(LOG, 16));
  p = f32x4.add(f32x4.mul(p, m), v128.load32_splat(LOG, 20));
  p = f32x4.add(f32x4.mul(p, m), v128.load32_splat(LOG, 24));
  p = f32x4.add(f32x4.mul(p, m), v128.load32_splat(LOG, 28));
  p = f32x4.add(f32x4.mul(p, m), v128.load32_splat(LOG, 32));
  p = f32x4.mul(f32x4.mul(p, m), z);
  p = f32x4.add(p, f32x4.mul(e, v128.load32_splat(LOG, 36)));
  p = f32x4.sub(p, f32x4.mul(z, f32x4.splat(0.5)));
  let y = f32x4.add(f32x4.add(m, p), f32x4.mul(e, v128.load32_splat(LOG, 40)));
  y = v128.bitselect(x, y, f32x4.eq(x, f32x4.splat(Infinity)));
  y = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, f32x4.splat(0)));
  return v128.bitselect(y, f32x4.splat(NaN), f32x4.ge(x, f32x4.splat(0)));
}

// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const one = v128.load32_splat(ONE);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

const TANH: usize = memory.data<f32>(
  [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1, 0.625],
  16,
);

/** tanh of four lanes: a polynomial near 0, where 1 - 2 / (e^2x + 1) loses digits. */
// @ts-ignore: decorator
@inline
export function tanh4(x: v128): v128 {
  const one = v128.load32_splat(ONE);
  const z = f32x4.mul(x, x);
  let p = f32x4.add(f32x4.mul(v128.load32_splat(TANH), z), v128.load32_splat(TANH, 4));
  p = f32x4.add(f32x4.mul(p, z), v128.load32_splat(TANH, 8));
  p = f32x4.add(f32x4.mul(p, z), v128.load32_splat(TANH, 12));
  p = f32x4.add(f32x4.mul(p, z), v128.load32_splat(TANH, 16));
  p = f32x4.add(f32x4.mul(f32x4.mul(p, z), x), x);
  const wide = f32x4.sub(one, f32x4.div(v128.load32_splat(TWO), f32x4.add(exp4(f32x4.add(x, x)), one)));
  return v128.bitselect(p, wide, f32x4.lt(f32x4.abs(x), v128.load32_splat(TANH, 20)));
}
