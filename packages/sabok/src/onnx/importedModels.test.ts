// Models as other programs write them: sabok's import, run by the float64 reference, against ONNX Runtime.
import * as ort from "onnxruntime-web";
import { describe, expect, test } from "vitest";
import { interpret } from "../backends/reference/index.ts";
import { Random, sizeOf, type Shape, type Tensor } from "../core/index.ts";
import { withBatch } from "../passes/index.ts";
import { fromOnnx } from "./fromOnnx.ts";
import { encodeMessage } from "./protobuf.ts";
import { runOnnxTest } from "./runOnnxTest.ts";
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
  { op: "DepthToSpace", inputs: [[1, 8, 2, 3]], attrs: { blocksize: 2 } },
  { op: "DepthToSpace", inputs: [[1, 8, 2, 3]], attrs: { blocksize: 2, mode: "CRD" } },
  { op: "SpaceToDepth", inputs: [[1, 2, 4, 6]], attrs: { blocksize: 2 } },
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
];

/** A graph of several nodes over "image", its last result the output "y". */
function chainOf(
  nodes: readonly MessageInit<"NodeProto">[],
  shape: Shape,
  initializer: readonly MessageInit<"TensorProto">[] = [],
  more: MessageInit<"ModelProto"> = {},
): Uint8Array {
  const dim = shape.map((dimValue) => ({ dimValue }));
  return encodeMessage("ModelProto", {
    irVersion: 8,
    opsetImport: [{ domain: "", version: 17 }],
    graph: {
      name: "chain",
      node: nodes,
      initializer,
      input: [{ name: "image", type: { tensorType: { elemType: 1, shape: { dim } } } }],
      output: [{ name: "y", type: { tensorType: { elemType: 1 } } }],
    },
    ...more,
  });
}

const step = (
  opType: string,
  input: string[],
  output: string,
  attrs: Readonly<Record<string, Attribute>> = {},
): MessageInit<"NodeProto"> => ({
  opType,
  input,
  output: [output],
  attribute: Object.entries(attrs).map(([name, value]) => attribute(name, value)),
});

describe("shape arithmetic falls away", () => {
  test("of view(x.size(0), -1), for any batch", () => {
    const bytes = chainOf(
      [
        step("Shape", ["image"], "shape"),
        step("Gather", ["shape", "zero"], "batch"),
        step("Unsqueeze", ["batch", "axis"], "first"),
        step("Concat", ["first", "open"], "to", { axis: 0 }),
        step("Reshape", ["image", "to"], "y"),
      ],
      [2, 3, 4],
      [
        { name: "zero", dims: [], dataType: 7, int64Data: [0] },
        { ...integers(0), name: "axis" },
        { ...integers(-1), name: "open" },
      ],
    );
    const { graph } = fromOnnx(bytes);
    expect(graph.values.map(({ op }) => op)).toEqual(["input", "reshape"]);
    expect(withBatch(graph, 5).outputs["y"]!.type.shape).toEqual([5, 12]);
  });
  test("of an upsampling to twice the size, by Cast, Mul, Floor and Slice", () => {
    const bytes = chainOf(
      [
        step("Shape", ["image"], "shape"),
        step("Slice", ["shape", "two", "end", "zero"], "size"),
        step("Cast", ["size"], "float", { to: 1 }),
        step("Mul", ["float", "factor"], "doubled"),
        step("Floor", ["doubled"], "floor"),
        step("Cast", ["floor"], "whole", { to: 7 }),
        step("Slice", ["shape", "zero", "two", "zero"], "front"),
        step("Concat", ["front", "whole"], "sizes", { axis: 0 }),
        step("Resize", ["image", "", "", "sizes"], "y", { mode: "linear" }),
      ],
      [1, 3, 4, 5],
      [
        { ...integers(2), name: "two" },
        { ...integers(1_000_000), name: "end" },
        { ...integers(0), name: "zero" },
        { ...floats([], 2), name: "factor" },
      ],
    );
    const { graph } = fromOnnx(bytes);
    expect(graph.values.map(({ op }) => op)).toEqual(["input", "resize"]);
    expect(graph.outputs["y"]!.type.shape).toEqual([1, 3, 8, 10]);
  });
  test("and what is not known is asked for", () => {
    const bytes = chainOf(
      [step("Cast", ["image"], "to", { to: 7 }), step("Reshape", ["data", "to"], "y")],
      [2],
      [{ ...weights(6), name: "data" }],
    );
    expect(() => fromOnnx(bytes)).toThrow(
      /operand 1 \("to"\) is computed .* from "image"; .* give them as known/,
    );
    const { graph } = fromOnnx(bytes, { known: { image: { shape: [2], data: Float32Array.of(3, 2) } } });
    expect(graph.outputs["y"]!.type.shape).toEqual([3, 2]);
  });
});

