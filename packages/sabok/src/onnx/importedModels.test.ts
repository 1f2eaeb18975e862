// Models as other programs write them: sabok's import, run by the float64 reference, against ONNX Runtime.
import * as ort from "onnxruntime-web";
import { describe, expect, test } from "vitest";
import { interpret } from "../backends/reference/index.ts";
import { Random, sizeOf, type Shape, type Tensor } from "../core/index.ts";
import { fromOnnx } from "./fromOnnx.ts";
import { encodeMessage } from "./protobuf.ts";
import type { MessageInit } from "./schema.ts";
import { attributeTypes } from "./schema.ts";
import { draw, fuzz, relativeError, runOnnx } from "./testModels.ts";

type Attribute = number | string | readonly number[] | { readonly float: number };

interface Case {
  readonly op: string;
  readonly opset?: number;
  /** Shapes of fed inputs. */
  readonly inputs?: readonly Shape[];
  /** Stored operands after them; null leaves one out. */
  readonly stored?: readonly (MessageInit<"TensorProto"> | null)[];
  readonly attrs?: Readonly<Record<string, Attribute>>;
}

const random = new Random(7);

const integers = (...values: number[]): MessageInit<"TensorProto"> => ({
  dims: [values.length],
  dataType: 7,
  int64Data: values,
});
const floats = (shape: Shape, ...values: number[]): MessageInit<"TensorProto"> => ({
  dims: shape,
  dataType: 1,
  floatData: values,
});
const weights = (...shape: number[]): MessageInit<"TensorProto"> =>
  floats(shape, ...draw(shape, random).data);

function attribute(name: string, value: Attribute): MessageInit<"AttributeProto"> {
  if (typeof value === "number") return { name, type: attributeTypes.int, i: value };
  if (typeof value === "string")
    return { name, type: attributeTypes.string, s: new TextEncoder().encode(value) };
  if ("float" in value) return { name, type: attributeTypes.float, f: value.float };
  return { name, type: attributeTypes.ints, ints: value };
}

function modelOf({ op, opset = 17, inputs = [[1, 3, 7, 6]], stored = [], attrs = {} }: Case): Uint8Array {
  const names = [...inputs.map((_, i) => `x${i}`), ...stored.map((proto, i) => (proto ? `w${i}` : ""))];
  return encodeMessage("ModelProto", {
    irVersion: opset < 11 ? 4 : 8,
    opsetImport: [{ domain: "", version: opset }],
    producerName: "another",
    graph: {
      name: "case",
      node: [
        {
          opType: op,
          name: "it",
          input: names,
          output: ["y"],
          attribute: Object.entries(attrs).map(([name, value]) => attribute(name, value)),
        },
      ],
      initializer: stored.flatMap((proto, i) => (proto ? [{ ...proto, name: `w${i}` }] : [])),
      input: inputs.map((shape, i) => ({
        name: `x${i}`,
        type: { tensorType: { elemType: 1, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
      })),
      output: [{ name: "y", type: { tensorType: { elemType: 1 } } }],
    },
  });
}

const kernel3 = { kernel_shape: [3, 3] } as const;

const cases: readonly Case[] = [
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
];

describe("one node of another program's", () => {
  for (const [i, each] of cases.entries())
    test(`${i} ${each.op} opset ${each.opset ?? 17} ${JSON.stringify(each.attrs ?? {})}`, async () => {
      const bytes = modelOf(each);
      const { graph, weights: states } = fromOnnx(bytes);
      const feeds: Record<string, Tensor> = {};
      for (const [name, input] of Object.entries(graph.inputs)) feeds[name] = draw(input.type.shape, random);
      const expected = await runOnnx(ort, bytes, feeds);
      const actual = interpret(graph, feeds, states).outputs;
      expect(sizeOf(actual["y"]!.shape)).toBeGreaterThan(0);
      expect(actual["y"]!.shape).toEqual(expected["y"]!.shape);
      expect(relativeError(expected["y"]!, actual["y"]!)).toBeLessThan(1e-5);
    });
});

test("damaged, they give SabokErrors only", () => {
  for (const each of cases) expect(fuzz(modelOf(each), (bytes) => fromOnnx(bytes), 50)).toEqual([]);
});
