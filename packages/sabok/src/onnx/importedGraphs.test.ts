// Graphs as other programs write them: shape arithmetic, functions, weights in files beside, and the backend test runner.
import { describe, expect, test } from "vitest";
import { interpret } from "../backends/reference/index.ts";
import { withBatch } from "../passes/index.ts";
import { fromOnnx } from "./fromOnnx.ts";
import { encodeMessage } from "./protobuf.ts";
import { runOnnxTest } from "./runOnnxTest.ts";
import { chainOf, floats, integers, step, weights } from "./testNodes.ts";

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
