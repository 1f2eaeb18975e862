// A reader for the plain tar archives that data sets come in: 512-byte headers, names and octal sizes, nothing else.
import { SabokError } from "../../core/index.ts";

/** The regular files of an uncompressed tar archive, as views of its bytes; `where` names it in the error when it is cut short. */
export function untar(bytes: Uint8Array, where: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const text = (from: number, length: number) =>
    new TextDecoder()
      .decode(bytes.subarray(from, from + length))
      .replace(/\0.*$/s, "")
      .trim();
  let at = 0;
  while (at + 512 <= bytes.length && bytes[at] !== 0) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const kind = text(at + 156, 1);
    if (!Number.isInteger(size) || at + 512 + size > bytes.length)
      throw new SabokError(`${where}: the archive is damaged or cut short; get it again.`);
    if (kind === "" || kind === "0") files.set(text(at, 100), bytes.subarray(at + 512, at + 512 + size));
    at += 512 + 512 * Math.ceil(size / 512);
  }
  return files;
}
