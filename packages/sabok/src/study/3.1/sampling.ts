// Reading a square feature map at points between its entries, with the gradients to the map and to the points.
import { Random, tensor, type Tensor } from "../../core/index.ts";
import { affine, evaluate, gridSample, sum } from "../../nn/index.ts";
import { normalTensor } from "../draw.ts";
import { gradientsOf } from "../gradientsOf.ts";

/** plane: 10i + j; bent: (i² + j³) mod 7. */
export type MapName = "plane" | "bent" | "random";

export const mapNames = ["plane", "bent", "random"] as const satisfies readonly MapName[];

/** A feature map [1,1,height,width]; rows are i, columns j, both counted from 0. */
export function featureMap(name: MapName, height: number, width = height): Tensor {
  if (name === "random") {
    const { shape, data } = normalTensor(new Random(5), [1, 1, height, width]);
    // Hundredths, so that the entries can be read.
    return { shape, data: data.map((value) => Math.round(100 * value) / 100) };
  }
  const entry = (i: number, j: number): number => (name === "plane" ? 10 * i + j : (i ** 2 + j ** 3) % 7);
  const entries = Array.from({ length: height * width }, (_, at) =>
    entry(Math.floor(at / width), at % width),
  );
  return tensor([1, 1, height, width], entries);
}

export interface Readings {
  readonly values: readonly number[];
  /** Of the sum of the values, to the map. */
  readonly byMap: readonly number[];
  /** To each point's u and v, in the unit of the points. */
  readonly byU: readonly number[];
  readonly byV: readonly number[];
}

export interface ReadingRule {
  readonly mode?: "bilinear" | "nearest";
  /** From a point's coordinates to the map's: u = scale·x + offset. Default: the same. */
  readonly scale?: number;
  readonly offset?: number;
}

/**
 * A square map read at points [x, y], border values outside. The way from a point to the map's own coordinates is part
 * of the graph, so gradients are in the unit of the points.
 */
export async function readAt(
  map: Tensor,
  points: readonly (readonly [number, number])[],
  { mode = "bilinear", scale = 1, offset = 0 }: ReadingRule = {},
): Promise<Readings> {
  const size = map.shape[3]!;
  const { y, byMap, byPoints } = await evaluate(
    (map, points) => {
      const u = affine(points, { scale, offset });
      // −1 and 1 are the outer edges of the map: u = (grid + 1)·size/2 − ½.
      const grid = affine(u, { scale: 2 / size, offset: 1 / size - 1 });
      const y = gridSample(map, grid, { mode, padding: "border" });
      const [byMap, byPoints] = gradientsOf(sum(y), [map, points]);
      return { y, byMap: byMap!, byPoints: byPoints! };
    },
    [map, tensor([1, points.length, 1, 2], points.flat())],
  );
  return {
    values: [...y.data],
    byMap: [...byMap.data],
    byU: points.map((_, i) => byPoints.data[2 * i]!),
    byV: points.map((_, i) => byPoints.data[2 * i + 1]!),
  };
}
