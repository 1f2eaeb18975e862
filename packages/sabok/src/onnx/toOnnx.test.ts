// Exported graphs run in ONNX Runtime give what the float64 reference gives.
import * as ort from "onnxruntime-web";
import { describe, expect, test } from "vitest";
import { vectorJacobianProduct } from "../autodiff/index.ts";
import { interpret } from "../backends/reference/index.ts";
import { tensor } from "../core/index.ts";
import { GraphBuilder } from "../graph/index.ts";
import { add, conv2d, dropout, opTable, relu } from "../ops/index.ts";
import { exportRuleOf } from "./exportRules.ts";
import { fromOnnx } from "./fromOnnx.ts";
import { decodeMessage } from "./protobuf.ts";
import { relativeError, runOnnx, sampleModel, smallModel } from "./testModels.ts";
import { toOnnx } from "./toOnnx.ts";

const exported = Object.values(opTable).filter((spec) => typeof exportRuleOf(spec.name) !== "object");

describe("every operator that ONNX has, over its own samples", () => {
  for (const spec of exported)
    test(spec.name, async () => {
      const { graph, feeds, weights } = sampleModel(spec, [...spec.samples()]);
      const expected = interpret(graph, feeds).outputs;
      const actual = await runOnnx(ort, toOnnx(graph, weights, { batch: "fixed" }), feeds);
      for (const [name, output] of Object.entries(expected))
        expect(`${name} ${relativeError(actual[name]!, output) < 1e-4}`).toBe(`${name} true`);
    });
});

describe("the file", () => {
  const { graph, weights } = smallModel();

  test("keeps names and says what it is", () => {
    const metadata = {
      description: "A small network.",
      classes: ["a", "b", "c", "d"],
      mean: [0.5],
      std: [0.25],
      inputSize: [3, 9, 8],
      properties: { run: "7" },
    };
    const bytes = toOnnx(graph, weights, { metadata });
    const model = decodeMessage("ModelProto", bytes);
    expect([model.producerName, model.irVersion, model.opsetImport]).toEqual([
      "sabok",
      8,
      [{ domain: "", version: 18 }],
    ]);
    const nodes = model.graph!.node.map(({ name, opType }) => [opType, name]);
    expect(nodes.slice(0, 3)).toEqual([
      ["Conv", "stem.conv/Conv"],
      ["BatchNormalization", "stem.bn/BatchNormalization"],
      ["HardSwish", "stem.act/HardSwish"],
    ]);
    expect(new Set(nodes.map(([, name]) => name)).size).toBe(nodes.length);
    expect(model.graph!.initializer.map(({ name }) => name)).toEqual(
      expect.arrayContaining([...weights.keys()]),
    );
    expect(model.graph!.input[0]!.type!.tensorType!.shape!.dim).toEqual([
      { dimParam: "batch" },
      { dimValue: 3 },
      { dimValue: 9 },
      { dimValue: 8 },
    ]);
    expect(model.graph!.output.map(({ name, type }) => [name, type!.tensorType!.shape!.dim[0]])).toEqual([
      ["logits", { dimParam: "batch" }],
      ["probabilities", { dimParam: "batch" }],
    ]);
    expect(fromOnnx(bytes).metadata).toEqual(metadata);
  });

  test("outputs may be inputs, states or one another", async () => {
    const g = new GraphBuilder();
    const x = g.input("x", [2, 3]);
    const w = g.parameter("w", [3], { kind: "constant", value: 0 });
    const y = g.apply(add, [x, w]);
    const model = toOnnx(
      g.finish({ copy: x, weight: w, y, again: y }),
      new Map([["w", tensor([3], [1, 2, 3])]]),
    );
    const outputs = await runOnnx(ort, model, { x: tensor([1, 3], [1, 1, 1]) });
    expect(Object.fromEntries(Object.entries(outputs).map(([name, { data }]) => [name, [...data]]))).toEqual({
      copy: [1, 1, 1],
      weight: [1, 2, 3],
      y: [2, 3, 4],
      again: [2, 3, 4],
    });
    const back = fromOnnx(model).graph.outputs;
    expect(back["again"]).toBe(back["y"]);
    expect(back["copy"]!.op).toBe("input");
  });
});

describe("it refuses", () => {
  const g = new GraphBuilder();
  const x = g.input("x", [2, 1, 4, 4]);
  const w = g.parameter("w", [1, 1, 3, 3], { kind: "constant", value: 0 });
  const weights = new Map([["w", tensor([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9])]]);

  test("what ONNX cannot say, all of it, with names", () => {
    const dy = g.at("head", () => g.apply(relu, [g.apply(conv2d, [x, w])]));
    const [dw] = g.at("back", () => vectorJacobianProduct(g, dy, dy, [w]));
    const dropped = g.at("drop", () => g.apply(dropout, [dy, g.constant(tensor([], [1]))]));
    expect(() => toOnnx(g.finish({ dw: dw!, dropped }), weights)).toThrow(
      /these 3 operators:\n {2}activationGradient \("head"\): it is a gradient.*\n {2}conv2dWeightGradient \("head"\).*\n {2}dropout \("drop"\): it belongs to training/,
    );
  });

  test("a graph that updates its states", () => {
    const training = new GraphBuilder();
    const state = training.buffer("running", [2], { kind: "constant", value: 0 });
    training.update(state, training.apply(relu, [state]));
    expect(() => toOnnx(training.finish({ y: state }), new Map([["running", tensor([2], [1, 2])]]))).toThrow(
      /updates 1 states \("running"\).*toInference/,
    );
  });

  test("weights that are missing or of another shape, and names in use", () => {
    const graph = g.finish({ y: g.apply(conv2d, [x, w]) });
    expect(() => toOnnx(graph, new Map())).toThrow(/lack 1 of 1 states: "w"/);
    expect(() => toOnnx(graph, new Map([["w", tensor([1], [1])]]))).toThrow(
      /"w" has shape \[1\], expected \[1,1,3,3\]/,
    );
    expect(() => toOnnx(g.finish({ x: g.apply(relu, [x]) }), weights)).toThrow(
      /output "x" has the name of another/,
    );
    expect(() => toOnnx(graph, weights, { opset: 12 })).toThrow(
      /opset is 12; sabok writes ONNX opsets 18, 19/,
    );
  });
});
