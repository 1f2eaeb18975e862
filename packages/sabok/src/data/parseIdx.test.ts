import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { SabokError } from "../core/index.ts";
import { gunzip } from "./gunzip.ts";
import { imagesFromIdx, parseIdx } from "./parseIdx.ts";

function idxBytes(shape: readonly number[], data: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(2, 0x08);
  view.setUint8(3, shape.length);
  shape.forEach((dimension, axis) => view.setUint32(4 + 4 * axis, dimension));
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

const pixels = Array.from({ length: 2 * 3 * 4 }, (_, i) => (i * 37) % 256);
const images = idxBytes([2, 3, 4], pixels);
const labels = idxBytes([2], [7, 1]);

describe("parseIdx", () => {
  it("reads back what was written", () => {
    const set = imagesFromIdx(parseIdx(images, "images"), parseIdx(labels, "labels"), "images");
    expect(set).toMatchObject({ count: 2, channels: 1, height: 3, width: 4 });
    expect([...set.pixels]).toEqual(pixels);
    expect([...set.labels]).toEqual([7, 1]);
  });

  it("reads a view that does not begin at its buffer's start", () => {
    const padded = new Uint8Array(images.length + 3);
    padded.set(images, 3);
    expect(parseIdx(padded.subarray(3), "images").shape).toEqual([2, 3, 4]);
  });

  it.each([
    [new Uint8Array([137, 80, 78, 71]), /^f: not an IDX file: it begins with 89 50 4e 47/],
    [new Uint8Array(), /^f: not an IDX file: it begins with nothing/],
    [new Uint8Array([0, 0, 0x0d, 1, 0, 0, 0, 0]), /^f: IDX element type 0xd; only unsigned bytes/],
    [images.subarray(0, 9), /^f: cut short: 9 bytes, its IDX header alone takes 16/],
    [images.subarray(0, -1), /^f: cut short: shape \[2,3,4\] takes 40 bytes, the file has 39/],
    [new Uint8Array([...images, 0]), /^f: too long: shape \[2,3,4\] takes 40 bytes, the file has 41/],
  ])("refuses bad bytes %#", (bytes, message) => {
    expect(() => parseIdx(bytes, "f")).toThrow(message);
    expect(() => parseIdx(bytes, "f")).toThrow(SabokError);
  });

  it("refuses images and labels that are not a pair", () => {
    const image = parseIdx(images, "images");
    expect(() => imagesFromIdx(image, parseIdx(idxBytes([3], [0, 1, 2]), "l"), "f")).toThrow(
      /^f: 2 images but 3 labels/,
    );
    expect(() => imagesFromIdx(parseIdx(labels, "l"), image, "f")).toThrow(/images of shape \[2\]/);
    expect(() => imagesFromIdx(image, image, "f")).toThrow(/labels of shape \[2,3,4\]/);
  });
});

describe("gunzip", () => {
  it("decompresses gzip and leaves other bytes alone", async () => {
    expect([...(await gunzip(gzipSync(images), "f"))]).toEqual([...images]);
    expect(await gunzip(images, "f")).toBe(images);
  });

  it("names a file that is cut short", async () => {
    await expect(gunzip(gzipSync(images).subarray(0, -9), "photos.gz")).rejects.toThrow(
      /^photos\.gz: the gzip data is damaged or cut short/,
    );
  });
});
