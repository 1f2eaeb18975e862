// ONNX's Resize and Upsample. Where one of sabok's rules reads the same pixels with the same weights it becomes resize; all else
// becomes a linear map along each axis that changes, with the weights of ONNX's definition.
import { formatShape } from "../core/index.ts";
import { shapeOf, type Pair, type Value, mapSizeOf } from "../graph/index.ts";
import { add, affine, mul, resize } from "../ops/index.ts";
import { resizeTaps, type ResizeRule } from "../ops/resizing.ts";
import { alongAxis, pickAlong, rowsAndColumns } from "./importMap.ts";
import type { ImportSite } from "./importSite.ts";
import { axisTaps, axisWeights, type AxisResize, type ResizeWay } from "./resizeWeights.ts";

/** Longer axes than any image's are not resized. */
const longestAxis = 1 << 16;

export function importResize(site: ImportSite): Value {
  const x = site.value(0);
  const axes = resizedAxes(site, x);
  const way = wayOf(site);
  const changed = axes.filter(({ length, outLength, factor }) => length !== outLength || factor !== 1);
  if (
    changed.some(({ outLength }) => !Number.isInteger(outLength) || outLength < 1 || outLength > longestAxis)
  )
    site.refuse(`its result is ${formatShape(axes.map(({ outLength }) => outLength))}`);
  return ruleOfSabok(site, x, axes, way) ?? byWeights(site, x, axes, way);
}

/** Every axis of x with its new length and its factor. */
function resizedAxes(site: ImportSite, x: Value): AxisResize[] {
  const shape = shapeOf(x);
  const isUpsample = site.node.opType === "Upsample";
  const named = (site.ints("axes") ?? [...shape.keys()]).map((axis) =>
    axis < 0 ? axis + shape.length : axis,
  );
  const hasRoi = !isUpsample && site.opset >= 11;
  const scales = (isUpsample ? site.floats("scales") : undefined) ?? site.numbers(hasRoi ? 2 : 1);
  const sizes = hasRoi ? site.numbers(3) : undefined;
  const given = scales && scales.length > 0 ? scales : sizes;
  if (given?.length !== named.length)
    return site.refuse(`it has ${given?.length ?? 0} scales or sizes for ${named.length} axes`);
  const roi = hasRoi ? (site.numbers(1) ?? []) : [];
  const ratios = named.map((axis, i) => (given === sizes ? given[i]! / (shape[axis] ?? 0) : given[i]!));
  const policy = site.choice("keep_aspect_ratio_policy", "stretch", "not_larger", "not_smaller");
  const common = policy === "not_larger" ? Math.min(...ratios) : Math.max(...ratios);
  return shape.map((length, axis): AxisResize => {
    const i = named.indexOf(axis);
    if (i < 0) return { length, outLength: length, factor: 1, start: 0, end: 1 };
    const keepsRatio = given === sizes && policy !== "stretch";
    const factor = keepsRatio ? common : ratios[i]!;
    const exact = given === sizes && !keepsRatio;
    const outLength = exact
      ? given[i]!
      : keepsRatio
        ? Math.round(length * factor)
        : Math.floor(length * factor);
    return { length, outLength, factor, start: roi[i] ?? 0, end: roi[i + named.length] ?? 1 };
  });
}

function wayOf(site: ImportSite): ResizeWay {
  const isOld = site.node.opType === "Upsample" || site.opset < 11;
  return {
    mode: site.choice("mode", "nearest", "linear", "cubic"),
    coordinates: site.choice(
      "coordinate_transformation_mode",
      isOld ? "asymmetric" : "half_pixel",
      "half_pixel",
      "half_pixel_symmetric",
      "pytorch_half_pixel",
      "align_corners",
      "asymmetric",
      "tf_half_pixel_for_nn",
      "tf_crop_and_resize",
    ),
    rounding: site.choice(
      "nearest_mode",
      isOld ? "floor" : "round_prefer_floor",
      "round_prefer_floor",
      "round_prefer_ceil",
      "floor",
      "ceil",
    ),
    cubicA: site.float("cubic_coeff_a", -0.75),
    excludeOutside: site.int("exclude_outside", 0) !== 0,
    antialias: site.int("antialias", 0) !== 0,
  };
}

