// A small graph model made by hand, against its numbers computed by hand; and what must be refused.
import { describe, expect, test } from "vitest";
import { interpret } from "../backends/reference/index.ts";
import { SabokError, type Random } from "../core/index.ts";
import { fromTfjs } from "./fromTfjs.ts";
import { fuzz } from "./testModels.ts";

const placeholder = (...shape: number[]) => ({
  name: "image",
  op: "Placeholder",
  attr: { shape: { shape: { dim: shape.map((size) => ({ size: String(size) })) } } },
});
const constant = (name: string) => ({ name, op: "Const" });
const same = { padding: { s: btoa("SAME") }, strides: { list: { i: ["1", "2", "2", "1"] } } };

/** A convolution 3x3 of stride 2 with SAME padding, batch norm, relu6, a depthwise one, and the maps' means, flattened. */
const nodes = [
  placeholder(-1, 4, 4, 1),
  ...["filter", "scale", "shift", "mean", "variance", "depthwise", "axes", "minus", "two"].map(constant),
  { name: "conv", op: "Conv2D", input: ["image", "filter"], attr: same },
  {
    name: "norm",
    op: "FusedBatchNorm",
    input: ["conv", "scale", "shift", "mean", "variance"],
    attr: { epsilon: { f: 0 } },
  },
  { name: "active", op: "Relu6", input: ["norm"] },
  {
    name: "deep",
    op: "DepthwiseConv2dNative",
    input: ["active", "depthwise"],
    attr: { padding: { s: [86, 65, 76, 73, 68] }, strides: { list: { i: [1, 1, 1, 1] } } },
  },
  { name: "means", op: "Mean", input: ["deep", "axes"], attr: { keep_dims: { b: false } } },
  { name: "shape", op: "Shape", input: ["means"] },
  { name: "to", op: "Pack", input: ["minus", "two"] },
  { name: "y", op: "Reshape", input: ["means", "to", "^shape"] },
];

const weights = [
  {
    name: "filter",
    shape: [3, 3, 1, 2],
    numbers: Array.from({ length: 18 }, (_, i) => (i % 2 === 0 ? 1 : -1)),
  },
  { name: "scale", shape: [2], numbers: [1, -1] },
  { name: "shift", shape: [2], numbers: [0, 0.5] },
  { name: "mean", shape: [2], numbers: [0, 0] },
  { name: "variance", shape: [2], numbers: [4, 4] },
  { name: "depthwise", shape: [1, 1, 2, 1], numbers: [2, 10] },
  { name: "axes", shape: [2], numbers: [1, 2] },
  { name: "minus", shape: [], numbers: [-1] },
  { name: "two", shape: [], numbers: [2] },
];
const bytes = new Uint8Array(Float32Array.from(weights.flatMap(({ numbers }) => numbers)).buffer);
const shards = new Map([
  ["a", bytes.slice(0, 30)],
  ["b", bytes.slice(30)],
]);

function modelJson(of: readonly object[] = nodes): string {
  const manifest = weights.map(({ name, shape }) => ({ name, shape, dtype: "float32" }));
  return JSON.stringify({
    modelTopology: { node: of },
    weightsManifest: [{ paths: ["a", "b"], weights: manifest }],
  });
}

test("a small model gives its numbers", () => {
  const { graph, weights: states } = fromTfjs(modelJson(), shards);
  expect(Object.keys(graph.outputs)).toEqual(["shape", "y"]);
  const ones = { shape: [1, 1, 4, 4], data: new Float64Array(16).fill(1) };
  const { y } = interpret(graph, { image: ones }, states).outputs;
  // SAME with stride 2 over 4 pixels pads the end only: sums 9, 6, 6, 4, halved and, for one channel, held at 6.
  const sums = [9, 6, 6, 4];
  const mean = (f: (sum: number) => number) => sums.reduce((total, sum) => total + f(sum) / 4, 0);
  expect(y!.shape).toEqual([1, 2]);
  expect(y!.data[0]).toBeCloseTo(
    mean((sum) => 2 * (sum / 2)),
    6,
  );
  expect(y!.data[1]).toBeCloseTo(
    mean((sum) => 10 * Math.min(sum / 2 + 0.5, 6)),
    6,
  );
});

