// Decoding of one PNG, JPEG or WebP file with sharp into planar pixels. Folders and `sabok predict` read images by this
// one road, so a model is asked about images made the way its training images were.
import { stat } from "node:fs/promises";
import type { default as SharpConstructor, Sharp } from "sharp";
import { SabokError } from "../../core/index.ts";
import { nearestEntries } from "./nearestEntries.ts";

/** The file endings that are read as images. */
export const imageEndings = [".png", ".jpg", ".jpeg", ".webp"] as const;

export interface ImageShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/**
 * Reads an image file as uint8 pixels [channels, height, width]: upright by its EXIF orientation, transparency over
 * white, scaled to cover the size and cut to its centre, grey for 1 channel and sRGB for 3.
 * Throws a SabokError that names the file when it is missing or does not decode.
 */
export async function readImage(path: string, shape: ImageShape): Promise<Uint8Array> {
  if (!(await stat(path).catch(() => undefined))?.isFile())
    throw new SabokError(`${path}: no such image file.${await nearestEntries(path, "file")}`);
  await loadSharp();
  try {
    return await decodeImage(path, shape);
  } catch (error) {
    throw new SabokError(`${path}: does not decode as an image: ${reason(error)}.`, { cause: error });
  }
}

/** As `readImage`, with sharp's own errors. */
export async function decodeImage(
  path: string,
  { channels, height, width }: ImageShape,
): Promise<Uint8Array> {
  const { data, info } = await (
    await openImage(path)
  )
    .flatten({ background: "#ffffff" })
    .resize(width, height, { fit: "cover" })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .removeAlpha()
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== channels)
    throw new Error(`decoded to ${info.channels} channels instead of ${channels}`);
  return planar(data, channels);
}

/** Height, width and whether the image has colours, from the file's header. */
export async function readHeader(path: string): Promise<{ height: number; width: number; colour: boolean }> {
  const { autoOrient, space, channels } = await (await openImage(path)).metadata();
  return { ...autoOrient, colour: channels >= 3 && space !== "b-w" && space !== "grey16" };
}

/** Interleaved pixels [H·W,channels] as planes [channels,H·W]. */
export function planar(interleaved: Uint8Array, channels: number): Uint8Array {
  if (channels === 1) return interleaved;
  const plane = interleaved.length / channels;
  const pixels = new Uint8Array(interleaved.length);
  for (let channel = 0; channel < channels; channel++)
    for (let i = 0; i < plane; i++) pixels[channel * plane + i] = interleaved[i * channels + channel]!;
  return pixels;
}

/** The message of a decoder's error on one line, without the full stop. */
export function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .trim()
    .replaceAll(/\s*\n\s*/g, "; ")
    .replace(/\.$/, "");
}

/**
 * sharp, loaded when the first image is read, so that data sets which need no decoding neither wait for it nor fail
 * without it. Throws a SabokError where this machine has no build of it.
 */
export async function loadSharp(): Promise<typeof SharpConstructor> {
  try {
    return (await import("sharp")).default;
  } catch (error) {
    throw new SabokError(`sharp, which decodes images, does not load: ${reason(error)}.`, { cause: error });
  }
}

async function openImage(path: string): Promise<Sharp> {
  return (await loadSharp())(path, { autoOrient: true });
}
