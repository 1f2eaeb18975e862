import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readHeader, readImage } from "./readImage.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

const folder = temporaryFolder(afterAll);
const file = (name: string) => join(folder, name);

/** Left half red, right half blue. */
const redBlue = Buffer.from(
  Array.from({ length: 4 * 8 }, (_, i) => (i % 8 < 4 ? [255, 0, 0] : [0, 0, 255])).flat(),
);

beforeAll(async () => {
  const image = () => sharp(redBlue, { raw: { width: 8, height: 4, channels: 3 } });
  await image().png().toFile(file("rgb.png"));
  await image().png({ palette: true }).toFile(file("palette.png"));
  await image().webp({ lossless: true }).toFile(file("rgb.webp"));
  await image()
    .jpeg({ quality: 100, chromaSubsampling: "4:4:4" })
    .withMetadata({ orientation: 6 })
    .toFile(file("turned.jpg"));
  await image().toColourspace("cmyk").jpeg({ quality: 100 }).toFile(file("cmyk.jpg"));
  await image().toColourspace("b-w").png().toFile(file("grey.png"));
  await image().toColourspace("rgb16").png().toFile(file("deep.png"));
  await sharp({ create: { width: 4, height: 4, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } })
    .png()
    .toFile(file("clear.png"));
  await writeFile(file("broken.png"), "not an image");
});

describe("readImage", () => {
  it.each(["rgb.png", "palette.png", "rgb.webp", "deep.png"])("reads %s as planes", async (name) => {
    const pixels = await readImage(file(name), { channels: 3, height: 4, width: 8 });
    expect(pixels.length).toBe(3 * 4 * 8);
    expect([pixels[0], pixels[32], pixels[64]]).toEqual([255, 0, 0]);
    expect([pixels[7], pixels[39], pixels[71]]).toEqual([0, 0, 255]);
  });

  it("turns an image upright by its EXIF orientation", async () => {
    expect(await readHeader(file("turned.jpg"))).toMatchObject({ height: 8, width: 4, colour: true });
    const pixels = await readImage(file("turned.jpg"), { channels: 3, height: 8, width: 4 });
    expect(pixels[0]).toBeGreaterThan(200); // red above
    expect(pixels[2 * 32 + 31]).toBeGreaterThan(200); // blue below
  });

  it("makes grey of colour, colour of grey and of CMYK", async () => {
    const grey = await readImage(file("rgb.png"), { channels: 1, height: 4, width: 8 });
    const read = await readImage(file("grey.png"), { channels: 1, height: 4, width: 8 });
    expect(grey.length).toBe(32);
    expect(Math.abs(grey[0]! - read[0]!)).toBeLessThanOrEqual(2);
    const colour = await readImage(file("grey.png"), { channels: 3, height: 4, width: 8 });
    expect(colour[0]).toBe(colour[32]);
    expect((await readImage(file("cmyk.jpg"), { channels: 3, height: 4, width: 8 })).length).toBe(96);
    expect((await readHeader(file("grey.png"))).colour).toBe(false);
  });

  it("puts transparency over white", async () => {
    expect(new Set(await readImage(file("clear.png"), { channels: 3, height: 2, width: 2 }))).toEqual(
      new Set([255]),
    );
    expect(new Set(await readImage(file("clear.png"), { channels: 1, height: 2, width: 2 }))).toEqual(
      new Set([255]),
    );
  });

  it("covers the size and cuts to the centre", async () => {
    const pixels = await readImage(file("rgb.png"), { channels: 3, height: 4, width: 4 });
    expect([pixels[0], pixels[2 * 16 + 3]]).toEqual([255, 255]);
  });

  it("names the file that is missing or does not decode", async () => {
    const shape = { channels: 3, height: 4, width: 4 };
    await expect(readImage(file("brokn.png"), shape)).rejects.toThrow(
      new RegExp(`${file("brokn.png")}: no such image file. Did you mean .*broken.png\\?`),
    );
    await expect(readImage(file("broken.png"), shape)).rejects.toThrow(
      /broken\.png: does not decode as an image: .*unsupported image format/,
    );
  });
});