test("a part between two nodes", () => {
  const { graph } = fromTfjs(modelJson(), shards, { inputs: { norm: [2, 3, 5, 2] }, outputs: ["deep"] });
  expect(graph.outputs["deep"]!.type.shape).toEqual([2, 2, 3, 5]);
  expect(graph.values.map(({ op }) => op)).toEqual(["input", "relu6", "parameter", "conv2d"]);
});

test("quantised weights are the numbers they stand for", () => {
  const quantized = JSON.stringify({
    modelTopology: {
      node: [placeholder(1, 2), constant("w"), { name: "y", op: "Mul", input: ["image", "w"] }],
    },
    weightsManifest: [
      {
        paths: ["q"],
        weights: [
          { name: "w", shape: [2], dtype: "float32", quantization: { dtype: "uint8", scale: 0.5, min: -1 } },
        ],
      },
    ],
  });
  const { weights: states } = fromTfjs(quantized, new Map([["q", Uint8Array.of(0, 4)]]));
  expect([...states.get("w")!.data]).toEqual([-1, 1]);
});

/** A model without weights of its own but the given numbers. */
function partsModel(
  nodes: readonly object[],
  numbers: Readonly<Record<string, readonly number[]>>,
): ReturnType<typeof fromTfjs> {
  const names = Object.entries(numbers);
  const json = JSON.stringify({
    modelTopology: { node: [...nodes, ...names.map(([name]) => constant(name))] },
    weightsManifest: [
      {
        paths: ["n"],
        weights: names.map(([name, { length }]) => ({ name, shape: [length], dtype: "int32" })),
      },
    ],
  });
  const data = new Uint8Array(Int32Array.from(names.flatMap(([, each]) => each)).buffer);
  return fromTfjs(json, new Map([["n", data]]));
}

