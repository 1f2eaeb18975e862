// gzip without Node: the browser's own DecompressionStream, which Node has too.
import { SabokError } from "../core/index.ts";

/** The bytes, decompressed when they are gzip and as they are when not; `where` names them in the error of a damaged file. */
export async function gunzip(bytes: Uint8Array, where: string): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
      .stream()
      .pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    throw new SabokError(`${where}: the gzip data is damaged or cut short; get the file again.`, {
      cause: error,
    });
  }
}
