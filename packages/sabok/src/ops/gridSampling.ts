// Reading a map at positions that are themselves data (spatial transformers, Jaderberg et al. 2015), as PyTorch's grid_sample.
// The position of a sample moves its weights, so beside each weight stand its derivatives to the two coordinates.
import { ShapeError, formatShape, type Shape, type Tensor } from "../core/index.ts";

export type GridSampleAttrs = {
  /** nearest rounds half to even and passes no gradient to the grid; bicubic is Keys' cubic convolution with a = −0.75. */
  readonly mode: "bilinear" | "nearest" | "bicubic";
  /** What lies outside the map: zeros, its nearest border pixel, or the map mirrored at its border. */
  readonly padding: "zeros" | "border" | "reflection";
  /** Whether −1 and 1 mean the centres of the outermost pixels or their outer edges. */
  readonly alignCorners: boolean;
};

export const gridSampleWords = {
  mode: ["bilinear", "nearest", "bicubic"],
  padding: ["zeros", "border", "reflection"],
} satisfies { [K in keyof GridSampleAttrs]?: readonly GridSampleAttrs[K][] };

export const gridSampleDefaults: GridSampleAttrs = {
  mode: "bilinear",
  padding: "zeros",
  alignCorners: false,
};

/** One pixel a sample reads. */
export interface GridTap {
  /** Row-major position within the map. */
  readonly pixel: number;
  readonly weight: number;
  /** The derivatives of the weight to the grid's x and y. */
  readonly byX: number;
  readonly byY: number;
}

/** [N,C,OH,OW] of map [N,C,H,W] read at grid [N,OH,OW,2]; throws where they do not fit. */
export function sampledShape(x: Shape, grid: Shape, where: string): Shape {
  const shapes = `Shapes x ${formatShape(x)}, grid ${formatShape(grid)}.`;
  if (x.length !== 4) throw new ShapeError(`${where}: expected a map [N,C,H,W]. ${shapes}`);
  if (grid.length !== 4 || grid[3] !== 2)
    throw new ShapeError(`${where}: expected a grid [N,OH,OW,2] of (x, y). ${shapes}`);
  if (x[0] !== grid[0])
    throw new ShapeError(`${where}: x has ${x[0]} maps but grid is for ${grid[0]}. ${shapes}`);
  return [x[0]!, x[1]!, grid[1]!, grid[2]!];
}

/** Throws unless dy is what sampling gives. */
export function expectSampled(dy: Shape, sampled: Shape, where: string): void {
  if (formatShape(dy) !== formatShape(sampled))
    throw new ShapeError(
      `${where}: dy has shape ${formatShape(dy)}, but sampling gives ${formatShape(sampled)}; they must be equal.`,
    );
}

/** Calls back for every tap of every sample: image n, the sample's row-major place in the output map, and the tap. */
export function forEachGridTap(
  [height, width]: readonly [number, number],
  grid: Tensor,
  attrs: GridSampleAttrs,
  visit: (n: number, sample: number, tap: GridTap) => void,
): void {
  const samples = grid.shape[1]! * grid.shape[2]!;
  for (let n = 0; n < grid.shape[0]!; n++)
    for (let sample = 0; sample < samples; sample++) {
      const at = 2 * (n * samples + sample);
      const u = pixelCoordinate(grid.data[at]!, width, attrs);
      const v = pixelCoordinate(grid.data[at + 1]!, height, attrs);
      if (attrs.mode === "nearest") {
        const [row, column] = [roundHalfToEven(v.at), roundHalfToEven(u.at)];
        if (row < 0 || row >= height || column < 0 || column >= width) continue;
        visit(n, sample, { pixel: row * width + column, weight: 1, byX: 0, byY: 0 });
        continue;
      }
      const columns = axisTaps(u, width, attrs);
      for (const row of axisTaps(v, height, attrs))
        for (const column of columns)
          visit(n, sample, {
            pixel: row.pixel * width + column.pixel,
            weight: row.weight * column.weight,
            byX: row.weight * column.slope,
            byY: row.slope * column.weight,
          });
    }
}

interface AxisTap {
  readonly pixel: number;
  readonly weight: number;
  /** The derivative of the weight to the grid's coordinate. */
  readonly slope: number;
}