describe("parts of a map [1,2,3,4], whose number at (row, column, channel) is 100·row + 10·column + channel", () => {
  const at = (row: number, column: number, channel: number): number => 100 * row + 10 * column + channel;
  const image = {
    shape: [1, 4, 2, 3],
    data: Float64Array.from({ length: 24 }, (_, i) => at(Math.floor(i / 3) % 2, i % 3, Math.floor(i / 6))),
  };
  const run = (nodes: readonly object[], numbers: Readonly<Record<string, readonly number[]>>) => {
    const { graph, weights: states } = partsModel([placeholder(1, 2, 3, 4), ...nodes], numbers);
    return interpret(graph, { image }, states).outputs;
  };
  const int = (i: number) => ({ i: String(i) });

  test("Slice, to the end along the channels", () => {
    const { y } = run([{ name: "y", op: "Slice", input: ["image", "from", "size"] }], {
      from: [0, 1, 1, 2],
      size: [1, 1, 2, -1],
    });
    expect([y!.shape, [...y!.data]]).toEqual([
      [1, 2, 1, 2],
      [112, 122, 113, 123],
    ]);
  });

  test("StridedSlice: of the last row alone, every second column and two of the channels", () => {
    const attr = { begin_mask: int(1), end_mask: int(5), shrink_axis_mask: int(2) };
    const { y } = run([{ name: "y", op: "StridedSlice", input: ["image", "from", "to", "by"], attr }], {
      from: [0, -1, 0, 1],
      to: [0, 0, 0, 3],
      by: [1, 1, 2, 1],
    });
    // The row falls away: [1, 2 columns, 2 channels].
    expect([y!.shape, [...y!.data]]).toEqual([
      [1, 2, 2],
      [101, 102, 121, 122],
    ]);
  });

  test("Unpack gives one value a row, and each is read by its number", () => {
    const outputs = run(
      [
        { name: "rows", op: "Unpack", input: ["image"], attr: { axis: int(1), num: int(2) } },
        { name: "y", op: "Sub", input: ["rows:1", "rows"] },
      ],
      {},
    );
    expect(Object.keys(outputs)).toEqual(["y"]);
    expect(outputs["y"]!.shape).toEqual([1, 3, 4]);
    expect(new Set(outputs["y"]!.data)).toEqual(new Set([100]));
  });

  test("Split and SplitV along the channels; what nobody reads are outputs, all of them", () => {
    const outputs = run(
      [
        { name: "halves", op: "Split", input: ["axis", "image"], attr: { num_split: int(2) } },
        { name: "parts", op: "SplitV", input: ["halves:1", "sizes", "axis"], attr: { num_split: int(2) } },
        { name: "first", op: "Identity", input: ["halves:0"] },
      ],
      { axis: [3], sizes: [1, -1] },
    );
    expect(Object.keys(outputs).toSorted()).toEqual(["first", "parts", "parts:1"]);
    expect([...outputs["first"]!.data.slice(6)]).toEqual([1, 11, 21, 101, 111, 121]);
    expect([...outputs["parts"]!.data]).toEqual([2, 12, 22, 102, 112, 122]);
    expect([...outputs["parts:1"]!.data]).toEqual([3, 13, 23, 103, 113, 123]);
  });

  test("GatherV2, MirrorPad and SpaceToDepth", () => {
    const outputs = run(
      [
        { name: "picked", op: "GatherV2", input: ["image", "which", "axis"] },
        { name: "pad", op: "MirrorPad", input: ["image", "pads"], attr: { mode: { s: btoa("REFLECT") } } },
        { name: "deep", op: "SpaceToDepth", input: ["square"], attr: { block_size: int(2) } },
        { name: "square", op: "Slice", input: ["image", "from", "size"] },
      ],
      { which: [2, 0], axis: [2], pads: [0, 0, 0, 0, 1, 0, 0, 0], from: [0, 0, 0, 0], size: [1, 2, 2, 1] },
    );
    const { picked, pad, deep } = outputs;
    expect([picked!.shape, [...picked!.data.slice(0, 4)]]).toEqual([
      [1, 4, 2, 2],
      [20, 0, 120, 100],
    ]);
    expect([pad!.shape, [...pad!.data.slice(0, 4)]]).toEqual([
      [1, 4, 2, 4],
      [10, 0, 10, 20],
    ]);
    expect([deep!.shape, [...deep!.data]]).toEqual([
      [1, 4, 1, 1],
      [0, 10, 100, 110],
    ]);
  });

  test("shape arithmetic: half the height, by StridedSlice, FloorDiv and Pack", () => {
    const { graph } = partsModel(
      [
        placeholder(1, 7, 3, 4),
        { name: "shape", op: "Shape", input: ["image"] },
        {
          name: "height",
          op: "StridedSlice",
          input: ["shape", "one", "two", "one"],
          attr: { shrink_axis_mask: int(1) },
        },
        { name: "half", op: "FloorDiv", input: ["height", "two"] },
        { name: "flat", op: "Squeeze", input: ["half"] },
        { name: "size", op: "Pack", input: ["flat", "flat"] },
        { name: "y", op: "ResizeBilinear", input: ["image", "size"] },
      ],
      { one: [1], two: [2] },
    );
    expect(graph.outputs["y"]!.type.shape).toEqual([1, 4, 3, 3]);
    expect(graph.values.map(({ op }) => op)).toEqual(["input", "resize"]);
  });

  test("a result that its node has not, and a part that is not there, are refused", () => {
    const relu = [{ name: "r", op: "Relu", input: ["image"] }];
    expect(() => run([...relu, { name: "y", op: "Neg", input: ["r:1"] }], {})).toThrow(
      'The model reads "r:1", but sabok computes no such result of "r".',
    );
    const unpack = { name: "y", op: "Unpack", input: ["image"], attr: { axis: int(1), num: int(3) } };
    expect(() => run([unpack], {})).toThrow(/Unpack "y": it takes axis 1 of \[1,2,3,4\] apart into 3/);
    const split = { name: "y", op: "Split", input: ["axis", "image"], attr: { num_split: int(3) } };
    expect(() => run([split], { axis: [3] })).toThrow(/splits axis 3 of \[1,2,3,4\] into 3 equal parts/);
  });
});

