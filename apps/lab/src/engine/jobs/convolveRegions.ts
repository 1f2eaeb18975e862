// One box of a map pooled three ways, each by the library's own operators: RoIAlign (bilinear), the same points read at the
// nearest cell, RoIPool; with the weight of every cell in every bin, and the gradient back to the map by reverse mode.
import {
  GraphBuilder,
  affine,
  avgPool2d,
  evaluate,
  gridSample,
  mul,
  roiAlign,
  roiPool,
  tensor,
  transpose,
  vectorJacobianProduct,
  type Tensor,
  type Value,
} from "sabok";
import type { JobContext } from "../job.ts";

export interface RegionsRequest {
  /** size² numbers, row by row. */
  readonly map: ArrayLike<number>;
  readonly size: number;
  /** x1, y1, x2, y2 in pixels of the image. */
  readonly box: readonly [number, number, number, number];
  /** Map cells per pixel of the image. */
  readonly spatialScale: number;
  /** Bins along each axis. */
  readonly bins: number;
  /** Samples along each axis of a bin. */
  readonly samplingRatio: number;
  readonly aligned: boolean;
  /** dL/d(result): 1 at this bin and 0 elsewhere, or 1 everywhere. */
  readonly cotangent: number | "ones";
}

export const readings = ["align", "nearest", "pool"] as const;
export type Reading = (typeof readings)[number];

export interface Pooled {
  /** bins² numbers. */
  readonly bins: Float64Array;
  /** For each bin, the weight of each of the size² cells; of RoIPool, 1 for every cell that the bin looks through. */
  readonly weights: Float64Array;
  /** dL/d(map), size² numbers. */
  readonly gradient: Float64Array;
}

export interface RegionsResult {
  /** Points along each axis: bins·samplingRatio. */
  readonly side: number;
  /** Where each point lies, as (column, row) of the map, cell centres being whole numbers; row by row. */
  readonly points: Float64Array;
  /** 1 where a point counts, 0 where it lies too far outside the map and reads 0. */
  readonly counted: Float64Array;
  readonly pooled: Readonly<Record<Reading, Pooled>>;
}

/** Cells added around the map to see where points outside it lie. */
const margin = 4;

export async function convolveRegions(
  request: RegionsRequest,
  _context: JobContext<never>,
): Promise<RegionsResult> {
  const { size, bins, samplingRatio, cotangent } = request;
  const side = bins * samplingRatio;
  const map = tensor([1, 1, size, size], Float64Array.from(request.map));
  const cells = tensor(
    [1, size ** 2, size, size],
    Float64Array.from({ length: size ** 4 }, (_, at) => (at % (size ** 2 + 1) === 0 ? 1 : 0)),
  );
  const dy = tensor(
    [1, 1, bins, bins],
    Float64Array.from({ length: bins ** 2 }, (_, bin) => (cotangent === "ones" || cotangent === bin ? 1 : 0)),
  );
  const { points, counted, ...values } = await evaluate(
    (map, cells, dy, ones, coordinates, box, wideBox) => {
      const points = pointsOf(coordinates, wideBox, request);
      const counted = eachPoint(ones, box, request);
      const rules: Record<Reading, (x: Value) => Value> = {
        align: (x) => roiAlign(x, box, { ...rule(request), outputSize: bins, samplingRatio }),
        nearest: (x) => nearest(x, points, counted, request),
        pool: (x) => roiPool(x, box, { outputSize: bins, spatialScale: request.spatialScale }),
      };
      const all = Object.entries(rules).flatMap(([name, pool]) => {
        const y = pool(map);
        const [gradient] = vectorJacobianProduct(new GraphBuilder(), y, dy, [map]);
        return [
          [`${name}.bins`, y],
          [`${name}.weights`, pool(cells)],
          [`${name}.gradient`, gradient!],
        ] as const;
      });
      return { points, counted, ...Object.fromEntries(all) };
    },
    [
      map,
      cells,
      dy,
      tensor([1, 1, size, size], new Float64Array(size ** 2).fill(1)),
      coordinatesOf(size + 2 * margin),
      roiOf(request, 0),
      roiOf(request, margin),
    ],
  );
  const found: Readonly<Record<string, Tensor>> = values;
  const pooledOf = (name: Reading): Pooled => ({
    bins: Float64Array.from(found[`${name}.bins`]!.data),
    weights: byBin(found[`${name}.weights`]!),
    gradient: Float64Array.from(found[`${name}.gradient`]!.data),
  });
  return {
    side,
    points: Float64Array.from(points.data),
    counted: Float64Array.from(counted.data),
    pooled: { align: pooledOf("align"), nearest: pooledOf("nearest"), pool: pooledOf("pool") },
  };
}

const rule = ({ spatialScale, aligned }: RegionsRequest) => ({ spatialScale, aligned });

/** One output a point: bins that hold one sample each, at the same places. */
function eachPoint(x: Value, box: Value, request: RegionsRequest): Value {
  return roiAlign(x, box, {
    ...rule(request),
    outputSize: request.bins * request.samplingRatio,
    samplingRatio: 1,
  });
}

/** [1,side,side,(column,row)]: a map of coordinates read by RoIAlign says where RoIAlign reads. */
function pointsOf(coordinates: Value, wideBox: Value, request: RegionsRequest): Value {
  const read = eachPoint(coordinates, wideBox, request);
  return affine(transpose(read, [0, 2, 3, 1]), { offset: -margin });
}

function nearest(x: Value, points: Value, counted: Value, { size, samplingRatio }: RegionsRequest): Value {
  // −1 and 1 are the outer edges of the map: u = (grid + 1)·size/2 − ½.
  const grid = affine(points, { scale: 2 / size, offset: 1 / size - 1 });
  const read = mul(gridSample(x, grid, { mode: "nearest", padding: "border" }), counted);
  return avgPool2d(read, { kernel: samplingRatio, stride: samplingRatio });
}

/** Two channels: the column and the row of every cell. */
function coordinatesOf(size: number): Tensor {
  const cells = size ** 2;
  return tensor(
    [1, 2, size, size],
    Float64Array.from({ length: 2 * cells }, (_, at) =>
      at < cells ? at % size : Math.floor((at - cells) / size),
    ),
  );
}

function roiOf({ box, spatialScale }: RegionsRequest, shift: number): Tensor {
  return tensor([1, 5], [0, ...box.map((edge) => edge + shift / spatialScale)]);
}

/** [1,cells,bins,bins] turned to bins by cells. */
function byBin({ shape, data }: Tensor): Float64Array {
  const [cells, bins] = [shape[1]!, shape[2]! * shape[3]!];
  return Float64Array.from(
    { length: cells * bins },
    (_, at) => data[(at % cells) * bins + Math.floor(at / cells)]!,
  );
}
