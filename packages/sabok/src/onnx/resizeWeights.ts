// Which elements of an axis a resized axis reads, and with which weights: ONNX's definition of Resize, an axis at a time.

/** One axis: its length, its new one, the factor between them, and the part [start,end] of it that is cropped. */
export interface AxisResize {
  readonly length: number;
  readonly outLength: number;
  readonly factor: number;
  readonly start: number;
  readonly end: number;
}

export interface ResizeWay {
  readonly mode: "nearest" | "linear" | "cubic";
  readonly coordinates:
    | "half_pixel"
    | "half_pixel_symmetric"
    | "pytorch_half_pixel"
    | "align_corners"
    | "asymmetric"
    | "tf_half_pixel_for_nn"
    | "tf_crop_and_resize";
  readonly rounding: "round_prefer_floor" | "round_prefer_ceil" | "floor" | "ceil";
  /** The parameter a of the cubic kernel (Keys, 1981). */
  readonly cubicA: number;
  /** Whether elements beyond the ends have no weight; else the end is repeated. */
  readonly excludeOutside: boolean;
  /** Whether a smaller result averages over all it covers. */
  readonly antialias: boolean;
}

interface Tap {
  readonly index: number;
  readonly weight: number;
  /** Whether the place lies outside of the axis. */
  readonly outside: boolean;
}

/** For each new element what it reads. nearest has one tap. */
export function axisTaps(axis: AxisResize, way: ResizeWay): Tap[][] {
  return Array.from({ length: axis.outLength }, (_, p) => tapsAt(sourceOf(p, axis, way), axis, way));
}

/** The taps as rows of a matrix [outLength, length]. */
export function axisWeights(taps: readonly (readonly Tap[])[], length: number): number[][] {
  return taps.map((list) => {
    const row = Array.from({ length }, () => 0);
    for (const { index, weight } of list) row[index]! += weight;
    return row;
  });
}

/** The place on the old axis that belongs to element p of the new one. */
function sourceOf(p: number, { length, outLength, factor, start, end }: AxisResize, way: ResizeWay): number {
  switch (way.coordinates) {
    case "asymmetric":
      return p / factor;
    case "half_pixel":
      return (p + 0.5) / factor - 0.5;
    case "half_pixel_symmetric": {
      // The rounding of the new length is shared by both ends.
      const adjustment = outLength / (factor * length);
      return (length / 2) * (1 - adjustment) + (p + 0.5) / factor - 0.5;
    }
    case "pytorch_half_pixel":
      return outLength > 1 ? (p + 0.5) / factor - 0.5 : 0;
    case "align_corners":
      return outLength > 1 ? (p * (length - 1)) / (outLength - 1) : 0;
    case "tf_half_pixel_for_nn":
      return (p + 0.5) / factor;
    case "tf_crop_and_resize":
      if (outLength === 1) return 0.5 * (start + end) * (length - 1);
      return start * (length - 1) + (p * (end - start) * (length - 1)) / (outLength - 1);
  }
}

function tapsAt(source: number, { length, factor }: AxisResize, way: ResizeWay): Tap[] {
  const outside = source < 0 || source > length - 1;
  const at = (index: number, weight: number): Tap => ({
    index: Math.min(Math.max(index, 0), length - 1),
    weight,
    outside,
  });
  if (way.mode === "nearest") return [at(rounded(source, way.rounding), 1)];
  const stretch = way.antialias ? Math.min(factor, 1) : 1;
  const reach = (way.mode === "linear" ? 1 : 2) / stretch;
  const first = Math.floor(source);
  const ratio = source - first;
  const begin = Math.floor(-reach) + 1;
  const taps: Tap[] = [];
  let total = 0;
  for (let offset = begin; offset <= 1 - begin; offset++) {
    const index = first + offset;
    const distance = Math.abs(offset - ratio) * stretch;
    const weight = way.mode === "linear" ? Math.max(1 - distance, 0) : cubic(distance, way.cubicA);
    const isExcluded = way.excludeOutside && (index < 0 || index >= length);
    if (isExcluded) continue;
    total += weight;
    taps.push(at(index, weight));
  }
  const isNormalized = way.excludeOutside || way.antialias;
  return isNormalized ? taps.map((tap) => ({ ...tap, weight: tap.weight / total })) : taps;
}

function rounded(source: number, rounding: ResizeWay["rounding"]): number {
  if (rounding === "floor") return Math.floor(source);
  if (rounding === "ceil") return Math.ceil(source);
  return rounding === "round_prefer_floor" ? Math.ceil(source - 0.5) : Math.floor(source + 0.5);
}

/** The cubic convolution kernel at a distance from its centre. */
function cubic(distance: number, a: number): number {
  if (distance <= 1) return ((a + 2) * distance - (a + 3)) * distance ** 2 + 1;
  if (distance < 2) return a * (((distance - 5) * distance + 8) * distance - 4);
  return 0;
}
