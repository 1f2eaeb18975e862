import sharp from "sharp";
import { expect, it } from "vitest";
import { encodePng, pngDataUri } from "./png.ts";

const planarPixels = Uint8Array.from({ length: 3 * 5 * 7 }, (_, i) => (i * 37) % 256);

it.each([1, 3])("is read back by another decoder, %i channels", async (channels) => {
  const pixels = planarPixels.subarray(0, channels * 35);
  const file = await encodePng({ pixels, channels, height: 5, width: 7 });
  const { data, info } = await sharp(file)
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([info.channels, info.height, info.width]).toEqual([channels, 5, 7]);
  const interleaved = Array.from(
    { length: 35 * channels },
    (_, i) => pixels[(i % channels) * 35 + Math.floor(i / channels)],
  );
  expect([...data]).toEqual(interleaved);
});

it("becomes a data URI", async () => {
  const uri = await pngDataUri({ pixels: planarPixels.subarray(0, 35), channels: 1, height: 5, width: 7 });
  expect(uri).toMatch(/^data:image\/png;base64,iVBORw0KGgo[A-Za-z0-9+/]+=*$/);
});
