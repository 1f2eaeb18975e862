// Counter-based dropout: whether an element is kept depends on the seed, the counter and its row-major index in
// the logical (NCHW) shape only, so the gradient is the same kernel over dy, and no mask is stored.
import { bytes, float, int, pointer, storeLanes } from "./simd";

// @ts-ignore: decorator
@inline
function mix(h: v128): v128 {
  h = v128.xor(h, i32x4.shr_u(h, 16));
  h = i32x4.mul(h, i32x4.splat(0x85ebca6b));
  h = v128.xor(h, i32x4.shr_u(h, 13));
  h = i32x4.mul(h, i32x4.splat(0xc2b2ae35));
  return v128.xor(h, i32x4.shr_u(h, 16));
}

/**
 * y = kept ? scale x : 0 over [images][pixels][channels]; kept where hash >> 8 is at least `threshold` (rate
 * 2^24, rounded up). Values that are not rank 4 have pixels 1. args: x, y, counter (pointer to one f32), rows
 * i32 (images * pixels), channels i32, pixels i32, rowsPerUnit i32, seed i32, threshold i32, scale f32. Unit:
 * rowsPerUnit rows. In place.
 */
export function dropout(args: usize, begin: i32, end: i32): void {
  const channels = int(args, 4);
  const pixels = int(args, 5);
  const first = begin * int(args, 6);
  const last = min(end * int(args, 6), int(args, 3));
  const seed = i32x4.splat(int(args, 7));
  const threshold = i32x4.splat(int(args, 8));
  const scale = f32x4.splat(float(args, 9));
  const counter = i32x4.splat(<i32>(<u32>load<f32>(pointer(args, 2)) * 0x9e3779b9));
  const lanes = i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(pixels));
  const step = i32x4.splat(4 * pixels);
  let x = pointer(args, 0) + <usize>first * bytes(channels);
  let y = pointer(args, 1) + <usize>first * bytes(channels);
  for (let row = first; row < last; row++) {
    const image = row / pixels;
    let index = i32x4.add(i32x4.splat(image * channels * pixels + row - image * pixels), lanes);
    for (let c: i32 = 0; c < channels; c += 4) {
      const hash = mix(i32x4.add(mix(v128.xor(index, seed)), counter));
      const kept = i32x4.ge_s(i32x4.shr_u(hash, 8), threshold);
      const v = v128.and(f32x4.mul(v128.load(x + bytes(c)), scale), kept);
      storeLanes(y + bytes(c), v, channels - c);
      index = i32x4.add(index, step);
    }
    x += bytes(channels);
    y += bytes(channels);
  }
}
