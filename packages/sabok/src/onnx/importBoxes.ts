// ONNX's operators that read a map at places that are data, boxes or a grid, in sabok's.
import { attributesOf, shapeOf, type Value } from "../graph/index.ts";
import { concat, gridSample, reshape, roiAlign, roiAlignMax, roiPool, slice } from "../ops/index.ts";
import type { RoiAlignAttrs } from "../ops/rois.ts";
import { mapAt } from "./importMap.ts";
import type { ImportRule, ImportSite } from "./importSite.ts";
import { pair } from "./importWindows.ts";

export const importBoxes: Readonly<Record<string, ImportRule>> = {
  GridSample(site) {
    const fallback = site.opset >= 20 ? "linear" : "bilinear";
    const mode = site.choice("mode", fallback, "bilinear", "linear", "nearest", "bicubic", "cubic");
    return site.apply(gridSample, [mapAt(site, 0), site.value(1)], {
      mode: mode === "linear" ? "bilinear" : mode === "cubic" ? "bicubic" : mode,
      padding: site.choice("padding_mode", "zeros", "border", "reflection"),
      alignCorners: site.int("align_corners", 0) !== 0,
    });
  },
  RoiAlign(site) {
    const spec = site.choice("mode", "avg", "max") === "avg" ? roiAlign : roiAlignMax;
    const coordinates =
      site.opset < 16
        ? "output_half_pixel"
        : site.choice("coordinate_transformation_mode", "half_pixel", "output_half_pixel");
    return site.apply<string, RoiAlignAttrs, 2>(spec, [mapAt(site, 0), boxesOf(site)], {
      outputSize: [site.int("output_height", 1), site.int("output_width", 1)],
      samplingRatio: site.int("sampling_ratio", 0),
      spatialScale: site.float("spatial_scale", 1),
      aligned: coordinates === "half_pixel",
    });
  },
  MaxRoiPool: (site) =>
    site.apply(roiPool, [mapAt(site, 0), site.value(1)], {
      outputSize: pair(site, "pooled_shape") ?? site.refuse("it has no pooled_shape"),
      spatialScale: site.float("spatial_scale", 1),
    }),
};

/** The boxes [R,5] of RoiAlign's two operands: boxes [R,4] and the image of each. */
function boxesOf(site: ImportSite): Value {
  const boxes = site.value(1);
  const images = site.indices(2);
  const [whole] = boxes.inputs;
  const column = images.op === reshape.name ? images.inputs[0]! : images;
  if (whole && isColumns(boxes, whole, 1, 4) && isColumns(column, whole, 0, 1)) return whole;
  return site.apply(concat, [site.apply(reshape, [images], { shape: [-1, 1] }), boxes], { axis: 1 });
}

/** Whether a value is `count` columns of boxes [R,5] from `first` on. */
function isColumns(value: Value, whole: Value, first: number, count: number): boolean {
  if (value.op !== slice.name || value.inputs[0] !== whole || shapeOf(whole)[1] !== 5) return false;
  const { starts, steps: strides } = attributesOf(value, slice);
  const sizes = shapeOf(value);
  return (
    starts.join() === `0,${first}` &&
    sizes[1] === count &&
    strides.join() === "1,1" &&
    sizes[0] === shapeOf(whole)[0]
  );
}