test("a function of the model's own is written out, with its attributes", () => {
  const body = [
    step("Add", ["x", "x"], "twice"),
    {
      opType: "LeakyRelu",
      input: ["twice"],
      output: ["out"],
      attribute: [{ name: "alpha", refAttrName: "slope", type: 1 }],
    },
  ];
  const call = { ...step("Double", ["image"], "y", { slope: { float: 0.25 } }), domain: "own" };
  const functions = [{ name: "Double", domain: "own", input: ["x"], output: ["out"], node: body }];
  const { graph } = fromOnnx(chainOf([call], [2], [], { functions }));
  const { y } = interpret(graph, { image: { shape: [2], data: Float64Array.of(-2, 3) } }).outputs;
  expect([...y!.data]).toEqual([-1, 6]);
});

test("weights are read from the file beside the model", () => {
  const file = new Uint8Array(Float32Array.of(9, 1, 2, 9).buffer);
  const externalData = [
    { key: "location", value: "data/weights.bin" },
    { key: "offset", value: "4" },
    { key: "length", value: "8" },
  ];
  const w = { name: "w", dims: [2], dataType: 1, dataLocation: 1, externalData };
  const bytes = chainOf([step("Add", ["image", "w"], "y")], [2], [w]);
  const { weights: states } = fromOnnx(bytes, {
    external: (location) => (location === "data/weights.bin" ? file : new Uint8Array(0)),
  });
  expect([...states.get("w")!.data]).toEqual([1, 2]);
  const cut = () => fromOnnx(bytes, { external: () => new Uint8Array(4) });
  expect(cut).toThrow(/lies at 4 to 12 of "data\/weights.bin", which has 4 bytes/);
});

describe("a backend test case", () => {
  const model = chainOf([step("Neg", ["image"], "y")], [2]);
  const pb = (...numbers: number[]): Uint8Array =>
    encodeMessage("TensorProto", { dims: [numbers.length], dataType: 1, floatData: numbers });
  const run = (expected: Uint8Array, of = model) =>
    runOnnxTest({ name: "case", model: of, sets: [{ inputs: [pb(1, 2)], outputs: [expected] }] });
  test("passes", async () => {
    expect(await run(pb(-1, -2))).toEqual({ name: "case", status: "passed", maxError: 0 });
  });
  test("fails with the place", async () => {
    const { status, maxError, reason } = await run(pb(-1, -3));
    expect([status, maxError]).toEqual(["failed", 1 / 3]);
    expect(reason).toBe('output "y" differs in 1 of 2 numbers, first at 1: -2, expected -3');
    expect((await run(pb(-1))).reason).toBe('output "y" has shape [2], expected [1]');
  });
  test("is unsupported with the operator", async () => {
    const { status, reason } = await run(pb(0), chainOf([step("Unique", ["image"], "y")], [2]));
    expect([status, reason]).toEqual(["unsupported", expect.stringMatching(/does not import:\n {2}Unique/)]);
  });
});

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
