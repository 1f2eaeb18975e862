// Max and average pooling over NHWC maps. A window's geometry is the 15 numbers called G below:
//   H, W, C, OH, OW, KH, KW, strideH, strideW, dilationH, dilationW, padTop, padLeft, padBottom, padRight (i32)
import { bytes, int, pointer, storeLanes } from "./simd";

/** The first tap of a window that begins at `start` (may be negative) that lies inside the map. */
// @ts-ignore: decorator
@inline
function firstTap(start: i32, dilation: i32): i32 {
  return start >= 0 ? 0 : (dilation - 1 - start) / dilation;
}

/** One past the last tap inside a map of `size`. */
// @ts-ignore: decorator
@inline
function endTap(start: i32, dilation: i32, size: i32, kernel: i32): i32 {
  if (start >= size) return 0;
  return min(kernel, (size - 1 - start) / dilation + 1);
}

/** The larger of the two, and NaN once there is one. */
// @ts-ignore: decorator
@inline
function maxKeepingNaN(m: v128, v: v128): v128 {
  return v128.bitselect(v, m, v128.or(f32x4.lt(m, v), f32x4.ne(v, v)));
}

/** Where v takes the maximum's place: it is larger, and NaN is largest. */
// @ts-ignore: decorator
@inline
function exceeds(v: v128, m: v128): v128 {
  return v128.or(f32x4.lt(m, v), v128.and(f32x4.ne(v, v), f32x4.eq(m, m)));
}

/**
 * y = the maximum of each window; outside the map counts as -Infinity. args: x, y, G in slots 2 to 16. Unit:
 * one output row (n, oh).
 */
export function maxPool(args: usize, begin: i32, end: i32): void {
  const height = int(args, 2), width = int(args, 3), channels = int(args, 4);
  const outHeight = int(args, 5), outWidth = int(args, 6);
  const kernelH = int(args, 7), kernelW = int(args, 8), strideH = int(args, 9), strideW = int(args, 10);
  const dilationH = int(args, 11), dilationW = int(args, 12), padTop = int(args, 13), padLeft = int(args, 14);
  const pixel = bytes(channels);
  const full = bytes(channels & ~3);
  const lowest = f32x4.splat(-Infinity);
  const stepW = <usize>dilationW * pixel;
  const stepH = <usize>(dilationH * width) * pixel;
  let y = pointer(args, 1) + <usize>begin * outWidth * pixel;
  for (let unit = begin; unit < end; unit++) {
    const image = unit / outHeight;
    const top = (unit - image * outHeight) * strideH - padTop;
    const firstH = firstTap(top, dilationH), endH = endTap(top, dilationH, height, kernelH);
    const map = pointer(args, 0) + <usize>(image * height) * width * pixel;
    for (let ox: i32 = 0; ox < outWidth; ox++) {
      const left = ox * strideW - padLeft;
      const firstW = firstTap(left, dilationW), endW = endTap(left, dilationW, width, kernelW);
      const corner = map + <usize>((top + firstH * dilationH) * width + left + firstW * dilationW) * pixel;
      let c: usize = 0;
      for (; c + 64 <= full; c += 64) {
        let m0 = lowest, m1 = lowest, m2 = lowest, m3 = lowest;
        let row = corner + c;
        for (let ky = firstH; ky < endH; ky++) {
          let p = row;
          for (let kx = firstW; kx < endW; kx++) {
            m0 = maxKeepingNaN(m0, v128.load(p));
            m1 = maxKeepingNaN(m1, v128.load(p, 16));
            m2 = maxKeepingNaN(m2, v128.load(p, 32));
            m3 = maxKeepingNaN(m3, v128.load(p, 48));
            p += stepW;
          }
          row += stepH;
        }
        v128.store(y + c, m0);
        v128.store(y + c, m1, 16);
        v128.store(y + c, m2, 32);
        v128.store(y + c, m3, 48);
      }
      for (; c < pixel; c += 16) {
        let m = lowest;
        let row = corner + c;
        for (let ky = firstH; ky < endH; ky++) {
          let p = row;
          for (let kx = firstW; kx < endW; kx++) {
            m = maxKeepingNaN(m, v128.load(p));
            p += stepW;
          }
          row += stepH;
        }
        if (c < full) v128.store(y + c, m);
        else storeLanes(y + c, m, channels & 3);
      }
      y += pixel;
    }
  }
}

/**
 * Four channels of a window of x: the pixel (row * width + column) of each one's first maximum. The window
 * meets the map.
 */
