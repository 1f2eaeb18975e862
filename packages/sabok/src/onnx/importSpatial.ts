// ONNX's operators over maps [N,C,H,W] in sabok's.
import { formatShape } from "../core/index.ts";
import { attributesOf, shapeOf, type Pair, type Padding, type Value } from "../graph/index.ts";
import {
  averagePool2d,
  batchNorm,
  biasAdd,
  concat,
  conv2d,
  conv2dInputGradient,
  globalAveragePool,
  gridSample,
  maxPool2d,
  reshape,
  roiAlign,
  roiPool,
  slice,
} from "../ops/index.ts";
import { importResize } from "./importResize.ts";
import { mapAt, rowsAndColumns, sizeOfMap } from "./importMap.ts";
import type { ImportRule, ImportSite } from "./importSite.ts";

export const importSpatial: Readonly<Record<string, ImportRule>> = {
  Conv(site) {
    const [x, w] = [mapAt(site, 0), mapAt(site, 1)];
    const kernel = sizeOfMap(w);
    const attrs = { ...windowOf(site, x, kernel), groups: site.int("group", 1) };
    return withBias(site, site.apply(conv2d, [x, w], attrs));
  },
  ConvTranspose(site) {
    const [x, w] = [mapAt(site, 0), mapAt(site, 1)];
    const { stride, dilation, padding, size } = transposedWindowOf(site, x, sizeOfMap(w));
    return withBias(
      site,
      site.apply(conv2dInputGradient, [x, w], {
        stride,
        dilation,
        padding,
        size,
        groups: site.int("group", 1),
      }),
    );
  },
  BatchNormalization(site) {
    if (site.int("training_mode", 0) !== 0)
      site.refuse("it is in training mode; sabok imports inference models");
    if (site.int("spatial", 1) !== 1) site.refuse("spatial is 0, which no opset since 9 has");
    return site.apply(
      batchNorm,
      [site.value(0), site.value(1), site.value(2), site.value(3, "buffer"), site.value(4, "buffer")],
      {
        epsilon: site.float("epsilon", 1e-5),
      },
    );
  },
  MaxPool(site) {
    const x = mapAt(site, 0);
    const kernel = pair(site, "kernel_shape") ?? site.refuse("it has no kernel_shape");
    return site.apply(maxPool2d, [x], {
      kernel,
      ...windowOf(site, x, kernel),
      ceilMode: site.int("ceil_mode", 0) !== 0,
    });
  },
  AveragePool(site) {
    const x = mapAt(site, 0);
    const kernel = pair(site, "kernel_shape") ?? site.refuse("it has no kernel_shape");
    const { stride, dilation, padding } = windowOf(site, x, kernel);
    if (dilation.some((step) => step !== 1))
      site.refuse(`dilations are ${formatShape(dilation)}; sabok averages without dilation`);
    const [ceilMode, countIncludePad] = [
      site.int("ceil_mode", 0) !== 0,
      site.int("count_include_pad", 0) !== 0,
    ];
    return site.apply(averagePool2d, [x], { kernel, stride, padding, ceilMode, countIncludePad });
  },
  GlobalAveragePool: (site) => site.apply(globalAveragePool, [mapAt(site, 0)]),
  Resize: importResize,
  GridSample(site) {
    const mode = site.choice(
      "mode",
      site.opset >= 20 ? "linear" : "bilinear",
      "bilinear",
      "linear",
      "nearest",
    );
    return site.apply(gridSample, [mapAt(site, 0), site.value(1)], {
      mode: mode === "nearest" ? "nearest" : "bilinear",
      padding: site.choice("padding_mode", "zeros", "border"),
      alignCorners: site.int("align_corners", 0) !== 0,
    });
  },
  RoiAlign(site) {
    site.choice("mode", "avg");
    const coordinates =
      site.opset < 16
        ? "output_half_pixel"
        : site.choice("coordinate_transformation_mode", "half_pixel", "output_half_pixel");
    return site.apply(roiAlign, [mapAt(site, 0), boxesOf(site)], {
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

function pair(site: ImportSite, name: string): Pair | undefined {
  const list = site.ints(name);
  if (list && list.length !== 2) site.refuse(`${name} is ${formatShape(list)}, expected two numbers`);
  return list as Pair | undefined;
}

function withBias(site: ImportSite, y: Value): Value {
  return site.has(2) ? site.apply(biasAdd, [y, site.value(2)]) : y;
}

/** Stride, dilation and padding of a sliding window, auto_pad resolved. */
function windowOf(
  site: ImportSite,
  x: Value,
  kernel: Pair,
): { stride: Pair; dilation: Pair; padding: Padding } {
  const { stride, dilation } = steps(site, kernel);
  const automatic = site.choice("auto_pad", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID");
  if (automatic === "NOTSET") return { stride, dilation, padding: padsOf(site) };
  if (automatic === "VALID") return { stride, dilation, padding: [0, 0, 0, 0] };
  const totals = rowsAndColumns.map((axis) => {
    const length = sizeOfMap(x)[axis];
    const covered =
      (Math.ceil(length / stride[axis]) - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1;
    return Math.max(covered - length, 0);
  });
  return { stride, dilation, padding: shared(totals, automatic === "SAME_UPPER") };
}

function steps(site: ImportSite, kernel: Pair): { stride: Pair; dilation: Pair } {
  const given = pair(site, "kernel_shape");
  if (given && given.some((length, axis) => length !== kernel[axis as 0 | 1]))
    site.refuse(`kernel_shape is ${formatShape(given)}, but its weight is ${formatShape(kernel)}`);
  return { stride: pair(site, "strides") ?? [1, 1], dilation: pair(site, "dilations") ?? [1, 1] };
}

function padsOf(site: ImportSite): Padding {
  const pads = site.ints("pads") ?? [0, 0, 0, 0];
  if (pads.length !== 4) site.refuse(`pads is ${formatShape(pads)}, expected four numbers`);
  return pads as unknown as Padding;
}

/** A total padding of each axis on its two sides; the odd pixel goes to the end, or to the beginning. */
function shared([rows, columns]: readonly number[], oddToEnd: boolean): Padding {
  const before = (total: number): number => (oddToEnd ? Math.floor(total / 2) : Math.ceil(total / 2));
  const [top, left] = [before(rows!), before(columns!)];
  return [top, left, rows! - top, columns! - left];
}

/** Stride, dilation, padding and result size of a transposed convolution, by the formulas of ONNX's ConvTranspose. */
function transposedWindowOf(
  site: ImportSite,
  x: Value,
  kernel: Pair,
): { stride: Pair; dilation: Pair; padding: Padding; size: Pair } {
  const { stride, dilation } = steps(site, kernel);
  const automatic = site.choice("auto_pad", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID");
  const extra = pair(site, "output_padding") ?? [0, 0];
  const wanted =
    outputShapeOf(site) ??
    (automatic.startsWith("SAME")
      ? rowsAndColumns.map((axis) => sizeOfMap(x)[axis] * stride[axis])
      : undefined);
  const uncut = rowsAndColumns.map(
    (axis) => (sizeOfMap(x)[axis] - 1) * stride[axis] + extra[axis] + dilation[axis] * (kernel[axis] - 1) + 1,
  );
  if (wanted) {
    const totals = rowsAndColumns.map((axis) => Math.max(uncut[axis]! - wanted[axis]!, 0));
    return {
      stride,
      dilation,
      padding: shared(totals, automatic === "SAME_UPPER"),
      size: [wanted[0]!, wanted[1]!],
    };
  }
  const padding: Padding = automatic === "VALID" ? [0, 0, 0, 0] : padsOf(site);
  return {
    stride,
    dilation,
    padding,
    size: [uncut[0]! - padding[0] - padding[2], uncut[1]! - padding[1] - padding[3]],
  };
}

/** The last two numbers of output_shape, which may be given for all axes. */
function outputShapeOf(site: ImportSite): readonly number[] | undefined {
  const shape = site.ints("output_shape");
  if (shape && shape.length !== 2 && shape.length !== 4)
    site.refuse(`output_shape is ${formatShape(shape)}, expected [H,W]`);
  return shape?.slice(-2);
}

/** The boxes [R,5] of RoiAlign's two operands: boxes [R,4] and the image of each. */
function boxesOf(site: ImportSite): Value {
  const boxes = site.value(1);
  const indices = site.stored(2);
  const images = indices
    ? site.g.constant({ shape: indices.shape, data: Float64Array.from(indices.data) })
    : site.uncast(2);
  const [whole] = boxes.inputs;
  const column = images.op === reshape.name ? images.inputs[0]! : images;
  if (whole && isColumns(boxes, whole, 1, 4) && isColumns(column, whole, 0, 1)) return whole;
  return site.apply(concat, [site.apply(reshape, [images], { shape: [-1, 1] }), boxes], { axis: 1 });
}

/** Whether a value is `count` columns of boxes [R,5] from `first` on. */
function isColumns(value: Value, whole: Value, first: number, count: number): boolean {
  if (value.op !== slice.name || value.inputs[0] !== whole || shapeOf(whole)[1] !== 5) return false;
  const { starts, sizes, steps: strides } = attributesOf(value, slice);
  return (
    starts.join() === `0,${first}` &&
    sizes[1] === count &&
    strides.join() === "1,1" &&
    sizes[0] === shapeOf(whole)[0]
  );
}
