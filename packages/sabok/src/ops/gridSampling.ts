// Reading a map at positions that are themselves data (spatial transformers, Jaderberg et al. 2015), as PyTorch's grid_sample.
// The position of a sample moves its weights, so beside each weight stand its derivatives to the two coordinates.
import { ShapeError, formatShape, type Shape, type Tensor } from "../core/index.ts";

export type GridSampleAttrs = {
  /** nearest rounds half to even and passes no gradient to the grid. */
  readonly mode: "bilinear" | "nearest";
  /** What lies outside the map: zeros, or its nearest border pixel. */
  readonly padding: "zeros" | "border";
  /** Whether −1 and 1 mean the centres of the outermost pixels or their outer edges. */
  readonly alignCorners: boolean;
};

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
      const tap = (row: number, column: number, weight: number, byX: number, byY: number): void => {
        if (row < 0 || row >= height || column < 0 || column >= width) return;
        visit(n, sample, { pixel: row * width + column, weight, byX, byY });
      };
      if (attrs.mode === "nearest") {
        tap(roundHalfToEven(v.at), roundHalfToEven(u.at), 1, 0, 0);
        continue;
      }
      const [row, column] = [Math.floor(v.at), Math.floor(u.at)];
      const [a, b] = [v.at - row, u.at - column];
      tap(row, column, (1 - a) * (1 - b), -(1 - a) * u.slope, -(1 - b) * v.slope);
      tap(row, column + 1, (1 - a) * b, (1 - a) * u.slope, -b * v.slope);
      tap(row + 1, column, a * (1 - b), -a * u.slope, (1 - b) * v.slope);
      tap(row + 1, column + 1, a * b, a * u.slope, b * v.slope);
    }
}

/** Where a grid coordinate stands along an axis of pixels, and the derivative of that to the coordinate. */
function pixelCoordinate(
  coordinate: number,
  size: number,
  { padding, alignCorners }: GridSampleAttrs,
): { at: number; slope: number } {
  const slope = (alignCorners ? size - 1 : size) / 2;
  const at = (coordinate + 1) * slope - (alignCorners ? 0 : 0.5);
  if (padding === "border" && at <= 0) return { at: 0, slope: 0 };
  if (padding === "border" && at >= size - 1) return { at: size - 1, slope: 0 };
  return { at, slope };
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
    for (const mode of ["bilinear", "nearest"] as const)
      for (const padding of ["zeros", "border"] as const)
        for (const alignCorners of [false, true]) yield [x, grid, { mode, padding, alignCorners }];
}
