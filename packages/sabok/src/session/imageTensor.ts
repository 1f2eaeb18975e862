// From pixels to a network's input: one filter for Node and the browser, so both feed the same numbers.
import { SabokError, type Tensor } from "../core/index.ts";

export interface ImageOptions {
  /** Side of the square input in pixels, or [height, width]. Default: the image's own size. */
  readonly size?: number | readonly [height: number, width: number];
  /** Per channel, in [0, 1]: what is subtracted from a pixel. Default 0. One number counts for every channel. */
  readonly mean?: number | readonly number[];
  /** What a pixel is then divided by. Default 1: with `mean` 0, pixels from 0 to 1. */
  readonly std?: number | readonly number[];
  /**
   * "cover" (default): scaled so that it covers the size, what sticks out is cut evenly. "contain": scaled so that all of it is
   * inside, black around. "fill": stretched.
   */
  readonly fit?: "cover" | "contain" | "fill";
  /** The share of what fits that is kept around the centre; 0.875 is Resize(256) then CenterCrop(224). Default 1. */
  readonly crop?: number;
}

/** Pixels [H,W,4] as canvases have them; a browser's ImageData is one. */
export interface Pixels {
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}

const channels = 3;

/**
 * An image as a tensor [1,3,H,W] of (pixel / 255 − mean) / std, transparency over white. Resizing averages by a triangle as wide as
 * the step between samples, as torchvision's Resize does. Throws a SabokError for options that cannot be met.
 */
export function imageTensor(
  pixels: Pixels,
  { size, mean = 0, std = 1, fit = "cover", crop = 1 }: ImageOptions = {},
): Tensor & { readonly data: Float32Array } {
  const [height, width] = sidesOf(size) ?? [pixels.height, pixels.width];
  const [means, stds] = [perChannel("mean", mean), perChannel("std", std)];
  if (!(crop > 0 && crop <= 1))
    throw new SabokError(`fromImage: crop is ${crop}; expected a share above 0 and at most 1.`);
  if (stds.some((deviation) => !(deviation > 0)))
    throw new SabokError(`fromImage: std is ${stds.join(", ")}; expected numbers above 0.`);
  const planes = overWhite(pixels);
  const { source, target } = frames(pixels, [height, width], fit, crop);
  const data = new Float32Array(channels * height * width);
  for (let channel = 0; channel < channels; channel++) {
    const black = -means[channel]! / stds[channel]!;
    const plane = data.subarray(channel * height * width, (channel + 1) * height * width).fill(black);
    const resized = resample(planes[channel]!, pixels, source, target);
    for (let y = 0; y < target.height; y++)
      for (let x = 0; x < target.width; x++)
        plane[(y + target.top) * width + x + target.left] =
          (resized[y * target.width + x]! / 255 - means[channel]!) / stds[channel]!;
  }
  return { shape: [1, channels, height, width], data };
}

interface Frame {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** What part of the image goes to what part of the result. */
function frames(
  pixels: Pixels,
  [height, width]: readonly [number, number],
  fit: NonNullable<ImageOptions["fit"]>,
  crop: number,
): { source: Frame; target: Frame } {
  const whole = { top: 0, left: 0, height, width };
  const steps = [pixels.height / height, pixels.width / width] as const;
  if (fit === "contain" && crop === 1) {
    const step = Math.max(...steps);
    const inside = {
      height: Math.max(1, Math.round(pixels.height / step)),
      width: Math.max(1, Math.round(pixels.width / step)),
    };
    const target = {
      ...inside,
      top: Math.floor((height - inside.height) / 2),
      left: Math.floor((width - inside.width) / 2),
    };
    return { source: { top: 0, left: 0, height: pixels.height, width: pixels.width }, target };
  }
  if (fit === "contain")
    throw new SabokError('fromImage: crop goes with fit "cover" or "fill", not with "contain".');
  const step = Math.min(...steps);
  const source = {
    height: crop * (fit === "fill" ? pixels.height : step * height),
    width: crop * (fit === "fill" ? pixels.width : step * width),
  };
  return {
    source: { ...source, top: (pixels.height - source.height) / 2, left: (pixels.width - source.width) / 2 },
    target: whole,
  };
}

function overWhite({ data, height, width }: Pixels): Float32Array[] {
  const area = height * width;
  if (data.length !== 4 * area || area === 0)
    throw new SabokError(
      `fromImage: got ${data.length} bytes for ${width}x${height} pixels of 4; expected ${4 * area}.`,
    );
  return Array.from({ length: channels }, (_, channel) =>
    Float32Array.from({ length: area }, (_, i) => {
      const alpha = data[4 * i + 3]! / 255;
      return data[4 * i + channel]! * alpha + 255 * (1 - alpha);
    }),
  );
}

interface Tap {
  readonly first: number;
  readonly weights: Float32Array;
}

function resample(
  plane: Float32Array,
  { height, width }: Pixels,
  source: Frame,
  target: Frame,
): Float32Array {
  const rows = taps(height, source.top, source.height, target.height);
  const columns = taps(width, source.left, source.width, target.width);
  const narrow = new Float32Array(height * target.width);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < target.width; x++)
      narrow[y * target.width + x] = weighed(plane, y * width, 1, columns[x]!);
  const out = new Float32Array(target.height * target.width);
  for (let y = 0; y < target.height; y++)
    for (let x = 0; x < target.width; x++)
      out[y * target.width + x] = weighed(narrow, x, target.width, rows[y]!);
  return out;
}

function weighed(values: Float32Array, start: number, stride: number, { first, weights }: Tap): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += weights[i]! * values[start + (first + i) * stride]!;
  return sum;
}

/** For every target index, the source pixels it averages and their weights, which sum to 1. */
function taps(length: number, begin: number, span: number, size: number): Tap[] {
  const step = span / size;
  const radius = Math.max(1, step);
  return Array.from({ length: size }, (_, target) => {
    const centre = begin + (target + 0.5) * step - 0.5;
    const first = Math.max(0, Math.floor(centre - radius) + 1);
    const last = Math.min(length - 1, Math.ceil(centre + radius) - 1);
    const raw = Array.from({ length: last - first + 1 }, (_, i) =>
      Math.max(0, 1 - Math.abs(first + i - centre) / radius),
    );
    const total = raw.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: Float32Array.from(raw, (weight) => weight / total) };
  });
}

function sidesOf(size: ImageOptions["size"]): readonly [number, number] | undefined {
  if (size === undefined) return undefined;
  const sides = typeof size === "number" ? ([size, size] as const) : size;
  if (sides.length === 2 && sides.every((side) => Number.isInteger(side) && side >= 1)) return sides;
  throw new SabokError(
    `fromImage: size is ${sides.join("x")}; expected whole numbers of at least 1, such as 224.`,
  );
}

function perChannel(what: string, given: number | readonly number[]): readonly number[] {
  const list = typeof given === "number" ? [given, given, given] : given;
  if (list.length === channels && list.every(Number.isFinite)) return list;
  throw new SabokError(
    `fromImage: ${what} has ${list.length} numbers (${list.join(", ")}); expected ${channels}: an image is read as red, green and blue.`,
  );
}
