// The binary format of CIFAR-10: records of one label byte and the 32x32 planes red, green, blue.
import { SabokError } from "../core/index.ts";
import type { ImageSet } from "./dataset.ts";

const side = 32;
const imageBytes = 3 * side * side;
const recordBytes = 1 + imageBytes;

/**
 * Reads CIFAR-10 batches, one after the other, into one image set [N,3,32,32]; `where` names a batch in errors.
 * Throws a SabokError for a length that is no whole number of records or a label above 9.
 */
export function parseCifar10(
  batches: readonly { readonly bytes: Uint8Array; readonly where: string }[],
): ImageSet {
  for (const { bytes, where } of batches)
    if (bytes.length === 0 || bytes.length % recordBytes !== 0)
      throw new SabokError(
        `${where}: ${bytes.length} bytes, not a whole number of ${recordBytes}-byte CIFAR-10 records; get it again.`,
      );
  const count = batches.reduce((total, batch) => total + batch.bytes.length / recordBytes, 0);
  const pixels = new Uint8Array(count * imageBytes);
  const labels = new Uint16Array(count);
  let image = 0;
  for (const { bytes, where } of batches) {
    for (let start = 0; start < bytes.length; start += recordBytes) {
      const label = bytes[start]!;
      if (label > 9)
        throw new SabokError(
          `${where}: record ${start / recordBytes} has label ${label}; CIFAR-10 has 0 to 9 (is this CIFAR-100?).`,
        );
      labels[image] = label;
      pixels.set(bytes.subarray(start + 1, start + recordBytes), image * imageBytes);
      image++;
    }
  }
  return { pixels, labels, count, channels: 3, height: side, width: side };
}
