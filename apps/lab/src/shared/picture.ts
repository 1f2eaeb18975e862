// Pictures: read from files, cameras and drawings, made by code, turned to tensors and back to pixels.
import { UserError } from "./feedback.tsx";
import type { Language } from "./words.ts";

/** Pixels as a canvas has them: RGBA, row by row, 0 to 255. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** The longest side that is kept; a larger file is reduced as it is read. Pixels. */
export const longestSide = 1024;

/** Reads an image file. Throws a `UserError` for what is no picture, in the given language. */
export async function readPicture(
  file: Blob & { readonly name?: string },
  language: Language,
): Promise<Picture> {
  try {
    const whole = await createImageBitmap(file);
    const share = Math.min(1, longestSide / Math.max(whole.width, whole.height));
    const picture = pictureOf(whole, Math.max(1, whole.width * share), Math.max(1, whole.height * share));
    whole.close();
    return picture;
  } catch {
    const name = file.name ?? "";
    throw new UserError(
      language === "fa"
        ? `پروندهٔ «\u2068${name}\u2069» را مرورگر تصویر نمی‌شناسد. یک PNG، JPEG یا WebP سالم بدهید.`
        : `The browser cannot read “${name}” as a picture. Give a sound PNG, JPEG or WebP file.`,
    );
  }
}

/** The pixels of something that can be drawn, at a size. */
export function pictureOf(source: CanvasImageSource, width: number, height: number): Picture {
  const [w, h] = [Math.round(width), Math.round(height)];
  const context = new OffscreenCanvas(w, h).getContext("2d", { willReadFrequently: true })!;
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, w, h);
  return {
    width: w,
    height: h,
    data: context.getImageData(0, 0, w, h).data as Uint8ClampedArray<ArrayBuffer>,
  };
}

/** The middle of a picture, cut to a shape and brought to a size. */
export function cropTo(picture: Picture, width: number, height: number): Picture {
  const scale = Math.min(picture.width / width, picture.height / height);
  const [cutWidth, cutHeight] = [width * scale, height * scale];
  const source = new OffscreenCanvas(picture.width, picture.height);
  source.getContext("2d")!.putImageData(imageData(picture), 0, 0);
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
  context.imageSmoothingQuality = "high";
  const [left, top] = [(picture.width - cutWidth) / 2, (picture.height - cutHeight) / 2];
  context.drawImage(source, left, top, cutWidth, cutHeight, 0, 0, width, height);
  return {
    width,
    height,
    data: context.getImageData(0, 0, width, height).data as Uint8ClampedArray<ArrayBuffer>,
  };
}

export function imageData({ width, height, data }: Picture): ImageData {
  return new ImageData(data, width, height);
}

export interface TensorOfOptions {
  /** 1 makes grey values (BT.601). Default 3. */
  readonly channels?: 1 | 3;
  /** Subtracted from values in 0…1, one a channel; then divided by `deviation`. Default 0 and 1. */
  readonly mean?: readonly number[];
  readonly deviation?: readonly number[];
}

/** The picture as [channels,H,W], row-major. */
export function tensorOf(
  { width, height, data }: Picture,
  { channels = 3, mean = [0, 0, 0], deviation = [1, 1, 1] }: TensorOfOptions = {},
): Float32Array<ArrayBuffer> {
  const plane = width * height;
  const out = new Float32Array(channels * plane);
  for (let at = 0; at < plane; at++) {
    const red = data[4 * at]! / 255;
    const green = data[4 * at + 1]! / 255;
    const blue = data[4 * at + 2]! / 255;
    if (channels === 1) out[at] = (0.299 * red + 0.587 * green + 0.114 * blue - mean[0]!) / deviation[0]!;
    else {
      out[at] = (red - mean[0]!) / deviation[0]!;
      out[plane + at] = (green - mean[1]!) / deviation[1]!;
      out[2 * plane + at] = (blue - mean[2]!) / deviation[2]!;
    }
  }
  return out;
}

/**
 * The Lab's own picture, drawn by code: sky, sun, hills, a sail on the water; edges in every direction, flat parts and fine
 * texture, so that filters have something to find. The same pixels on every machine at every call.
 */
export function samplePicture(size = 224): Picture {
  const data = new Uint8ClampedArray(4 * size * size);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const color = sceneAt((column + 0.5) / size, (row + 0.5) / size);
      data.set(color, 4 * (row * size + column));
    }
  return { width: size, height: size, data };
}

/** The colour of the scene at a place in the unit square. */
function sceneAt(x: number, y: number): readonly [number, number, number, number] {
  const shade = (color: readonly [number, number, number], by: number) =>
    [color[0] * by, color[1] * by, color[2] * by, 255] as const;
  const sail = y > 0.3 && y < 0.72 && x > 0.6 - 0.02 && x < 0.6 + 0.52 * (y - 0.3);
  if (sail)
    return shade(Math.floor((y - 0.3) * 24) % 4 === 0 ? [205, 58, 46] : [246, 240, 226], 1 - 0.4 * (x - 0.6));
  if (y > 0.73 && y < 0.79 && x > 0.5 + (y - 0.73) && x < 0.86 - (y - 0.73)) return shade([92, 56, 34], 1);
  if (Math.hypot(x - 0.24, y - 0.24) < 0.105) return shade([255, 209, 92], 1);
  const water = 0.64;
  if (y > water) {
    const glint = Math.sin(90 * y + 6 * Math.sin(14 * x)) * Math.sin(60 * x + 40 * y);
    return shade([38, 108, 142], 0.85 + 0.35 * Math.max(0, glint) + 0.3 * (1 - y));
  }
  const near = 0.56 + 0.05 * Math.sin(9 * x + 1) + 0.012 * Math.sin(61 * x);
  if (y > near)
    return shade([52, 105, 66], 0.8 + 0.25 * (Math.sin(220 * x) * Math.sin(240 * y) > 0.2 ? 1 : 0));
  const far =
    0.47 - 0.16 * Math.max(0, 1 - Math.abs(x - 0.42) * 4) - 0.1 * Math.max(0, 1 - Math.abs(x - 0.8) * 5);
  if (y > far) return shade(y < far + 0.035 ? [236, 238, 242] : [104, 116, 140], 1 - 0.25 * (x % 0.21));
  return shade([126 + 90 * y, 178 + 46 * y, 226], 1);
}
