// Sums and means. Long sums are f32 lanes that flow into f64 every FLUSH rows; partial sums cover
// a number of rows fixed by the caller, and are finished in order.
import { CHANNEL_BLOCK, FLUSH, NARROW } from "./codes";
import { scratch } from "./scratch";
import { bytes, float, int, pointer } from "./simd";
import { addWide, flush, padded, sumWide } from "./vector";

/** The sum of `count` numbers (of products with b where PRODUCT), in f64. */
// @ts-ignore: decorator
@inline
function sumFlat(product: bool, a: usize, b: usize, count: i32): f64 {
  let wide = f64x2.splat(0);
  let done: i32 = 0;
  while (done < count) {
    const chunk = min(count - done, 16 * FLUSH);
    const last = a + bytes(chunk & ~15);
    let s0 = f32x4.splat(0), s1 = f32x4.splat(0), s2 = f32x4.splat(0), s3 = f32x4.splat(0);
    for (; a < last; a += 64) {
      if (product) {
        s0 = f32x4.add(s0, f32x4.mul(v128.load(a), v128.load(b)));
        s1 = f32x4.add(s1, f32x4.mul(v128.load(a, 16), v128.load(b, 16)));
        s2 = f32x4.add(s2, f32x4.mul(v128.load(a, 32), v128.load(b, 32)));
        s3 = f32x4.add(s3, f32x4.mul(v128.load(a, 48), v128.load(b, 48)));
        b += 64;
      } else {
        s0 = f32x4.add(s0, v128.load(a));
        s1 = f32x4.add(s1, v128.load(a, 16));
        s2 = f32x4.add(s2, v128.load(a, 32));
        s3 = f32x4.add(s3, v128.load(a, 48));
      }
    }
    wide = addWide(wide, f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)));
    done += chunk;
  }
  let sum = sumWide(wide);
  for (let i = count & 15; i > 0; i--) {
    sum += <f64>load<f32>(a) * (product ? <f64>load<f32>(b) : 1);
    a += 4;
    b += 4;
  }
  return sum;
}

/**
 * Adds rows [0, rows) of a (times b) to the f64 sums at `to`, through f32 sums in scratch, which are 0 before
 * and after.
 */
// @ts-ignore: decorator
@inline
function sumRows(product: bool, a: usize, b: usize, rows: i32, channels: i32, to: usize): void {
  const width = padded(channels);
  const row = bytes(channels);
  const end = bytes(width);
  for (let r: i32 = 0; r < rows; ) {
    const last = min(r + FLUSH, rows);
    for (; r + 4 <= last && row <= NARROW; r += 4) {
      for (let c: usize = 0; c < end; c += 16) {
        const p = a + c, q = a + 2 * row + c;
        let v0 = v128.load(p), v1 = v128.load(p + row), v2 = v128.load(q), v3 = v128.load(q + row);
        if (product) {
          const s = b + c, t = b + 2 * row + c;
          v0 = f32x4.mul(v0, v128.load(s));
          v1 = f32x4.mul(v1, v128.load(s + row));
          v2 = f32x4.mul(v2, v128.load(t));
          v3 = f32x4.mul(v3, v128.load(t + row));
        }
        const sum = f32x4.add(f32x4.add(v0, v1), f32x4.add(v2, v3));
        v128.store(scratch + c, f32x4.add(v128.load(scratch + c), sum));
      }
      a += 4 * row;
      b += 4 * row;
    }
    for (; r < last; r++) {
      let c: usize = 0;
      for (; c + 16 < end; c += 32) {
        const to = scratch + c;
        let v0 = v128.load(a + c), v1 = v128.load(a + c, 16);
        if (product) {
          v0 = f32x4.mul(v0, v128.load(b + c));
          v1 = f32x4.mul(v1, v128.load(b + c, 16));
        }
        v128.store(to, f32x4.add(v128.load(to), v0));
        v128.store(to, f32x4.add(v128.load(to, 16), v1), 16);
      }
      if (c < end) {
        let v = v128.load(a + c);
        if (product) v = f32x4.mul(v, v128.load(b + c));
        v128.store(scratch + c, f32x4.add(v128.load(scratch + c), v));
      }
      a += row;
      b += row;
    }
    flush(scratch, to, width);
  }
}

// @ts-ignore: decorator
@inline
function sumParts(product: bool, args: usize, begin: i32, end: i32): void {
  const a = pointer(args, 0);
  const b = product ? pointer(args, 1) : a;
  const partials = pointer(args, 2);
  const rows = int(args, 3);
  const channels = int(args, 4);
  const rowsPerPart = int(args, 5);
  const width = padded(channels);
  const parts = (rows + rowsPerPart - 1) / rowsPerPart;
  if (channels > 1) memory.fill(scratch, 0, bytes(width));
  for (let unit = begin; unit < end; unit++) {
    const group = unit / parts;
    const first = (unit - group * parts) * rowsPerPart;
    const count = min(rowsPerPart, rows - first);
    const at = (<usize>group * rows + first) * bytes(channels);
    const to = partials + (<usize>unit * width << 3);
    if (channels == 1) {
      store<f64>(to, sumFlat(product, a + at, b + at, count));
    } else {
      memory.fill(to, 0, <usize>width << 3);
      sumRows(product, a + at, b + at, count, channels, to);
    }
  }
}

