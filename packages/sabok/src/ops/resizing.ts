// Where resizing reads: for each output pixel along an axis, two input pixels and the weight of the second.
// resize and its transpose are the same sum over these taps; a backend may take its tables from here.
import { ShapeError, formatShape, type Shape } from "../core/index.ts";
import type { Pair } from "../graph/index.ts";
import { expectPair } from "./shapes.ts";

export type ResizeRule = {
  readonly mode: "nearest" | "bilinear";
  /**
   * Which source position u belongs to output pixel p, with the step s = in/out:
   * "asymmetric" u = p·s; "halfPixel" u = (p + ½)·s − ½; "alignCorners" u = p·(in − 1)/(out − 1).
   * nearest reads pixel ⌊u⌋ (asymmetric: PyTorch's "nearest") or ⌊u + ½⌋ (halfPixel: its "nearest-exact").
   */
  readonly coordinates: "asymmetric" | "halfPixel" | "alignCorners";
  /**
   * Empty: the step is in/out. Or the factors [vertical, horizontal] themselves, as PyTorch uses a given scale_factor
   * unless it recomputes it: the step is 1/factor although the size is ⌊in·factor⌋. alignCorners does not use it.
   */
  readonly scale: readonly number[];
};

export const resizeWords = {
  mode: ["nearest", "bilinear"],
  coordinates: ["asymmetric", "halfPixel", "alignCorners"],
} satisfies { [K in keyof ResizeRule]?: readonly ResizeRule[K][] };

export const resizeRuleDefaults: ResizeRule = { mode: "bilinear", coordinates: "halfPixel", scale: [] };

/** For each output pixel of one axis: y = (1 − weight)·x[low] + weight·x[high]. */
export interface AxisTaps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly weight: Float64Array;
}

/** The taps of one spatial axis (0 vertical, 1 horizontal) that takes `length` pixels to `outLength`. */
export function resizeTaps(
  length: number,
  outLength: number,
  axis: 0 | 1,
  { mode, coordinates, scale }: ResizeRule,
): AxisTaps {
  const taps: AxisTaps = {
    low: new Int32Array(outLength),
    high: new Int32Array(outLength),
    weight: new Float64Array(outLength),
  };
  const shift = coordinates === "halfPixel" ? 0.5 : 0;
  const factor = scale[axis];
  for (let p = 0; p < outLength; p++) {
    let u = p;
    if (length === outLength) u += shift; // an unchanged axis is copied, whatever the factor
    else if (coordinates === "alignCorners") u = outLength > 1 ? (p * (length - 1)) / (outLength - 1) : 0;
    else if (factor === undefined) u = ((p + shift) * length) / outLength;
    else u = (p + shift) / factor;
    if (mode === "nearest") {
      // in/out is exact in whole numbers; a factor such as 1.7 is not, and float32 forgives its rounding, as PyTorch's floorf does.
      const pixel = Math.floor(factor === undefined ? u : Math.fround(u));
      taps.low[p] = taps.high[p] = Math.min(pixel, length - 1);
    } else {
      const clamped = Math.min(Math.max(u - shift, 0), length - 1);
      const low = Math.floor(clamped);
      taps.low[p] = low;
      taps.high[p] = Math.min(low + 1, length - 1);
      taps.weight[p] = clamped - low;
    }
  }
  return taps;
}

/** Calls back for every pixel that resizing x [N,C,H,W] to y [N,C,OH,OW] reads, with the positions in y and x and its weight. */
export function forEachResizeTap(
  x: Shape,
  y: Shape,
  rule: ResizeRule,
  visit: (y: number, x: number, weight: number) => void,
): void {
  const [height, width, outHeight, outWidth] = [x[2]!, x[3]!, y[2]!, y[3]!];
  const rows = resizeTaps(height, outHeight, 0, rule);
  const columns = resizeTaps(width, outWidth, 1, rule);
  for (let plane = 0; plane < x[0]! * x[1]!; plane++)
    for (let p = 0; p < outHeight; p++)
      for (let q = 0; q < outWidth; q++) {
        const yAt = (plane * outHeight + p) * outWidth + q;
        const above = (plane * height + rows.low[p]!) * width;
        const below = (plane * height + rows.high[p]!) * width;
        const [left, right] = [columns.low[q]!, columns.high[q]!];
        const [a, b] = [rows.weight[p]!, columns.weight[q]!];
        visit(yAt, above + left, (1 - a) * (1 - b));
        if (rule.mode === "nearest") continue;
        visit(yAt, above + right, (1 - a) * b);
        visit(yAt, below + left, a * (1 - b));
        visit(yAt, below + right, a * b);
      }
}

/** The shape of an operand [N,C,H,W] resized to the given size; throws where the attributes do not fit. */
export function resizedShape(
  from: Shape,
  size: Pair,
  attribute: "size" | "inputSize",
  { mode, coordinates, scale }: ResizeRule,
  where: string,
): Shape {
  if (from.length !== 4)
    throw new ShapeError(`${where}: got shape ${formatShape(from)}, expected [N,C,H,W].`);
  expectPair(size, 1, attribute, where);
  if (mode === "nearest" && coordinates === "alignCorners")
    throw new ShapeError(
      `${where}: mode nearest has no alignCorners; choose asymmetric (PyTorch's nearest) or halfPixel (nearest-exact).`,
    );
  if (
    scale.length !== 0 &&
    (scale.length !== 2 || scale.some((factor) => !(factor > 0 && factor < Infinity)))
  )
    throw new ShapeError(`${where}: scale is ${formatShape(scale)}, expected [] or two factors above 0.`);
  return [from[0]!, from[1]!, ...size];
}

/** Resizings that tests share: [x, size, rule]. */
export const resizeSamples: readonly (readonly [Shape, Pair, Partial<ResizeRule>])[] = [
  ...([[], [2.5, 0.75]] as const).flatMap((scale) =>
    (
      [
        ["nearest", "asymmetric"],
        ["nearest", "halfPixel"],
        ["bilinear", "asymmetric"],
        ["bilinear", "halfPixel"],
      ] as const
    ).map(([mode, coordinates]) => [[2, 3, 3, 7], [7, 5], { mode, coordinates, scale }] as const),
  ),
  [[1, 1, 1, 1], [1, 1], {}],
  [[1, 17, 4, 4], [8, 8], {}],
  [[1, 17, 4, 4], [8, 8], { mode: "nearest", coordinates: "asymmetric" }],
  [[2, 8, 1, 1], [3, 5], {}],
  [[2, 5, 1, 4], [4, 1], { coordinates: "alignCorners" }],
  [[1, 4, 5, 6], [9, 11], { coordinates: "alignCorners" }],
  [[1, 4, 9, 11], [5, 6], { coordinates: "alignCorners" }],
  [[1, 2, 8, 8], [4, 2], {}],
  [[3, 1, 5, 5], [5, 8], {}],
  [[3, 1, 5, 5], [5, 8], { mode: "nearest" }],
  [[1, 33, 2, 3], [5, 4], {}],
  [[1, 12, 10, 1], [32, 2], { mode: "nearest", coordinates: "asymmetric" }],
  [[1, 1, 7, 6], [3, 4], { coordinates: "asymmetric" }],
  [[2, 7, 6, 6], [6, 6], { coordinates: "alignCorners" }],
  [[1, 2, 9, 8], [4, 4], { mode: "nearest", coordinates: "asymmetric", scale: [0.5, 0.5] }],
  [[1, 3, 4, 4], [6, 6], { coordinates: "alignCorners", scale: [1.5, 1.5] }],
];
