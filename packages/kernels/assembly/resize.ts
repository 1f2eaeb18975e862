// Resizing NHWC maps: nearest and bilinear, with the coordinate rules of the operator `resize`, in f64 as its
// reference. A resizing R is 11 slots: H, W, C, OH, OW (i32; H and W of the map that resize reads), mode i32 (0
// nearest, 1 bilinear), coordinates i32 (0 asymmetric, 1 half pixel, 2 align corners), then the vertical and
// the horizontal factor as f64 (two slots each), 0 where the step is in/out.
import { bytes, int, pointer, storeLanes } from "./simd";

/** Where output pixel p reads along one axis: the pixel (nearest), or its whole and fractional part (bilinear). */
function source(p: i32, length: i32, outLength: i32, mode: i32, coordinates: i32, factor: f64): f64 {
  const shift: f64 = coordinates == 1 ? 0.5 : 0;
  let u: f64;
  if (length == outLength) u = <f64>p + shift;
  else if (coordinates == 2) u = outLength > 1 ? <f64>p * <f64>(length - 1) / <f64>(outLength - 1) : 0;
  else if (factor == 0) u = (<f64>p + shift) * <f64>length / <f64>outLength;
  else u = (<f64>p + shift) / factor;
  if (mode == 0) return min(floor(factor == 0 ? u : <f64>(<f32>u)), <f64>(length - 1));
  return min(max(u - shift, 0), <f64>(length - 1));
}

/** One output pixel and the four that it reads: y gets their weighted sum, or each gets its share of y added. */
// @ts-ignore: decorator
@inline
function blend(
  backward: bool, y: usize, row: usize, below: usize, left: usize, right: usize, a: f64, b: f64, channels: i32,
): void {
  const w00 = f32x4.splat(<f32>((1 - a) * (1 - b))), w01 = f32x4.splat(<f32>((1 - a) * b));
  const w10 = f32x4.splat(<f32>(a * (1 - b))), w11 = f32x4.splat(<f32>(a * b));
  for (let c: i32 = 0; c < channels; c += 4) {
    const at = bytes(c);
    const p00 = row + left + at, p01 = row + right + at, p10 = below + left + at, p11 = below + right + at;
    if (backward) {
      const v = v128.load(y + at);
      storeLanes(p00, f32x4.add(v128.load(p00), f32x4.mul(v, w00)), channels - c);
      if (b != 0) storeLanes(p01, f32x4.add(v128.load(p01), f32x4.mul(v, w01)), channels - c);
      if (a != 0) storeLanes(p10, f32x4.add(v128.load(p10), f32x4.mul(v, w10)), channels - c);
      if (a * b != 0) storeLanes(p11, f32x4.add(v128.load(p11), f32x4.mul(v, w11)), channels - c);
    } else {
      let v = f32x4.mul(v128.load(p00), w00);
      if (b != 0) v = f32x4.add(v, f32x4.mul(v128.load(p01), w01));
      if (a != 0) v = f32x4.add(v, f32x4.mul(v128.load(p10), w10));
      if (a * b != 0) v = f32x4.add(v, f32x4.mul(v128.load(p11), w11));
      storeLanes(y + at, v, channels - c);
    }
  }
}

/** The output rows [first, last) of all images, numbered through. */
// @ts-ignore: decorator
@inline
function resizeRows(backward: bool, args: usize, first: i32, last: i32): void {
  const height = int(args, 2), width = int(args, 3), channels = int(args, 4);
  const outHeight = int(args, 5), outWidth = int(args, 6);
  const mode = int(args, 7), coordinates = int(args, 8);
  const factorH = load<f64>(args + 36), factorW = load<f64>(args + 44);
  const pixel = bytes(channels);
  let y = pointer(args, 1) + <usize>first * outWidth * pixel;
  for (let out = first; out < last; out++) {
    const image = out / outHeight;
    const v = source(out - image * outHeight, height, outHeight, mode, coordinates, factorH);
    const top = <i32>v;
    const row = pointer(args, 0) + <usize>(image * height + top) * width * pixel;
    const below = top + 1 < height ? row + <usize>width * pixel : row;
    for (let q: i32 = 0; q < outWidth; q++, y += pixel) {
      const u = source(q, width, outWidth, mode, coordinates, factorW);
      const left = <i32>u;
      const at = <usize>left * pixel;
      blend(backward, y, row, below, at, left + 1 < width ? at + pixel : at, v - <f64>top, u - <f64>left, channels);
    }
  }
}

/** y [N, OH, OW, C] from x [N, H, W, C]. args: x, y, R in slots 2 to 12. Unit: one output row (n, oh). */
export function resize(args: usize, begin: i32, end: i32): void {
  resizeRows(false, args, begin, end);
}

/** The transpose: dx [N, H, W, C] from dy [N, OH, OW, C]. args: dx, dy, R in slots 2 to 12. Unit: one image. */
export function resizeGradient(args: usize, begin: i32, end: i32): void {
  const image = bytes(int(args, 2) * int(args, 3) * int(args, 4));
  memory.fill(pointer(args, 0) + <usize>begin * image, 0, <usize>(end - begin) * image);
  resizeRows(true, args, begin * int(args, 5), end * int(args, 5));
}
