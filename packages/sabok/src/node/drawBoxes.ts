// Boxes drawn on a picture.
import { stat } from "node:fs/promises";
import { SabokError } from "../core/index.ts";
import { loadSharp, reason } from "./data/readImage.ts";
import { nearestEntries } from "./data/nearestEntries.ts";

/** A box in shares of the picture's height and width, with what is written on it. */
export interface LabelledBox {
  readonly label: string;
  readonly box: {
    readonly top: number;
    readonly left: number;
    readonly bottom: number;
    readonly right: number;
  };
}

/** Apart for people who see colours otherwise too (Okabe and Ito, 2008). */
const colours = ["#e69f00", "#56b4e9", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7"];

/** The PNG of an image file with boxes drawn on it, the first on top. Throws a SabokError where the file is missing or does not decode. */
export async function drawBoxes(path: string, boxes: readonly LabelledBox[]): Promise<Uint8Array> {
  if (!(await stat(path).catch(() => undefined))?.isFile())
    throw new SabokError(`${path}: no such image file.${await nearestEntries(path, "file")}`);
  const sharp = await loadSharp();
  try {
    const { data, info } = await sharp(path, { autoOrient: true })
      .png()
      .toBuffer({ resolveWithObject: true });
    const overlay = Buffer.from(overlayOf(boxes, info.width, info.height));
    return await sharp(data)
      .composite([{ input: overlay }])
      .png()
      .toBuffer();
  } catch (error) {
    throw new SabokError(`${path}: does not decode as an image: ${reason(error)}.`, { cause: error });
  }
}

function overlayOf(boxes: readonly LabelledBox[], width: number, height: number): string {
  const line = Math.max(2, Math.round(Math.min(width, height) / 150));
  const font = 6 * line;
  const shapes = boxes.map(({ label, box }, i) => {
    const colour = colours[i % colours.length]!;
    const [left, right] = [box.left, box.right].map((x) => Math.round(Math.min(1, Math.max(0, x)) * width));
    const [top, bottom] = [box.top, box.bottom].map((y) => Math.round(Math.min(1, Math.max(0, y)) * height));
    const textTop = Math.max(0, top! - font - line);
    return (
      `<rect x="${left! + line / 2}" y="${top! + line / 2}" width="${Math.max(0, right! - left! - line)}" height="${Math.max(0, bottom! - top! - line)}" ` +
      `fill="none" stroke="${colour}" stroke-width="${line}"/>` +
      `<rect x="${left}" y="${textTop}" width="${Math.round(label.length * font * 0.62) + 2 * line}" height="${font + line}" fill="${colour}"/>` +
      `<text x="${left! + line}" y="${textTop + font * 0.9}" font-family="sans-serif" font-size="${font}" fill="black">${escaped(label)}</text>`
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${shapes.toReversed().join("")}</svg>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
