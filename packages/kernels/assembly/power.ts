// x^e in f64, without the tables of the standard library: static data does not belong into a shared memory.
// Not part of the module's exports.

/** x^e; NaN for x < 0 unless e is an integer. */
export function power(x: f64, e: f64): f64 {
  if (e == 0) return 1;
  if (x == 0) return e > 0 ? 0 : Infinity;
  const whole = floor(e) == e;
  if (x < 0 && !whole) return NaN;
  if (whole && abs(e) <= 64) {
    let result: f64 = 1;
    let base = x;
    for (let k = <i32>abs(e); k > 0; k >>= 1) {
      if (k & 1) result *= base;
      base *= base;
    }
    return e < 0 ? 1 / result : result;
  }
  const y = exponential(e * logarithm(abs(x)));
  return x < 0 && abs(e) < 9007199254740992.0 && (<i64>e & 1) != 0 ? -y : y;
}

function logarithm(x: f64): f64 {
  if (!(x > 0)) return x == 0 ? -Infinity : NaN;
  if (x == Infinity) return x;
  const bits = reinterpret<u64>(x);
  let e = <i32>(bits >> 52) - 1023;
  let m = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    e += 1;
  }
  const s = (m - 1) / (m + 1); // ln m = 2 artanh s
  const z = s * s;
  let p: f64 = 0;
  for (let k: i32 = 23; k > 0; k -= 2) p = p * z + 1.0 / <f64>k;
  return 2 * s * p + <f64>e * 0.6931471805599453;
}

function exponential(x: f64): f64 {
  if (x != x) return x;
  if (x > 709) return Infinity;
  if (x < -708) return 0;
  const n = nearest(x * 1.4426950408889634);
  const r = x - n * 0.6931471803691238 - n * 1.9082149292705877e-10;
  let p: f64 = 1;
  for (let k: i32 = 13; k > 0; k--) p = 1 + (p * r) / <f64>k;
  return p * reinterpret<f64>(<u64>(<i64>n + 1023) << 52);
}
