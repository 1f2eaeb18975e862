// Numbers as colours: channel maps and filters laid side by side on one sheet.
import type { Picture } from "../../shared/picture.ts";

export interface Sheet {
  readonly picture: Picture;
  /** Tiles a row. */
  readonly columns: number;
  readonly tile: { readonly width: number; readonly height: number };
}

type Rgb = readonly [number, number, number];

/** From dark to light with growing lightness: readable without colour too. */
const rising: readonly Rgb[] = [
  [13, 16, 28],
  [28, 42, 84],
  [20, 88, 110],
  [24, 138, 116],
  [122, 184, 84],
  [248, 226, 96],
  [255, 250, 220],
];

/** Negative to positive, white in the middle. */
const signed: readonly Rgb[] = [
  [12, 66, 138],
  [92, 152, 214],
  [246, 246, 244],
  [238, 146, 74],
  [150, 60, 8],
];

function colorAt(stops: readonly Rgb[], share: number): Rgb {
  const place = Math.min(0.99999, Math.max(0, share)) * (stops.length - 1);
  const at = Math.floor(place);
  const part = place - at;
  const [a, b] = [stops[at]!, stops[at + 1]!];
  return [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, a[2] + (b[2] - a[2]) * part];
}

/** How strongly each channel of [C,H,W] answers: the root mean square of its numbers. */
export function channelStrengths(shape: readonly number[], data: Float32Array): number[] {
  const plane = data.length / shape[0]!;
  return Array.from({ length: shape[0]! }, (_, channel) => {
    let sum = 0;
    for (let at = channel * plane; at < (channel + 1) * plane; at++) sum += data[at]! ** 2;
    return Math.sqrt(sum / plane);
  });
}

/** Maps [C,H,W] side by side, those of `order`; each from its own least (dark) to its own greatest (light). */
export function mapSheet(
  [, height, width]: readonly [number, number, number],
  data: Float32Array,
  order: readonly number[],
  columns: number,
): Sheet {
  return sheetOf(order.length, columns, width, height, (tile) => {
    const start = order[tile]! * width * height;
    let [least, most] = [Infinity, -Infinity];
    for (let at = start; at < start + width * height; at++) {
      least = Math.min(least, data[at]!);
      most = Math.max(most, data[at]!);
    }
    const span = most - least;
    return (row, column) =>
      colorAt(rising, span > 0 ? (data[start + row * width + column]! - least) / span : 0);
  });
}

/** Filters [O,I,KH,KW]: those of three inputs in colour, others by their first input; zero is the middle grey or white. */
export function filterSheet(
  shape: readonly number[],
  data: Float32Array,
  count: number,
  columns: number,
): Sheet {
  const [, inputs, kh, kw] = shape as [number, number, number, number];
  const most = data.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-12);
  return sheetOf(count, columns, kw, kh, (tile) => {
    const at = (input: number, row: number, column: number): number =>
      data[((tile * inputs + input) * kh + row) * kw + column]! / most;
    if (inputs === 3)
      return (row, column) => {
        const shade = (input: number): number => 127.5 + 127.5 * at(input, row, column);
        return [shade(0), shade(1), shade(2)];
      };
    return (row, column) => colorAt(signed, 0.5 + 0.5 * at(0, row, column));
  });
}

/** The matrix [O,I] of a pointwise convolution or linear layer; beyond 512 a side it is sampled. */
export function matrixSheet(shape: readonly number[], data: Float32Array): Sheet {
  const [outputs, inputs] = [shape[0]!, shape[1]!];
  const [height, width] = [Math.min(512, outputs), Math.min(512, inputs)];
  // Three standard deviations reach the full colour: one large weight does not bleach the rest.
  const scale = 3 * Math.sqrt(data.reduce((sum, weight) => sum + weight * weight, 0) / data.length) || 1;
  return sheetOf(1, 1, width, height, () => (row, column) => {
    const [o, i] = [Math.floor((row * outputs) / height), Math.floor((column * inputs) / width)];
    return colorAt(signed, 0.5 + (0.5 * data[o * inputs + i]!) / scale);
  });
}

/** Numbers as one row of columns, for a result without a map. */
export function barSheet(data: Float32Array): Sheet {
  const [width, height] = [Math.min(512, data.length), 64];
  const most = data.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-12);
  return sheetOf(1, 1, width, height, () => (row, column) => {
    const value = data[Math.floor((column * data.length) / width)]! / most;
    const level = 0.5 - (row + 0.5) / height;
    const filled = value >= 0 ? level >= 0 && level <= value / 2 : level < 0 && level >= value / 2;
    return filled ? colorAt(signed, value >= 0 ? 0.85 : 0.15) : [238, 238, 236];
  });
}

/** Tiles with one pixel between them (none for a single one), which stays clear. */
function sheetOf(
  count: number,
  columns: number,
  width: number,
  height: number,
  painter: (tile: number) => (row: number, column: number) => Rgb,
): Sheet {
  const gap = count > 1 ? Math.max(1, Math.round(width / 24)) : 0;
  const rows = Math.ceil(count / columns);
  const whole = { width: columns * (width + gap) - gap, height: rows * (height + gap) - gap };
  const data = new Uint8ClampedArray(4 * whole.width * whole.height);
  for (let tile = 0; tile < count; tile++) {
    const paint = painter(tile);
    const [left, top] = [(tile % columns) * (width + gap), Math.floor(tile / columns) * (height + gap)];
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const [red, green, blue] = paint(row, column);
        const at = 4 * ((top + row) * whole.width + left + column);
        data[at] = red;
        data[at + 1] = green;
        data[at + 2] = blue;
        data[at + 3] = 255;
      }
  }
  return { picture: { ...whole, data }, columns, tile: { width, height } };
}