/** sabok's resize, where it computes the same; undefined where it does not, or the value is no map. */
function ruleOfSabok(
  site: ImportSite,
  x: Value,
  axes: readonly AxisResize[],
  way: ResizeWay,
): Value | undefined {
  const { mode, coordinates, rounding, antialias } = way;
  const [batch, channels, ...spatial] = axes;
  if (spatial.length !== 2 || antialias || mode === "cubic") return undefined;
  if ([batch!, channels!].some(({ length, outLength }) => length !== outLength)) return undefined;
  const [rows, columns] = spatial as [AxisResize, AxisResize];
  const size: Pair = [rows.outLength, columns.outLength];
  const isRatio = spatial.every(
    ({ factor, length, outLength }) => Math.fround(factor) === Math.fround(outLength / length),
  );
  const scale = isRatio ? [] : [rows.factor, columns.factor];
  const apply = (rule: ResizeRule): Value => site.apply(resize, [x], { size, ...rule });
  if (mode === "linear") {
    const names = {
      align_corners: "alignCorners",
      asymmetric: "asymmetric",
      half_pixel: "halfPixel",
      pytorch_half_pixel: "halfPixel",
    } as const;
    const named = names[coordinates as keyof typeof names];
    if (!named) return undefined;
    const isOne = spatial.some(({ length, outLength }) => outLength === 1 && length > 1);
    if (coordinates === "pytorch_half_pixel" && isOne) return undefined;
    return apply({ mode: "bilinear", coordinates: named, scale: named === "alignCorners" ? [] : scale });
  }
  if (coordinates === "asymmetric" && rounding === "floor")
    return apply({ mode: "nearest", coordinates: "asymmetric", scale });
  if (coordinates === "half_pixel" && rounding === "round_prefer_ceil")
    return apply({ mode: "nearest", coordinates: "halfPixel", scale });
  if (coordinates === "tf_crop_and_resize") return undefined;
  for (const named of ["halfPixel", "asymmetric"] as const) {
    const rule: ResizeRule = { mode: "nearest", coordinates: named, scale };
    const reads = (axis: 0 | 1): boolean => {
      const pixels = axisTaps(spatial[axis]!, way).map((taps) => taps[0]!.index);
      return resizeTaps(mapSizeOf(x)[axis], size[axis], axis, rule).low.join() === pixels.join();
    };
    if (rowsAndColumns.every(reads)) return apply(rule);
  }
  return undefined;
}

/** The resizing as linear maps, one an axis. */
function byWeights(site: ImportSite, x: Value, axes: readonly AxisResize[], way: ResizeWay): Value {
  let y = x;
  for (const [axis, along] of axes.entries()) {
    const isSame = along.length === along.outLength && along.factor === 1;
    if (isSame && way.coordinates !== "tf_crop_and_resize") continue;
    const taps = axisTaps(along, way);
    if (way.mode === "nearest")
      y = pickAlong(
        site,
        y,
        axis,
        taps.map((list) => list[0]!.index),
      );
    else {
      const weights = axisWeights(taps, along.length);
      y = alongAxis(site, y, axis, along.outLength, (from, to) => weights[to]![from]!);
    }
  }
  if (way.coordinates !== "tf_crop_and_resize") return y;
  // What lies outside of x takes a value of its own.
  const filling = site.float("extrapolation_value", 0);
  for (const [axis, along] of axes.entries()) {
    const inside = axisTaps(along, way).map((taps) => (taps.length > 0 && !taps[0]!.outside ? 1 : 0));
    if (inside.every((flag) => flag === 1)) continue;
    const mask = site.constant(
      axes.map((_, i) => (i === axis ? inside.length : 1)),
      inside,
    );
    const rest = site.apply(affine, [mask], { scale: -filling, offset: filling });
    y = site.apply(add, [site.apply(mul, [y, mask]), rest]);
  }
  return y;
}
