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
