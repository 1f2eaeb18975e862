// The IDX format of MNIST and its relatives: a big-endian header (0, 0, type, rank, dimensions), then the elements.
import { SabokError, formatShape, sizeOf } from "../core/index.ts";
import type { ImageSet } from "./dataset.ts";

export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

const unsignedByte = 0x08;

/**
 * Reads an uncompressed IDX file of unsigned bytes; `where` names the file in errors.
 * Throws a SabokError for another format, another element type, or a length that does not match the header.
 */
export function parseIdx(bytes: Uint8Array, where: string): IdxArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint16(0) !== 0)
    throw new SabokError(`${where}: not an IDX file: it begins with ${hex(bytes)}, an IDX file with 00 00.`);
  const type = view.getUint8(2);
  const rank = view.getUint8(3);
  if (type !== unsignedByte)
    throw new SabokError(
      `${where}: IDX element type 0x${type.toString(16)}; only unsigned bytes (0x8) are read.`,
    );
  const header = 4 + 4 * rank;
  if (bytes.length < header)
    throw new SabokError(`${where}: cut short: ${bytes.length} bytes, its IDX header alone takes ${header}.`);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  if (bytes.length !== header + sizeOf(shape))
    throw new SabokError(
      `${where}: ${bytes.length < header + sizeOf(shape) ? "cut short" : "too long"}: shape ${formatShape(shape)} ` +
        `takes ${header + sizeOf(shape)} bytes, the file has ${bytes.length}; get it again.`,
    );
  return { shape, data: bytes.subarray(header) };
}

/** The image set of an IDX file of grey images [N,H,W] and one of labels [N]. Throws a SabokError where they do not belong together. */
export function imagesFromIdx(images: IdxArray, labels: IdxArray, where: string): ImageSet {
  if (images.shape.length !== 3)
    throw new SabokError(
      `${where}: images of shape ${formatShape(images.shape)}; grey images [N,H,W] are read.`,
    );
  if (labels.shape.length !== 1)
    throw new SabokError(`${where}: labels of shape ${formatShape(labels.shape)}; a list [N] is read.`);
  const [count, height, width] = images.shape as [number, number, number];
  if (labels.shape[0] !== count)
    throw new SabokError(
      `${where}: ${count} images but ${labels.shape[0]} labels; the two files are not a pair.`,
    );
  return { pixels: images.data, labels: Uint16Array.from(labels.data), count, channels: 1, height, width };
}

function hex(bytes: Uint8Array): string {
  if (bytes.length === 0) return "nothing (it is empty)";
  return Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
