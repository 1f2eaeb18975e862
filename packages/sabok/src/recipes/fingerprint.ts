// SHA-256 of bytes and of a data set: how a checkpoint knows its own files and its own images again.
import type { Dataset, ImageSet } from "../data/index.ts";

/** The SHA-256 of bytes, in hexadecimal. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Changes when any pixel, label, class name or split of the data set does, and with nothing else. */
export async function datasetFingerprint({ classes, train, validation, test }: Dataset): Promise<string> {
  const known = new Map<ImageSet, string>();
  const parts: unknown[] = [classes];
  for (const { images, indices } of [train, validation, test]) {
    const content = known.get(images) ?? (await imagesHash(images));
    known.set(images, content);
    parts.push([content, await sha256(bytesOf(indices))]);
  }
  return sha256(new TextEncoder().encode(JSON.stringify(parts)));
}

async function imagesHash({ pixels, labels, channels, height, width }: ImageSet): Promise<string> {
  return [channels, height, width, await sha256(pixels), await sha256(bytesOf(labels))].join(" ");
}

function bytesOf(array: Uint16Array | Uint32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
