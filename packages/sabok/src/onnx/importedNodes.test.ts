// ONNX's operators over any value as other programs write them: sabok's import, run by the float64 reference, against ONNX Runtime.
import * as ort from "onnxruntime-web";
import { describe, expect, test } from "vitest";
import { fromOnnx } from "./fromOnnx.ts";
import { fuzz } from "./testModels.ts";
import { floats, integers, modelOf, nodeError, titleOf, weights, type NodeCase } from "./testNodes.ts";

const cases: readonly NodeCase[] = [
  { op: "Clip", stored: [floats([], -1), floats([], 0.5)] },
  { op: "Clip", stored: [null, floats([], 0.25)] },
  { op: "Clip", stored: [floats([], -0.5)] },
  { op: "Clip", opset: 7, attrs: { min: { float: 0 }, max: { float: 6 } } },
  { op: "Clip", opset: 7, attrs: { min: { float: -3.4028234663852886e38 }, max: { float: 0.5 } } },
  { op: "HardSigmoid" },
  { op: "HardSigmoid", attrs: { alpha: { float: 1 / 6 } } },
  { op: "Softmax", opset: 11, inputs: [[2, 3, 4]], attrs: { axis: 1 } },
  { op: "Softmax", opset: 11, inputs: [[2, 3]] },
  { op: "Softmax", inputs: [[2, 3, 4]], attrs: { axis: 1 } },
  { op: "LogSoftmax", opset: 11, inputs: [[2, 3, 4]], attrs: { axis: 0 } },
  { op: "LeakyRelu" },
  {
    op: "Add",
    inputs: [
      [2, 3, 4],
      [3, 1],
    ],
  },
  { op: "Add", stored: [floats([1, 3, 1, 1], 1, 2, 3)] },
  { op: "Sub", stored: [floats([], 2)] },
  { op: "Div", stored: [floats([], 3)] },
  { op: "Div", inputs: [[2, 3]], stored: [floats([3], 1, 2, 4)] },
  { op: "Sum", inputs: [[2, 3], [3], [2, 1]] },
  { op: "Pow", stored: [floats([], 2)] },
  { op: "Neg" },
  { op: "Gemm", inputs: [[4, 3]], stored: [weights(3, 5), weights(5)] },
  {
    op: "Gemm",
    inputs: [[4, 3]],
    stored: [weights(5, 3), weights(4, 1)],
    attrs: { transB: 1, alpha: { float: 0.5 }, beta: { float: 2 } },
  },
  {
    op: "Gemm",
    inputs: [
      [3, 4],
      [5, 3],
    ],
    attrs: { transA: 1, transB: 1 },
  },
  { op: "MatMul", inputs: [[2, 4, 3]], stored: [weights(3, 5)] },
  { op: "ReduceMean", inputs: [[2, 3, 4, 5]], attrs: { axes: [2, 3] } },
  { op: "ReduceMean", opset: 18, inputs: [[2, 3, 4, 5]], stored: [integers(-1)], attrs: { keepdims: 0 } },
  { op: "ReduceSum", inputs: [[2, 3, 4]], stored: [null], attrs: { noop_with_empty_axes: 1 } },
  { op: "ReduceSum", opset: 11, inputs: [[2, 3, 4]], attrs: { axes: [1], keepdims: 0 } },
  { op: "Reshape", inputs: [[2, 3, 4]], stored: [integers(0, -1)] },
  { op: "Reshape", inputs: [[2, 3, 4]], stored: [integers(4, 1, 6)] },
  { op: "Flatten", inputs: [[2, 3, 4]], attrs: { axis: 2 } },
  { op: "Flatten", inputs: [[2, 3, 4]], attrs: { axis: 0 } },
  { op: "Flatten", inputs: [[2, 3, 4]] },
  { op: "Squeeze", inputs: [[2, 1, 3, 1]] },
  { op: "Squeeze", opset: 11, inputs: [[2, 1, 3, 1]], attrs: { axes: [-1] } },
  { op: "Unsqueeze", inputs: [[2, 3]], stored: [integers(-1, 0)] },
  { op: "Unsqueeze", opset: 11, inputs: [[2, 3]], attrs: { axes: [1] } },
  { op: "Transpose", inputs: [[2, 3, 4]] },
  {
    op: "Concat",
    inputs: [
      [2, 3],
      [2, 1],
    ],
    attrs: { axis: -1 },
  },
  {
    op: "Slice",
    inputs: [[5, 7]],
    stored: [integers(-3, 1), integers(9223372036854775000, -1), integers(1, 0), integers(2, 1)],
  },
  { op: "Slice", opset: 9, inputs: [[5, 7]], attrs: { starts: [1, 0], ends: [3, 100] } },
  { op: "Pad", inputs: [[2, 3]], stored: [integers(1, 0, 0, 2), floats([], 1.5)] },
  { op: "Pad", opset: 10, inputs: [[2, 3]], attrs: { pads: [0, 1, 2, 0], value: { float: -1 } } },
  { op: "Pad", opset: 18, inputs: [[2, 3, 4]], stored: [integers(1, 2), null, integers(-1)] },
  { op: "Expand", inputs: [[3, 1]], stored: [integers(2, 1, 4)] },
  { op: "Dropout" },
  { op: "Clip", stored: [floats([], 1), floats([], -1)] },
  { op: "Clip", inputs: [[2, 3], [], []] },
  { op: "Elu", attrs: { alpha: { float: 0.5 } } },
  { op: "Celu", attrs: { alpha: { float: 0.5 } } },
  { op: "Selu" },
  { op: "PRelu", stored: [weights(3, 1, 1)] },
  { op: "Softplus" },
  { op: "Softsign" },
  { op: "ThresholdedRelu", attrs: { alpha: { float: 0.3 } } },
  { op: "Mish", opset: 18 },
  { op: "Gelu", opset: 20 },
  { op: "Gelu", opset: 20, attrs: { approximate: "tanh" } },
  { op: "Hardmax", inputs: [[2, 5]] },
  { op: "Erf" },
  { op: "Floor" },
  { op: "Round" },
  { op: "Abs" },
  { op: "Mod", inputs: [[2, 3], [3]], attrs: { fmod: 1 } },
  { op: "Pow", inputs: [[2, 3]], stored: [floats([3], 2, 3, 1)] },
  { op: "Max", inputs: [[2, 3], [3], [2, 1]] },
  { op: "Mean", inputs: [[2, 3], [3], [2, 1]] },
  ...["Max", "Min", "Prod", "L1", "L2", "SumSquare", "LogSumExp"].map((name) => ({
    op: `Reduce${name}`,
    opset: 17,
    inputs: [[2, 3, 4]],
    attrs: { axes: [0, 2] },
  })),
  { op: "ReduceMax", opset: 18, inputs: [[2, 3, 4]], stored: [integers(-1)], attrs: { keepdims: 0 } },
  { op: "CumSum", inputs: [[2, 5]], stored: [integers(1)], attrs: { reverse: 1, exclusive: 1 } },
  {
    op: "Einsum",
    inputs: [
      [2, 3, 4],
      [2, 4, 5],
    ],
    attrs: { equation: "bij,bjk->bik" },
  },
  {
    op: "Einsum",
    inputs: [
      [2, 3, 4],
      [4, 3],
    ],
    attrs: { equation: "...ij,ji->..." },
  },
  { op: "Einsum", inputs: [[3, 3]], attrs: { equation: "ii->i" } },
  { op: "Tile", inputs: [[2, 3]], stored: [integers(2, 3)] },
  { op: "Gather", inputs: [[3, 4]], stored: [integers(2, -1)], attrs: { axis: 1 } },
  { op: "Trilu", inputs: [[4, 5]], attrs: { upper: 0 } },
  {
    op: "Slice",
    inputs: [[5, 7]],
    stored: [integers(-1, 5), integers(-100, 0), integers(0, 1), integers(-1, -2)],
  },
  {
    op: "Pad",
    opset: 18,
    inputs: [[2, 3, 4]],
    stored: [integers(0, 2, 1, 0, 1, 3)],
    attrs: { mode: "reflect" },
  },
  { op: "Pad", opset: 18, inputs: [[2, 3]], stored: [integers(1, 0, 2, 2)], attrs: { mode: "edge" } },
  { op: "Pad", opset: 19, inputs: [[2, 3]], stored: [integers(1, 2, 0, 1)], attrs: { mode: "wrap" } },
  { op: "Pad", inputs: [[2, 5]], stored: [integers(1, -1, 0, -2)] },
  ...["none", "add", "mul", "max", "min"].map((reduction) => ({
    op: "ScatterElements",
    opset: 18,
    inputs: [[3, 4]],
    stored: [
      { dims: [3, 2], dataType: 7, int64Data: [1, -1, 0, 2, 3, -4] },
      floats([3, 2], 1, -2, 0.5, 3, 2, 0.25),
    ],
    attrs: { axis: 1, reduction },
  })),
  {
    op: "Scatter",
    opset: 9,
    inputs: [[3, 2]],
    stored: [{ dims: [1, 2], dataType: 7, int64Data: [2, 0] }, floats([1, 2], 7, 8)],
  },
  ...["none", "add", "mul", "max", "min"].map((reduction) => ({
    op: "ScatterND",
    opset: 18,
    inputs: [[3, 4, 2]],
    stored: [{ dims: [2, 2], dataType: 7, int64Data: [0, 3, -1, 1] }, floats([2, 2], 1, -2, 0.5, 3)],
    attrs: { reduction },
  })),
  {
    op: "GatherND",
    inputs: [[2, 3, 4]],
    stored: [{ dims: [2, 2], dataType: 7, int64Data: [0, 2, 1, -1] }],
  },
  {
    op: "GatherND",
    inputs: [[2, 3, 4]],
    stored: [{ dims: [2, 2, 1], dataType: 7, int64Data: [0, 2, 1, -1] }],
    attrs: { batch_dims: 1 },
  },
  { op: "Shrink", attrs: { bias: { float: 0.25 }, lambd: { float: 0.4 } } },
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
