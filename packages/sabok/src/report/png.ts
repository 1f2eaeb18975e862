// Small PNG files from raw pixels, with nothing but what every browser and Node have.
import { invariant } from "../core/index.ts";

/** Raw uint8 pixels [channels, height, width] with 1 channel (grey) or 3 (red, green, blue). */
export interface Picture {
  readonly pixels: Uint8Array;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** The picture as a PNG file (ISO/IEC 15948): 8 bits a sample, no filter, deflated by the platform. */
export async function encodePng({
  pixels,
  channels,
  height,
  width,
}: Picture): Promise<Uint8Array<ArrayBuffer>> {
  const plane = height * width;
  invariant(
    (channels === 1 || channels === 3) && pixels.length === channels * plane,
    `PNG of ${pixels.length} pixels, ${channels}x${height}x${width}`,
  );
  const rowLength = 1 + width * channels;
  const rows = new Uint8Array(height * rowLength); // every row begins with its filter type, 0: none
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < channels; channel++)
        rows[y * rowLength + 1 + x * channels + channel] = pixels[channel * plane + y * width + x]!;

  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = 8;
  header[9] = channels === 1 ? 0 : 2;
  const parts = [
    signature,
    chunk("IHDR", header),
    chunk("IDAT", await deflate(rows)),
    chunk("IEND", new Uint8Array(0)),
  ];
  const file = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    file.set(part, offset);
    offset += part.length;
  }
  return file;
}

/** The picture as a `data:` URI. */
export async function pngDataUri(picture: Picture): Promise<string> {
  const bytes = await encodePng(picture);
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return `data:image/png;base64,${btoa(binary)}`;
}

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate")); // zlib's format, as PNG wants
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Length, type, data, and the checksum of type and data. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** The cyclic redundancy check of PNG and zlib: the reflected polynomial 0xedb88320. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}
