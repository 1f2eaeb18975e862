// ONNX's operators over maps as other programs write them: sabok's import, run by the float64 reference, against ONNX Runtime.
import * as ort from "onnxruntime-web";
import { describe, expect, test } from "vitest";
import { fromOnnx } from "./fromOnnx.ts";
import { fuzz } from "./testModels.ts";
import { floats, integers, modelOf, nodeError, titleOf, weights, type NodeCase } from "./testNodes.ts";

const kernel3 = { kernel_shape: [3, 3] } as const;

const cases: readonly NodeCase[] = [
  {
    op: "Conv",
    stored: [weights(4, 3, 3, 3), weights(4)],
    attrs: { auto_pad: "SAME_UPPER", strides: [2, 2] },
  },
  { op: "Conv", stored: [weights(4, 3, 2, 4)], attrs: { auto_pad: "SAME_LOWER", strides: [1, 3] } },
  { op: "Conv", stored: [weights(4, 3, 3, 3)], attrs: { auto_pad: "VALID", ...kernel3 } },
  {
    op: "Conv",
    opset: 7,
    stored: [weights(6, 1, 3, 3)],
    attrs: { group: 3, dilations: [2, 1], pads: [1, 2, 3, 0] },
  },
  {
    op: "ConvTranspose",
    stored: [weights(3, 4, 3, 3), weights(4)],
    attrs: { strides: [2, 3], output_padding: [1, 2], pads: [1, 0, 0, 1] },
  },
  { op: "ConvTranspose", stored: [weights(3, 4, 3, 3)], attrs: { strides: [2, 2], auto_pad: "SAME_UPPER" } },
  {
    op: "ConvTranspose",
    stored: [weights(3, 4, 3, 3)],
    attrs: { strides: [2, 2], output_shape: [14, 11], auto_pad: "SAME_LOWER" },
  },
  { op: "ConvTranspose", stored: [weights(3, 2, 3, 3)], attrs: { strides: [3, 3], output_shape: [20, 18] } },
  { op: "MaxPool", attrs: { ...kernel3, strides: [2, 2], auto_pad: "SAME_UPPER" } },
  { op: "MaxPool", opset: 8, attrs: { ...kernel3, pads: [1, 0, 1, 2] } },
  { op: "MaxPool", attrs: { kernel_shape: [2, 2], strides: [2, 3], pads: [1, 1, 1, 1], ceil_mode: 1 } },
  { op: "AveragePool", attrs: { ...kernel3, strides: [2, 2], auto_pad: "SAME_LOWER" } },
  {
    op: "AveragePool",
    attrs: { ...kernel3, strides: [2, 3], pads: [1, 1, 1, 1], ceil_mode: 1, count_include_pad: 1 },
  },
  {
    op: "BatchNormalization",
    opset: 9,
    stored: [weights(3), weights(3), weights(3), floats([3], 0.5, 1, 2)],
  },
  { op: "Resize", stored: [null, floats([4], 1, 1, 2, 2)] },
  { op: "Resize", stored: [null, floats([4], 1, 1, 0.5, 0.5)], attrs: { mode: "linear" } },
  {
    op: "Resize",
    stored: [null, null, integers(1, 3, 14, 9)],
    attrs: { mode: "linear", coordinate_transformation_mode: "align_corners" },
  },
  {
    op: "Resize",
    stored: [null, floats([4], 1, 1, 1.7, 2.3)],
    attrs: { coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" },
  },
  {
    op: "Resize",
    stored: [null, null, integers(1, 3, 14, 12)],
    attrs: { mode: "linear", coordinate_transformation_mode: "pytorch_half_pixel" },
  },
  { op: "Resize", inputs: [[1, 2, 8, 6]], stored: [null, floats([4], 1, 1, 0.5, 0.5)] },
  { op: "Resize", opset: 10, stored: [floats([4], 1, 1, 2, 3)] },
  { op: "Resize", opset: 10, stored: [floats([4], 1, 1, 2, 3)], attrs: { mode: "linear" } },
  {
    op: "GridSample",
    inputs: [
      [1, 2, 5, 6],
      [1, 3, 4, 2],
    ],
  },
  {
    op: "GridSample",
    opset: 20,
    inputs: [
      [1, 2, 5, 6],
      [1, 3, 4, 2],
    ],
    attrs: { mode: "nearest", padding_mode: "border", align_corners: 1 },
  },
  {
    op: "RoiAlign",
    inputs: [[2, 3, 8, 8]],
    stored: [floats([2, 4], 1, 1, 6, 5, 0, 2, 7, 7), integers(1, 0)],
    attrs: { output_height: 2, output_width: 3, sampling_ratio: 2, spatial_scale: { float: 0.5 } },
  },
  {
    op: "RoiAlign",
    opset: 10,
    inputs: [[1, 2, 8, 8]],
    stored: [floats([1, 4], 1, 1, 6, 5), integers(0)],
    attrs: { output_height: 2, output_width: 2 },
  },
  {
    op: "Conv",
    inputs: [[2, 3, 9]],
    stored: [weights(4, 3, 3), weights(4)],
    attrs: { strides: [2], pads: [1, 0] },
  },
  {
    op: "Conv",
    inputs: [[2, 4, 9]],
    stored: [weights(4, 2, 3)],
    attrs: { group: 2, auto_pad: "SAME_UPPER" },
  },
  {
    op: "ConvTranspose",
    inputs: [[2, 3, 5]],
    stored: [weights(3, 2, 3)],
    attrs: { strides: [2], output_padding: [1] },
  },
  { op: "MaxPool", inputs: [[2, 3, 9]], attrs: { kernel_shape: [3], strides: [2], pads: [1, 1] } },
  { op: "AveragePool", inputs: [[2, 3, 9]], attrs: { kernel_shape: [2], ceil_mode: 1, strides: [2] } },
  { op: "AveragePool", opset: 19, attrs: { ...kernel3, dilations: [2, 1], pads: [1, 1, 0, 1] } },
  { op: "LpPool", attrs: { ...kernel3, p: 3, strides: [2, 1], pads: [1, 0, 1, 2] } },
  { op: "GlobalMaxPool" },
  { op: "GlobalLpPool", attrs: { p: 2 } },
  { op: "LRN", inputs: [[1, 7, 3, 2]], attrs: { size: 3, alpha: { float: 0.3 } } },
  { op: "InstanceNormalization", stored: [weights(3), weights(3)] },
  {
    op: "LayerNormalization",
    inputs: [[2, 3, 4]],
    stored: [weights(3, 4), weights(3, 4)],
    attrs: { axis: 1 },
  },
  {
    op: "GroupNormalization",
    opset: 21,
    inputs: [[2, 6, 3, 2]],
    stored: [weights(6), weights(6)],
    attrs: { num_groups: 3 },
  },
  { op: "MeanVarianceNormalization" },
  { op: "LpNormalization", attrs: { axis: 1, p: 1 } },
  { op: "DepthToSpace", inputs: [[1, 8, 2, 3]], attrs: { blocksize: 2 } },
  { op: "DepthToSpace", inputs: [[1, 8, 2, 3]], attrs: { blocksize: 2, mode: "CRD" } },
  { op: "SpaceToDepth", inputs: [[1, 2, 4, 6]], attrs: { blocksize: 2 } },
  { op: "Resize", stored: [null, floats([4], 1, 1, 1.5, 2)], attrs: { mode: "cubic" } },
  {
    op: "Resize",
    stored: [null, null, integers(1, 3, 5, 9)],
    attrs: { mode: "cubic", exclude_outside: 1, cubic_coeff_a: { float: -0.5 } },
  },
  {
    op: "Resize",
    opset: 18,
    stored: [null, null, integers(1, 3, 3, 4)],
    attrs: { mode: "linear", antialias: 1 },
  },
  {
    op: "Resize",
    opset: 18,
    stored: [null, null, integers(1, 3, 3, 4)],
    attrs: { mode: "cubic", antialias: 1 },
  },
  { op: "Resize", inputs: [[1, 2, 6]], stored: [null, floats([3], 1, 1, 2.5)], attrs: { mode: "linear" } },
  { op: "Upsample", opset: 9, stored: [floats([4], 1, 1, 2, 2)] },
  ...["linear", "nearest", "cubic"].flatMap((mode) =>
    ["zeros", "border", "reflection"].flatMap((padding) =>
      [0, 1].map((corners) => ({
        op: "GridSample",
        opset: 20,
        inputs: [
          [2, 2, 5, 6],
          [2, 3, 4, 2],
        ],
        attrs: { mode, padding_mode: padding, align_corners: corners },
      })),
    ),
  ),
  {
    op: "GridSample",
    inputs: [
      [1, 2, 5, 6],
      [1, 3, 4, 2],
    ],
    attrs: { mode: "bicubic" },
  },
  {
    op: "RoiAlign",
    inputs: [[2, 3, 8, 8]],
    stored: [floats([2, 4], 1, 1, 6, 5, 0, 2, 7, 7), integers(1, 0)],
    attrs: {
      mode: "max",
      output_height: 2,
      output_width: 3,
      sampling_ratio: 2,
      spatial_scale: { float: 0.5 },
    },
  },
  {
    op: "MaxUnpool",
    inputs: [[1, 1, 2, 2]],
    stored: [{ dims: [1, 1, 2, 2], dataType: 7, int64Data: [5, 7, 13, 15] }],
    attrs: { kernel_shape: [2, 2], strides: [2, 2] },
  },
];

describe("one node of another program's", () => {
  for (const [i, each] of cases.entries())
    test(titleOf(each, i), async () => {
      expect(await nodeError(ort, each)).toBeLessThan(1e-5);
    });
});

test("damaged, they give SabokErrors only", () => {
  for (const each of cases) expect(fuzz(modelOf(each), (bytes) => fromOnnx(bytes), 50)).toEqual([]);
});
