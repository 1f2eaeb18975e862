// ONNX's operators over maps [N,C,H,W] in sabok's.
import { formatShape, sizeOf } from "../core/index.ts";
import { attributesOf, shapeOf, type Pair, type Padding, type Value } from "../graph/index.ts";
import {
  affine,
  averagePool2d,
  biasAdd,
  concat,
  conv2d,
  conv2dInputGradient,
  div,
  elementary,
  globalAveragePool,
  gridSample,
  maxPool2d,
  maxPool2dSelect,
  mean,
  mul,
  power,
  reduceMax,
  reshape,
  roiAlign,
  roiPool,
  slice,
  sum,
} from "../ops/index.ts";
import { importResize } from "./importResize.ts";
import { alongAxis, asGiven, asMap, mapAt, rowsAndColumns, sizeOfMap } from "./importMap.ts";
import type { ImportRule, ImportSite } from "./importSite.ts";

export const importSpatial: Readonly<Record<string, ImportRule>> = {
  Conv: (site) => convolved(site, site.value(0), site.value(1), site.has(2) ? site.value(2) : undefined),
  ConvTranspose(site) {
    const [x, w] = [mapAt(site, 0), mapAt(site, 1)];
    const { stride, dilation, padding, size } = transposedWindowOf(site, x, sizeOfMap(w));
    const groups = site.int("group", 1);
    return asGiven(
      site,
      withBias(site, site.apply(conv2dInputGradient, [x, w], { stride, dilation, padding, size, groups })),
    );
  },
  MaxPool(site) {
    const x = mapAt(site, 0);
    const kernel = pair(site, "kernel_shape") ?? site.refuse("it has no kernel_shape");
    const window = windowOf(site, x, kernel);
    const attrs = { kernel, ...window, ceilMode: site.int("ceil_mode", 0) !== 0 };
    const y = asGiven(site, site.apply(maxPool2d, [x], attrs));
    if ((site.node.output[1] ?? "") === "") return y;
    // Where each maximum stands in the whole value, counted row by row or column by column.
    const [batch, channels, height, width] = shapeOf(x) as [number, number, number, number];
    const isColumnMajor = site.int("storage_order", 0) !== 0;
    const area = height * width;
    site.expectFeasible(batch * channels * area);
    const places = site.constant(
      [batch, channels, height, width],
      Array.from({ length: batch * channels * area }, (_, i) => {
        const [plane, row, column] = [Math.floor(i / area), Math.floor((i % area) / width), i % width];
        return isColumnMajor ? plane * area + column * height + row : i;
      }),
    );
    return [y, site.typed(asGiven(site, site.apply(maxPool2dSelect, [places, x], attrs)), "int64")];
  },
  AveragePool(site) {
    const x = mapAt(site, 0);
    const kernel = pair(site, "kernel_shape") ?? site.refuse("it has no kernel_shape");
    const { stride, dilation, padding } = windowOf(site, x, kernel);
    const [ceilMode, countIncludePad] = [
      site.int("ceil_mode", 0) !== 0,
      site.int("count_include_pad", 0) !== 0,
    ];
    if (dilation.every((step) => step === 1))
      return asGiven(
        site,
        site.apply(averagePool2d, [x], { kernel, stride, padding, ceilMode, countIncludePad }),
      );
    const window = {
      kernel,
      stride,
      dilation,
      padding: ceilMode ? roundedUp(x, kernel, { stride, dilation, padding }) : padding,
    };
    const ones = site.constant(
      [1, 1, ...sizeOfMap(x)],
      Array.from({ length: sizeOf(sizeOfMap(x)) }, () => 1),
    );
    const sums = windowSums(site, x, window);
    const means = countIncludePad
      ? site.apply(affine, [sums], { scale: 1 / sizeOf(kernel) })
      : site.apply(div, [sums, windowSums(site, ones, window)]);
    return asGiven(site, means);
  },
  LpPool(site) {
    const x = mapAt(site, 0);
    const kernel = pair(site, "kernel_shape") ?? site.refuse("it has no kernel_shape");
    const { stride, dilation, padding } = windowOf(site, x, kernel);
    const isCeil = site.int("ceil_mode", 0) !== 0;
    const window = {
      kernel,
      stride,
      dilation,
      padding: isCeil ? roundedUp(x, kernel, { stride, dilation, padding }) : padding,
    };
    const p = site.int("p", 2);
    return asGiven(
      site,
      norm(site, x, p, (powers) => windowSums(site, powers, window)),
    );
  },
  GlobalLpPool(site) {
    const x = site.value(0);
    const axes = [...shapeOf(x).keys()].slice(2);
    return norm(site, x, site.int("p", 2), (powers) => site.apply(sum, [powers], { axes, keepDims: true }));
  },
  GlobalAveragePool(site) {
    const x = site.value(0);
    if (shapeOf(x).length === 4) return site.apply(globalAveragePool, [x]);
    return site.apply(mean, [x], { axes: [...shapeOf(x).keys()].slice(2), keepDims: true });
  },
  GlobalMaxPool(site) {
    const x = site.value(0);
    return site.apply(reduceMax, [x], { axes: [...shapeOf(x).keys()].slice(2), keepDims: true });
  },
  LRN(site) {
    // y = x / (bias + alpha/size · Σ x² over `size` channels around)^beta
    const x = site.value(0);
    const size = site.int("size", 1);
    const [before, after] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
    const squares = site.apply(power, [x], { exponent: 2 });
    const sums = alongAxis(site, squares, 1, shapeOf(x)[1]!, (from, to) =>
      from >= to - before && from <= to + after ? 1 : 0,
    );
    const base = site.apply(affine, [sums], {
      scale: site.float("alpha", 1e-4) / size,
      offset: site.float("bias", 1),
    });
    return site.apply(mul, [x, site.apply(power, [base], { exponent: -site.float("beta", 0.75) })]);
  },
  Resize: importResize,
  Upsample: importResize,
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

/** (Σ |x|^p)^(1/p), the sum given. */
function norm(site: ImportSite, x: Value, p: number, total: (powers: Value) => Value): Value {
  const powers =
    p === 2
      ? site.apply(power, [x], { exponent: 2 })
      : site.apply(power, [site.apply(elementary, [x], { function: "abs" })], { exponent: p });
  return site.apply(power, [total(powers)], { exponent: 1 / p });
}

/** The sums over the windows of each channel: a depthwise convolution with ones. */
function windowSums(
  site: ImportSite,
  x: Value,
  { kernel, ...window }: { kernel: Pair; stride: Pair; dilation: Pair; padding: Padding },
): Value {
  const groups = shapeOf(x)[1]!;
  const ones = site.constant(
    [groups, 1, ...kernel],
    Array.from({ length: groups * sizeOf(kernel) }, () => 1),
  );
  return site.apply(conv2d, [x, ones], { ...window, groups });
}

/** Padding that ends where a last window, rounded up, does. */
function roundedUp(
  x: Value,
  kernel: Pair,
  { stride, dilation, padding }: { stride: Pair; dilation: Pair; padding: Padding },
): Padding {
  const [bottom, right] = rowsAndColumns.map((axis) => {
    const extent = dilation[axis] * (kernel[axis] - 1) + 1;
    const [before, after] = [padding[axis], padding[axis + 2]!];
    const length = sizeOfMap(x)[axis];
    const count = Math.ceil((length + before + after - extent) / stride[axis]) + 1;
    const isDropped = (count - 1) * stride[axis] >= length + before;
    return Math.max((count - (isDropped ? 2 : 1)) * stride[axis] + extent - length - before, after);
  });
  return [padding[0], padding[1], bottom!, right!];
}

/** A list of two numbers; that of a line, with one, is given its row. */
function pair(site: ImportSite, name: string, ofRow = 1): Pair | undefined {
  const list = site.ints(name);
  if (list?.length === 1 && shapeOf(site.value(0)).length === 3) return [ofRow, list[0]!];
  if (list && list.length !== 2) site.refuse(`${name} is ${formatShape(list)}, expected two numbers`);
  return list as Pair | undefined;
}

/** The convolution that the node's attributes describe, over operands that may be the node's own in another form. */
export function convolved(site: ImportSite, x: Value, w: Value, bias: Value | undefined): Value {
  const [map, weight] = [asMap(site, x), asMap(site, w)];
  const attrs = { ...windowOf(site, map, sizeOfMap(weight)), groups: site.int("group", 1) };
  const y = site.apply(conv2d, [map, weight], attrs);
  return asGiven(site, bias ? site.apply(biasAdd, [y, bias]) : y);
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
  if (pads.length === 2 && shapeOf(site.value(0)).length === 3) return [0, pads[0]!, 0, pads[1]!];
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
  const extra = pair(site, "output_padding", 0) ?? [0, 0];
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
  if (shapeOf(site.value(0)).length === 3 && shape) return [1, shape.at(-1)!];
  if (shape && shape.length !== 2 && shape.length !== 4)
    site.refuse(`output_shape is ${formatShape(shape)}, expected [H,W]`);
  return shape?.slice(-2);
}

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
