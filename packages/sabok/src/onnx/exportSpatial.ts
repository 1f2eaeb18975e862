// How ONNX says sabok's operators over maps.
import { SabokError, formatShape } from "../core/index.ts";
import { attributesOf, mapSizeOf, shapeOf, type Value } from "../graph/index.ts";
import {
  averagePool2d,
  conv2d,
  conv2dInputGradient,
  gridSample,
  maxPool2d,
  resize,
  roiAlign,
  roiPool,
} from "../ops/index.ts";
import type { MaxPool2dAttrs } from "../ops/pooling.ts";
import {
  castToInt64,
  flag,
  float,
  int,
  ints,
  same,
  string,
  type ExportRule,
  type ExportSite,
} from "./exportSite.ts";

export const exportSpatial = {
  conv2d({ value, inputs, bias, result }) {
    const { stride, dilation, padding, groups } = attributesOf(value, conv2d);
    result("Conv", [...inputs, ...bias], {
      kernel_shape: ints(mapSizeOf(value.inputs[1]!)),
      strides: ints(stride),
      dilations: ints(dilation),
      pads: ints(padding),
      group: int(groups),
    });
  },
  // ONNX's weight is [C, M/group, KH, KW] for C input and M output channels: w [O, C/groups, KH, KW] as it stands.
  conv2dInputGradient({ value, inputs, bias, shapes, result }) {
    const { stride, dilation, padding, groups, size } = attributesOf(value, conv2dInputGradient);
    const kernel = mapSizeOf(value.inputs[1]!);
    const outputPadding = [0, 1].map(
      (axis) =>
        size[axis]! -
        ((shapes[0]![axis + 2]! - 1) * stride[axis]! -
          padding[axis]! -
          padding[axis + 2]! +
          dilation[axis]! * (kernel[axis]! - 1) +
          1),
    );
    result("ConvTranspose", [...inputs, ...bias], {
      kernel_shape: ints(kernel),
      strides: ints(stride),
      dilations: ints(dilation),
      pads: ints(padding),
      output_padding: ints(outputPadding),
      group: int(groups),
    });
  },
  maxPool2d({ value, inputs, opset, result }) {
    result("MaxPool", inputs, poolWindow(value, attributesOf(value, maxPool2d), opset));
  },
  averagePool2d({ value, inputs, opset, result }) {
    const { countIncludePad, ...attrs } = attributesOf(value, averagePool2d);
    const { dilations: _, ...window } = poolWindow(value, { ...attrs, dilation: [1, 1] }, opset);
    result("AveragePool", inputs, { ...window, count_include_pad: flag(countIncludePad) });
  },
  globalAveragePool: same("GlobalAveragePool"),

  resize({ value, inputs: [x], shapes: [from], list, floats, result }) {
    const { size, mode, coordinates, scale } = attributesOf(value, resize);
    const byScale = scale.length > 0 && coordinates !== "alignCorners";
    // An axis that keeps its length is copied, whatever the factor.
    const factors = scale.map((factor, axis) => (from![axis + 2] === size[axis] ? 1 : factor));
    if (byScale && factors.some((factor, axis) => Math.floor(from![axis + 2]! * factor) !== size[axis]))
      throw new SabokError(
        `resize "${value.name}": ONNX makes ⌊length·factor⌋ pixels, which is not size ${formatShape(size)} for scale ${formatShape(scale)}.`,
      );
    result("Resize", byScale ? [x!, "", floats(factors)] : [x!, "", "", list(size)], {
      axes: ints([2, 3]),
      mode: string(mode === "nearest" ? "nearest" : "linear"),
      coordinate_transformation_mode: string(
        { asymmetric: "asymmetric", halfPixel: "half_pixel", alignCorners: "align_corners" }[coordinates],
      ),
      ...(mode === "nearest"
        ? { nearest_mode: string(coordinates === "asymmetric" ? "floor" : "round_prefer_ceil") }
        : {}),
    });
  },
  gridSample({ value, inputs, opset, result }) {
    const { mode, padding, alignCorners } = attributesOf(value, gridSample);
    result("GridSample", inputs, {
      mode: string(opset >= 20 ? { bilinear: "linear", nearest: "nearest", bicubic: "cubic" }[mode] : mode),
      padding_mode: string(padding),
      align_corners: flag(alignCorners),
    });
  },
  roiAlign: (site) => aligned(site, "avg"),
  roiAlignMax: (site) => aligned(site, "max"),
  roiPool({ value, inputs, result }) {
    const { outputSize, spatialScale } = attributesOf(value, roiPool);
    result("MaxRoiPool", inputs, { pooled_shape: ints(outputSize), spatial_scale: float(spatialScale) });
  },
} satisfies Readonly<Record<string, ExportRule>>;

/** Boxes are parted into their corners and the image each belongs to. */
function aligned({ value, inputs: [x, rois], node, list, result }: ExportSite, mode: "avg" | "max"): void {
  const { outputSize, spatialScale, samplingRatio, aligned: isShifted } = attributesOf(value, roiAlign);
  const image = node("Slice", [rois!, list([0]), list([1]), list([1]), list([1])]);
  const box = node("Slice", [rois!, list([1]), list([5]), list([1]), list([1])]);
  const index = node("Cast", [node("Squeeze", [image, list([1])])], castToInt64);
  result("RoiAlign", [x!, box, index], {
    mode: string(mode),
    output_height: int(outputSize[0]),
    output_width: int(outputSize[1]),
    sampling_ratio: int(Math.max(samplingRatio, 0)),
    spatial_scale: float(spatialScale),
    coordinate_transformation_mode: string(isShifted ? "half_pixel" : "output_half_pixel"),
  });
}

/**
 * A pooling's window in ONNX. Before opset 22 the standard's shape rule keeps a last window that begins in the padding, which
 * PyTorch, ONNX Runtime and sabok drop. There ceil_mode is set only where it makes the map larger, and along an axis that
 * drops its last window the padding ends where the window before it does.
 */
function poolWindow(
  value: Value,
  { kernel, stride, dilation, padding, ceilMode }: MaxPool2dAttrs,
  opset: number,
) {
  const [from, to] = [shapeOf(value.inputs[0]!), shapeOf(value)];
  const pads = [...padding];
  let roundUp = ceilMode;
  if (ceilMode && opset < 22) {
    // How far the padded map reaches beyond the last window; negative where part of that window lies outside.
    const left = [0, 1].map((axis) => {
      const extent = dilation[axis]! * (kernel[axis]! - 1) + 1;
      return (
        from[axis + 2]! + padding[axis]! + padding[axis + 2]! - (to[axis + 2]! - 1) * stride[axis]! - extent
      );
    });
    roundUp = left.some((pixels) => pixels < 0);
    for (const [axis, pixels] of left.entries()) if (roundUp && pixels > 0) pads[axis + 2]! -= pixels;
    if (pads.some((pixels) => pixels < 0))
      throw new SabokError(
        `${value.op} "${value.name}": its last window is dropped along one axis and kept along the other; ONNX can say that from opset 22 on.`,
      );
  }
  return {
    kernel_shape: ints(kernel),
    strides: ints(stride),
    dilations: ints(dilation),
    pads: ints(pads),
    ceil_mode: flag(roundUp),
  };
}