// @ts-ignore: decorator
@inline
function firstMaximum(
  x: usize, pixel: usize, width: i32, top: i32, left: i32, dilationH: i32, dilationW: i32, firstH: i32, endH: i32,
  firstW: i32, endW: i32,
): v128 {
  let m = f32x4.splat(-Infinity);
  let at = i32x4.splat((top + firstH * dilationH) * width + left + firstW * dilationW);
  for (let ky = firstH; ky < endH; ky++) {
    const row = (top + ky * dilationH) * width + left;
    for (let kx = firstW; kx < endW; kx++) {
      const place = row + kx * dilationW;
      const v = v128.load(x + <usize>place * pixel);
      const take = exceeds(v, m);
      m = v128.bitselect(v, m, take);
      at = v128.bitselect(i32x4.splat(place), at, take);
    }
  }
  return at;
}

/** With SELECT, to[p] = from[argmax of x over window p]; else to[argmax] += from[p]. */
// @ts-ignore: decorator
@inline
function throughMaxima(select: bool, args: usize, begin: i32, end: i32): void {
  const height = int(args, 3), width = int(args, 4), channels = int(args, 5);
  const outHeight = int(args, 6), outWidth = int(args, 7);
  const kernelH = int(args, 8), kernelW = int(args, 9), strideH = int(args, 10), strideW = int(args, 11);
  const dilationH = int(args, 12), dilationW = int(args, 13), padTop = int(args, 14), padLeft = int(args, 15);
  const pixel = bytes(channels);
  const image = <usize>(height * width) * pixel;
  const outImage = <usize>(outHeight * outWidth) * pixel;
  for (let unit = begin; unit < end; unit++) {
    const x = pointer(args, 0) + <usize>unit * image;
    const maps = (select ? pointer(args, 1) : pointer(args, 2)) + <usize>unit * image;
    let pooled = (select ? pointer(args, 2) : pointer(args, 1)) + <usize>unit * outImage;
    if (!select) memory.fill(maps, 0, image);
    for (let oy: i32 = 0; oy < outHeight; oy++) {
      const top = oy * strideH - padTop;
      const firstH = firstTap(top, dilationH), endH = endTap(top, dilationH, height, kernelH);
      for (let ox: i32 = 0; ox < outWidth; ox++, pooled += pixel) {
        const left = ox * strideW - padLeft;
        const firstW = firstTap(left, dilationW), endW = endTap(left, dilationW, width, kernelW);
        if (firstH >= endH || firstW >= endW) {
          if (select) memory.fill(pooled, 0, pixel); // the window lies in the padding
          continue;
        }
        for (let c: usize = 0; c < pixel; c += 16) {
          const at = firstMaximum(x + c, pixel, width, top, left, dilationH, dilationW, firstH, endH, firstW, endW);
          const to = maps + c;
          const from = pooled + c;
          move(select, to + <usize>i32x4.extract_lane(at, 0) * pixel, from);
          if (c + 4 < pixel) move(select, to + 4 + <usize>i32x4.extract_lane(at, 1) * pixel, from + 4);
          if (c + 8 < pixel) move(select, to + 8 + <usize>i32x4.extract_lane(at, 2) * pixel, from + 8);
          if (c + 12 < pixel) move(select, to + 12 + <usize>i32x4.extract_lane(at, 3) * pixel, from + 12);
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function move(select: bool, map: usize, pooled: usize): void {
  if (select) store<f32>(pooled, load<f32>(map));
  else store<f32>(map, load<f32>(map) + load<f32>(pooled));
}

/**
 * dx: each window's dy goes to its first maximum in row-major order. args: x, dy, dx, G in slots 3 to 17. Unit:
 * one image.
 */
export function maxPoolGradient(args: usize, begin: i32, end: i32): void {
  throughMaxima(false, args, begin, end);
}

/**
 * y = v at each window's first maximum of x; 0 where it meets padding only. args: x, v, y, G in slots 3 to 17.
 * Unit: one image.
 */
export function maxPoolSelect(args: usize, begin: i32, end: i32): void {
  throughMaxima(true, args, begin, end);
}

/** How many taps of a window along one axis count in the divisor. What lies beyond the padding never does. */
// @ts-ignore: decorator
@inline
function counted(start: i32, dilation: i32, size: i32, kernel: i32, padAfter: i32, countPadding: i32): i32 {
  if (countPadding) return endTap(start, dilation, size + padAfter, kernel);
  return endTap(start, dilation, size, kernel) - firstTap(start, dilation);
}

/** y = the average of each window. args: x, y, G in slots 2 to 16, countPadding i32. Unit: one output row (n, oh). */
export function avgPool(args: usize, begin: i32, end: i32): void {
  const height = int(args, 2), width = int(args, 3), channels = int(args, 4);
  const outHeight = int(args, 5), outWidth = int(args, 6);
  const kernelH = int(args, 7), kernelW = int(args, 8), strideH = int(args, 9), strideW = int(args, 10);
  const dilationH = int(args, 11), dilationW = int(args, 12), padTop = int(args, 13), padLeft = int(args, 14);
  const padBottom = int(args, 15), padRight = int(args, 16), countPadding = int(args, 17);
  const pixel = bytes(channels);
  const full = bytes(channels & ~3);
  const stepW = <usize>dilationW * pixel;
  const stepH = <usize>(dilationH * width) * pixel;
  let y = pointer(args, 1) + <usize>begin * outWidth * pixel;
  for (let unit = begin; unit < end; unit++) {
    const image = unit / outHeight;
    const top = (unit - image * outHeight) * strideH - padTop;
    const firstH = firstTap(top, dilationH), endH = endTap(top, dilationH, height, kernelH);
    const countH = counted(top, dilationH, height, kernelH, padBottom, countPadding);
    const map = pointer(args, 0) + <usize>(image * height) * width * pixel;
    for (let ox: i32 = 0; ox < outWidth; ox++) {
      const left = ox * strideW - padLeft;
      const firstW = firstTap(left, dilationW), endW = endTap(left, dilationW, width, kernelW);
      const corner = map + <usize>((top + firstH * dilationH) * width + left + firstW * dilationW) * pixel;
      const countW = counted(left, dilationW, width, kernelW, padRight, countPadding);
      const scale = f32x4.splat(<f32>(1 / <f64>max(countH * countW, 1)));
      for (let c: usize = 0; c < pixel; c += 16) {
        let sum = f32x4.splat(0);
        let row = corner + c;
        for (let ky = firstH; ky < endH; ky++) {
          let p = row;
          for (let kx = firstW; kx < endW; kx++) {
            sum = f32x4.add(sum, v128.load(p));
            p += stepW;
          }
          row += stepH;
        }
        sum = f32x4.mul(sum, scale);
        if (c < full) v128.store(y + c, sum);
        else storeLanes(y + c, sum, channels & 3);
      }
      y += pixel;
    }
  }
}

/**
 * dx of avgPool, gathered: each input pixel sums its share of every window over it. args: dy, dx, G in slots 2
 * to 16, countPadding i32. Unit: one input row (n, h).
 */
export function avgPoolGradient(args: usize, begin: i32, end: i32): void {
  const height = int(args, 2), width = int(args, 3), channels = int(args, 4);
  const outHeight = int(args, 5), outWidth = int(args, 6);
  const kernelH = int(args, 7), kernelW = int(args, 8), strideH = int(args, 9), strideW = int(args, 10);
  const dilationH = int(args, 11), dilationW = int(args, 12), padTop = int(args, 13), padLeft = int(args, 14);
  const padBottom = int(args, 15), padRight = int(args, 16), countPadding = int(args, 17);
  const pixel = bytes(channels);
  const full = bytes(channels & ~3);
  for (let unit = begin; unit < end; unit++) {
    const image = unit / height;
    const h = unit - image * height + padTop;
    const dx = pointer(args, 1) + <usize>unit * width * pixel;
    memory.fill(dx, 0, <usize>width * pixel);
    for (let ky: i32 = 0; ky < kernelH; ky++) {
      const over = h - ky * dilationH;
      const oy = over / strideH;
      if (over < 0 || oy * strideH != over || oy >= outHeight) continue;
      const top = over - padTop;
      const countH = counted(top, dilationH, height, kernelH, padBottom, countPadding);
      const dyRow = pointer(args, 0) + <usize>(image * outHeight + oy) * outWidth * pixel;
      for (let ox: i32 = 0; ox < outWidth; ox++) {
        const left = ox * strideW - padLeft;
        const firstW = firstTap(left, dilationW), endW = endTap(left, dilationW, width, kernelW);
        const countW = counted(left, dilationW, width, kernelW, padRight, countPadding);
        const scale = f32x4.splat(<f32>(1 / <f64>max(countH * countW, 1)));
        const from = dyRow + <usize>ox * pixel;
        for (let kx = firstW; kx < endW; kx++) {
          const to = dx + <usize>(left + kx * dilationW) * pixel;
          for (let c: usize = 0; c < pixel; c += 16) {
            const v = f32x4.add(v128.load(to + c), f32x4.mul(v128.load(from + c), scale));
            if (c < full) v128.store(to + c, v);
            else storeLanes(to + c, v, channels & 3);
          }
        }
      }
    }
  }
}