/**
 * Partial sums over the rows of a [groups][rows][channels]. args: a, unused, partials f64 [units][padded
 * channels], rows i32, channels i32, rowsPerPart i32. Unit: one part of one group; ceil(rows / rowsPerPart)
 * parts a group. Scratch: padded channels f32.
 */
export function sumRowsPart(args: usize, begin: i32, end: i32): void {
  sumParts(false, args, begin, end);
}

/** The same over a * b: args as sumRowsPart with b in slot 1. */
export function mulSumRowsPart(args: usize, begin: i32, end: i32): void {
  sumParts(true, args, begin, end);
}

/**
 * y [groups][channels] = scale * the partials summed in order. args: partials, y, parts i32 (a group), channels
 * i32, scale f32. Unit: CHANNEL_BLOCK channels of one group; ceil(channels / CHANNEL_BLOCK) blocks a group.
 */
export function sumRowsFinish(args: usize, begin: i32, end: i32): void {
  const partials = pointer(args, 0);
  const y = pointer(args, 1);
  const parts = int(args, 2);
  const channels = int(args, 3);
  const scale = <f64>float(args, 4);
  const width = padded(channels);
  const blocks = (channels + CHANNEL_BLOCK - 1) / CHANNEL_BLOCK;
  for (let unit = begin; unit < end; unit++) {
    const group = unit / blocks;
    const first = (unit - group * blocks) * CHANNEL_BLOCK;
    const last = min(first + CHANNEL_BLOCK, channels);
    for (let c = first; c < last; c++) {
      let from = partials + ((<usize>group * parts * width + c) << 3);
      let sum: f64 = 0;
      for (let part: i32 = 0; part < parts; part++) {
        sum += load<f64>(from);
        from += <usize>width << 3;
      }
      store<f32>(y + ((<usize>group * channels + c) << 2), <f32>(sum * scale));
    }
  }
}

/** y = scale * the sum of f64 numbers, in order. args: partials f64, y, count i32, scale f32. Unit: all (1). */
export function sumPartials(args: usize, begin: i32, end: i32): void {
  if (begin >= end) return;
  const partials = pointer(args, 0);
  const count = int(args, 2);
  let sum: f64 = 0;
  for (let i: i32 = 0; i < count; i++) sum += load<f64>(partials + (<usize>i << 3));
  store<f32>(pointer(args, 1), <f32>(sum * <f64>float(args, 3)));
}

/**
 * y [rows] = scale * the sum of each row of x [rows][channels]. args: x, y, channels i32, scale f32. Unit: one
 * row.
 */
export function sumChannels(args: usize, begin: i32, end: i32): void {
  const channels = int(args, 2);
  const scale = <f64>float(args, 3);
  const y = pointer(args, 1);
  let x = pointer(args, 0) + <usize>begin * bytes(channels);
  for (let row = begin; row < end; row++) {
    store<f32>(y + bytes(row), <f32>(sumFlat(false, x, x, channels) * scale));
    x += bytes(channels);
  }
}

// @ts-ignore: decorator
@inline
function sumElement(x: usize, reducedSizes: usize, reducedStrides: usize): f64 {
  const n0 = load<i32>(reducedSizes), n1 = load<i32>(reducedSizes, 4), n2 = load<i32>(reducedSizes, 8);
  const n3 = load<i32>(reducedSizes, 12), n4 = load<i32>(reducedSizes, 16), n5 = load<i32>(reducedSizes, 20);
  const s0 = load<i32>(reducedStrides), s1 = load<i32>(reducedStrides, 4), s2 = load<i32>(reducedStrides, 8);
  const s3 = load<i32>(reducedStrides, 12), s4 = load<i32>(reducedStrides, 16);
  const step = <isize>load<i32>(reducedStrides, 20) << 2;
  let sum: f64 = 0;
  for (let i0: i32 = 0; i0 < n0; i0++)
    for (let i1: i32 = 0; i1 < n1; i1++)
      for (let i2: i32 = 0; i2 < n2; i2++)
        for (let i3: i32 = 0; i3 < n3; i3++)
          for (let i4: i32 = 0; i4 < n4; i4++) {
            let at = x + (<isize>(i0 * s0 + i1 * s1 + i2 * s2 + i3 * s3 + i4 * s4) << 2);
            for (let i5: i32 = 0; i5 < n5; i5++) {
              sum += <f64>load<f32>(at);
              at += step;
            }
          }
  return sum;
}

/**
 * Sums over any set of axes: y = scale * sum. args: x, y, scale f32, kept sizes i32[6], kept strides i32[6],
 * reduced sizes i32[6], reduced strides i32[6]; y is row-major over the kept sizes. Unit: one element of y.
 */
export function sumStrided(args: usize, begin: i32, end: i32): void {
  const x = pointer(args, 0);
  const y = pointer(args, 1);
  const scale = <f64>float(args, 2);
  const keptSizes = args + 12, keptStrides = args + 36, reducedSizes = args + 60, reducedStrides = args + 84;
  for (let unit = begin; unit < end; unit++) {
    let rest = unit;
    let offset: i32 = 0;
    for (let axis: i32 = 20; axis >= 0; axis -= 4) {
      const size = load<i32>(keptSizes + axis);
      const next = rest / size;
      offset += (rest - next * size) * load<i32>(keptStrides + axis);
      rest = next;
    }
    const from = x + (<isize>offset << 2);
    store<f32>(y + bytes(unit), <f32>(sumElement(from, reducedSizes, reducedStrides) * scale));
  }
}