/** The pixels of one axis that a sample between them reads. */
function axisTaps(
  { at, slope }: { readonly at: number; readonly slope: number },
  size: number,
  attrs: GridSampleAttrs,
): AxisTap[] {
  const low = Math.floor(at);
  const t = at - low;
  const curve: readonly (readonly [weight: number, slope: number])[] =
    attrs.mode === "bicubic"
      ? [1 + t, t, 1 - t, 2 - t].map((distance, i) => {
          const [weight, change] = cubic(distance);
          return [weight, i < 2 ? change : -change];
        })
      : [
          [1 - t, -1],
          [t, 1],
        ];
  const first = attrs.mode === "bicubic" ? low - 1 : low;
  return curve.flatMap(([weight, change], i) => {
    const pixel = attrs.mode === "bicubic" ? inside(first + i, size, attrs) : first + i;
    return pixel < 0 || pixel >= size ? [] : [{ pixel, weight, slope: change * slope }];
  });
}

/** Keys' kernel with a = −0.75 at a distance from 0 to 2, and its derivative. */
function cubic(distance: number): readonly [weight: number, slope: number] {
  const [a, d] = [-0.75, distance];
  if (d <= 1) return [((a + 2) * d - (a + 3)) * d * d + 1, (3 * (a + 2) * d - 2 * (a + 3)) * d];
  return [((d - 5) * d + 8) * d * a - 4 * a, ((3 * d - 10) * d + 8) * a];
}

/** A bicubic tap's pixel, moved into the map as the padding says. */
function inside(pixel: number, size: number, { padding, alignCorners }: GridSampleAttrs): number {
  if (padding === "zeros") return pixel;
  const moved = padding === "reflection" ? reflected(pixel, size, alignCorners).at : pixel;
  return Math.min(Math.max(moved, 0), size - 1);
}

/** A position mirrored into the map, and the sign with which it moves there. */
function reflected(at: number, size: number, alignCorners: boolean): { at: number; sign: number } {
  // The mirrors are the centres of the outermost pixels, or their outer edges.
  const [low, span] = alignCorners ? [0, size - 1] : [-0.5, size];
  if (span === 0) return { at: 0, sign: 0 };
  const distance = Math.abs(at - low);
  const flips = Math.floor(distance / span);
  const rest = distance - flips * span;
  const sign = at < low ? -1 : 1;
  return flips % 2 === 0 ? { at: rest + low, sign } : { at: span - rest + low, sign: -sign };
}

/** Where a grid coordinate stands along an axis of pixels, and the derivative of that to the coordinate. */
function pixelCoordinate(
  coordinate: number,
  size: number,
  { mode, padding, alignCorners }: GridSampleAttrs,
): { at: number; slope: number } {
  const scale = (alignCorners ? size - 1 : size) / 2;
  const position = (coordinate + 1) * scale - (alignCorners ? 0 : 0.5);
  // Of a bicubic sample each tap is moved into the map, not the sample.
  if (padding === "zeros" || mode === "bicubic") return { at: position, slope: scale };
  const { at, sign } =
    padding === "reflection" ? reflected(position, size, alignCorners) : { at: position, sign: 1 };
  if (at <= 0) return { at: 0, slope: 0 };
  if (at >= size - 1) return { at: size - 1, slope: 0 };
  return { at, slope: sign * scale };
}

function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest < 0.5 || (rest === 0.5 && below % 2 === 0) ? below : below + 1;
}

/** Maps, grids and attributes that tests share. */
export function* gridSamples(): Iterable<readonly [x: Shape, grid: Shape, attrs: GridSampleAttrs]> {
  const shapes: readonly (readonly [Shape, Shape])[] = [
    [
      [2, 3, 4, 5],
      [2, 3, 4, 2],
    ],
    [
      [1, 17, 5, 3],
      [1, 2, 2, 2],
    ],
    [
      [3, 2, 1, 6],
      [3, 1, 5, 2],
    ],
    [
      [1, 1, 1, 1],
      [1, 3, 1, 2],
    ],
  ];
  for (const [x, grid] of shapes)
    for (const mode of ["bilinear", "nearest", "bicubic"] as const)
      for (const padding of ["zeros", "border", "reflection"] as const)
        for (const alignCorners of [false, true]) yield [x, grid, { mode, padding, alignCorners }];
}
