// ONNX's Resize in sabok's resize. ONNX has more coordinate systems and roundings; what matters is which pixels are read.
import { formatShape } from "../core/index.ts";
import { shapeOf, type Pair, type Value } from "../graph/index.ts";
import { resize } from "../ops/index.ts";
import { resizeTaps, type ResizeRule } from "../ops/resizing.ts";
import { mapAt, rowsAndColumns, sizeOfMap } from "./importMap.ts";
import type { ImportSite } from "./importSite.ts";

/** Longer axes than any image's are not searched for a rule that reads the same pixels. */
const longestAxis = 1 << 16;

/** ONNX's Resize, with every way of coordinates and rounding that reads the pixels one of sabok's rules reads. */
export function importResize(site: ImportSite): Value {
  const x = mapAt(site, 0);
  const length = sizeOfMap(x);
  const { size, factors } = resizeTarget(site, x);
  if (site.int("antialias", 0) !== 0) site.refuse("antialias is 1, which sabok has not");
  site.choice("keep_aspect_ratio_policy", "stretch");
  const ratios = rowsAndColumns.map((axis) => size[axis] / length[axis]);
  const asRatio = factors.every((factor, axis) => Math.fround(factor) === Math.fround(ratios[axis]!));
  const scale = asRatio ? [] : factors;
  const fallback = site.opset < 11 ? "asymmetric" : "half_pixel";
  const transformation = site.choice(
    "coordinate_transformation_mode",
    fallback,
    "half_pixel",
    "asymmetric",
    "align_corners",
    "pytorch_half_pixel",
  );
  const mode = site.choice("mode", "nearest", "linear");
  if (mode === "nearest")
    return site.apply(resize, [x], { size, ...nearestRule(site, length, size, scale, transformation) });
  if (
    transformation === "pytorch_half_pixel" &&
    size.some((out, axis) => out === 1 && length[axis as 0 | 1] > 1)
  )
    site.refuse("pytorch_half_pixel takes the first pixel for an output of one, which sabok has no rule for");
  const coordinates =
    transformation === "align_corners"
      ? "alignCorners"
      : transformation === "asymmetric"
        ? "asymmetric"
        : "halfPixel";
  return site.apply(resize, [x], {
    size,
    mode: "bilinear",
    coordinates,
    scale: coordinates === "alignCorners" ? [] : scale,
  });
}

/** The result's [H,W] and the factors that give it. */
function resizeTarget(site: ImportSite, x: Value): { size: Pair; factors: Pair } {
  const shape = shapeOf(x);
  const axes = site.ints("axes") ?? [...shape.keys()];
  const scales = site.numbers(site.opset < 11 ? 1 : 2);
  const sizes = site.opset < 11 ? undefined : site.numbers(3);
  const given = scales && scales.length > 0 ? scales : sizes;
  if (given?.length !== axes.length)
    return site.refuse(`it has ${given?.length ?? 0} scales or sizes for ${axes.length} axes`);
  const targets = [...shape];
  const factors = shape.map(() => 1);
  for (const [i, axis] of axes.entries()) {
    const dimension = shape[axis];
    if (dimension === undefined) return site.refuse(`its axes are ${formatShape(axes)}`);
    factors[axis] = given === sizes ? given[i]! / dimension : given[i]!;
    targets[axis] = given === sizes ? given[i]! : Math.floor(dimension * factors[axis]);
  }
  if (targets[0] !== shape[0] || targets[1] !== shape[1]) site.refuse("it resizes the batch or the channels");
  return { size: [targets[2]!, targets[3]!], factors: [factors[2]!, factors[3]!] };
}

type Transformation = "half_pixel" | "asymmetric" | "align_corners" | "pytorch_half_pixel";
type NearestRule = Pick<ResizeRule, "mode" | "coordinates" | "scale">;

/** The rule of sabok's that reads the same pixels as ONNX's coordinates and rounding. */
function nearestRule(
  site: ImportSite,
  length: Pair,
  size: Pair,
  scale: readonly number[],
  transformation: Transformation,
): NearestRule {
  const rounding = site.choice("nearest_mode", "round_prefer_floor", "round_prefer_ceil", "floor", "ceil");
  if (transformation === "asymmetric" && (rounding === "floor" || site.opset < 11))
    return { mode: "nearest", coordinates: "asymmetric", scale };
  if (transformation === "half_pixel" && rounding === "round_prefer_ceil")
    return { mode: "nearest", coordinates: "halfPixel", scale };
  if (!size.every((out) => Number.isInteger(out) && out >= 1 && out <= longestAxis))
    site.refuse(`its result is ${size[0]} x ${size[1]}`);
  const round = {
    round_prefer_floor: (u: number) => Math.ceil(u - 0.5),
    round_prefer_ceil: (u: number) => Math.floor(u + 0.5),
    floor: Math.floor,
    ceil: Math.ceil,
  }[rounding];
  const pixels = (axis: 0 | 1): number[] => {
    const step = length[axis] / size[axis];
    const factor = scale[axis] === undefined ? step : 1 / scale[axis];
    const source = (p: number): number => {
      if (transformation === "align_corners")
        return size[axis] > 1 ? (p * (length[axis] - 1)) / (size[axis] - 1) : 0;
      if (transformation === "asymmetric") return p * factor;
      return transformation === "pytorch_half_pixel" && size[axis] === 1 ? 0 : (p + 0.5) * factor - 0.5;
    };
    return Array.from({ length: size[axis] }, (_, p) =>
      Math.min(Math.max(round(source(p)), 0), length[axis] - 1),
    );
  };
  for (const coordinates of ["halfPixel", "asymmetric"] as const) {
    const rule: NearestRule = { mode: "nearest", coordinates, scale };
    if (
      rowsAndColumns.every(
        (axis) => resizeTaps(length[axis], size[axis], axis, rule).low.join() === pixels(axis).join(),
      )
    )
      return rule;
  }
  return site.refuse(
    `nearest with ${transformation} and ${rounding} reads other pixels here than either of sabok's rules`,
  );
}