const unknown = (op: string, name: string) => ({ name, op, input: ["image"] });
const refused: readonly (readonly [string, () => unknown, RegExp])[] = [
  ["text", () => fromTfjs("hello", shards), /not a model.json of TensorFlow.js/],
  ["another document", () => fromTfjs("{}", shards), /has no modelTopology/],
  ["a missing shard", () => fromTfjs(modelJson(), new Map()), /weight file "a" is missing/],
  [
    "a short shard",
    () => fromTfjs(modelJson(), new Map([...shards, ["b", new Uint8Array(4)]])),
    /ends at byte \d+, but its files have 34/,
  ],
  [
    "unknown operators",
    () => fromTfjs(modelJson([placeholder(1, 2), unknown("Enter", "a"), unknown("Merge", "b")]), shards),
    /Enter \("a"\)\n {2}Merge \("b"\)/,
  ],
  [
    "unknown operators among known ones",
    () =>
      fromTfjs(
        modelJson([
          placeholder(1, 2),
          unknown("Unpack", "u"),
          unknown("LSTMBlockCell", "a"),
          unknown("Where", "b"),
        ]),
        shards,
      ),
    /does not import:\n {2}LSTMBlockCell \("a"\)\n {2}Where \("b"\)\nGive inputs and outputs that leave them out\.$/,
  ],
  [
    "a cycle",
    () =>
      fromTfjs(
        modelJson([
          { name: "a", op: "Relu", input: ["b"] },
          { name: "b", op: "Relu", input: ["a"] },
        ]),
        shards,
        { outputs: ["a"] },
      ),
    /stands in a cycle/,
  ],
  [
    "a wrong name",
    () => fromTfjs(modelJson(), shards, { outputs: ["dep"] }),
    /no node "dep". Did you mean "deep"/,
  ],
  [
    "an open size",
    () => fromTfjs(modelJson([placeholder(-1, -1, 4, 3)]), shards),
    /"image" has shape \[1,-1,4,3\]; give it as inputs/,
  ],
];

const refusedParts: readonly (readonly [string, string, RegExp])[] = [
  [
    "a missing input",
    JSON.stringify({ modelTopology: { node: [{ name: "y", op: "Relu", input: ["x"] }] } }),
    /reads "x", which the model has not/,
  ],
  [
    "a missing operand",
    modelJson([placeholder(1, 2), { name: "y", op: "Add", input: ["image"] }]),
    /Add "y": operand 1 is missing/,
  ],
  ["no nodes", JSON.stringify({ modelTopology: {} }), /graph of nodes/],
  [
    "text as a weight",
    JSON.stringify({
      modelTopology: { node: nodes },
      weightsManifest: [{ paths: ["a"], weights: [{ name: "filter", shape: [1], dtype: "string" }] }],
    }),
    /weight "filter" has type string/,
  ],
  [
    "a claim of 2 GB",
    JSON.stringify({
      modelTopology: { node: nodes },
      weightsManifest: [
        { paths: ["a"], weights: [{ name: "filter", shape: [536870912], dtype: "float32" }] },
      ],
    }),
    /weight "filter" of shape \[536870912\] ends at byte 2147483648, but its files have 30/,
  ],
  [
    "a negative dimension",
    JSON.stringify({
      modelTopology: { node: nodes },
      weightsManifest: [{ paths: ["a"], weights: [{ name: "filter", shape: [-1, -4], dtype: "float32" }] }],
    }),
    /weight "filter" has shape \[-1,-4\]/,
  ],
];

describe("a model.json that is wrong: it has", () => {
  for (const [what, json, message] of refusedParts)
    test(what, () => {
      expect(() => fromTfjs(json, shards)).toThrow(SabokError);
      expect(() => fromTfjs(json, shards)).toThrow(message);
    });
});

test("random damage and every prefix give SabokErrors only", () => {
  const whole = new TextEncoder().encode(modelJson());
  const read = (bytes: Uint8Array) => fromTfjs(new TextDecoder().decode(bytes), shards);
  expect(fuzz(whole, read, 1000)).toEqual([]);
  const otherDigit = (byte: number, random: Random): number =>
    byte >= 0x30 && byte <= 0x39 ? 0x30 + random.integer(10) : byte;
  expect(fuzz(whole, read, 1000, otherDigit)).toEqual([]);
  for (let length = 0; length < whole.length; length++)
    expect(() => read(whole.slice(0, length))).toThrow(SabokError);
});

describe("a model.json that holds", () => {
  for (const [what, make, message] of refused)
    test(what, () => {
      expect(make).toThrow(SabokError);
      expect(make).toThrow(message);
    });
});
