// A box over an image, as it is dragged: moved and resized within the image, in quarters of a pixel.

/** x1, y1, x2, y2 in pixels of the image. */
export type Box = readonly [x1: number, y1: number, x2: number, y2: number];

export const corners = ["nw", "ne", "sw", "se"] as const;
export type Corner = (typeof corners)[number];

/** Edge of the image in pixels. */
export const imageSize = 32;

/** The smallest edge of a box that is dragged. */
const least = 0.5;
const snap = (value: number): number => Math.round(4 * value) / 4;
const clamp = (value: number, from: number, to: number): number => Math.min(to, Math.max(from, value));

/** Any four numbers as a box within the image, its corners in order. */
export function soundBox([x1, y1, x2, y2]: Box): Box {
  const edges = (a: number, b: number): readonly [number, number] => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)].map((edge) => clamp(snap(edge), 0, imageSize)) as [
      number,
      number,
    ];
    return high - low >= least
      ? [low, high]
      : low + least <= imageSize
        ? [low, low + least]
        : [imageSize - least, imageSize];
  };
  const [left, right] = edges(x1, x2);
  const [top, bottom] = edges(y1, y2);
  return [left, top, right, bottom];
}

/** The whole box moved; at the border of the image it stops and keeps its size. */
export function movedBox([x1, y1, x2, y2]: Box, byX: number, byY: number): Box {
  const left = clamp(snap(x1 + byX), 0, imageSize - (x2 - x1));
  const top = clamp(snap(y1 + byY), 0, imageSize - (y2 - y1));
  return [left, top, left + (x2 - x1), top + (y2 - y1)];
}

/** One corner moved; the opposite one stays, and the box keeps an area. */
export function resizedBox([x1, y1, x2, y2]: Box, corner: Corner, byX: number, byY: number): Box {
  const west = corner.endsWith("w");
  const north = corner.startsWith("n");
  return [
    west ? clamp(snap(x1 + byX), 0, x2 - least) : x1,
    north ? clamp(snap(y1 + byY), 0, y2 - least) : y1,
    west ? x2 : clamp(snap(x2 + byX), x1 + least, imageSize),
    north ? y2 : clamp(snap(y2 + byY), y1 + least, imageSize),
  ];
}

/** How far a key moves: a quarter of a pixel, with Shift four pixels; undefined for other keys. */
export function stepOfKey(key: string, large: boolean): readonly [number, number] | undefined {
  const step = large ? 4 : 0.25;
  switch (key) {
    case "ArrowLeft":
      return [-step, 0];
    case "ArrowRight":
      return [step, 0];
    case "ArrowUp":
      return [0, -step];
    case "ArrowDown":
      return [0, step];
    default:
      return undefined;
  }
}
