// model.json: every graph comes back exactly, and nothing else is taken for one.
import { describe, expect, test } from "vitest";
import { vectorJacobianProduct } from "../autodiff/index.ts";
import { interpret } from "../backends/reference/index.ts";
import { SabokError, tensor, type Tensor } from "../core/index.ts";
import { GraphBuilder, printGraph, verifyGraph, type Graph } from "../graph/index.ts";
import { mobilenetV3Small } from "../nn/models/index.ts";
import { affine, mul, opTable, pad, relu } from "../ops/index.ts";
import { readModelJson, writeModelJson } from "./modelJson.ts";
import { readSafetensors, writeSafetensors } from "./safetensors.ts";
import { sampleModel, smallModel } from "./testModels.ts";

function again(graph: Graph): Graph {
  return verifyGraph(readModelJson(writeModelJson(graph)).graph, opTable, "readModelJson");
}

test("every operator with every sample's attributes comes back", () => {
  for (const spec of Object.values(opTable)) {
    const { graph } = sampleModel(spec, [...spec.samples()], true);
    expect(printGraph(again(graph))).toBe(printGraph(graph));
  }
});

test("a training graph comes back: initial values, updates, unused inputs", () => {
  const { graph } = mobilenetV3Small({ classes: 4, input: [3, 32, 32], width: 0.25 });
  const back = again(graph);
  expect(printGraph(back)).toBe(printGraph(graph));
  expect(back.values.map(({ attrs }) => attrs)).toEqual(graph.values.map(({ attrs }) => attrs));
  expect(back.updates.length).toBe(graph.updates.length);
  const g = new GraphBuilder();
  const [x, unused] = [g.input("x", [2]), g.input("unused", [3])];
  const y = g.apply(relu, [x]);
  const momentum = g.buffer("momentum", [2], { kind: "uniform", bound: 0.5 });
  g.update(momentum, y);
  const [dx] = vectorJacobianProduct(g, y, momentum, [x]);
  const step = again(g.finish({ y, dx: dx! }));
  expect(Object.keys(step.inputs)).toEqual(["x", "unused"]);
  expect(step.inputs["unused"]!.type).toEqual(unused.type);
  expect(step.updates.map(({ state }) => state.name)).toEqual(["momentum"]);
});

test("constants and attributes keep every bit", () => {
  const g = new GraphBuilder();
  const odd = [NaN, Infinity, -Infinity, -0, 0.1, 5e-324];
  const x = g.input("x", [6]);
  const wide = g.at("wide", () => g.constant(tensor([6], Float64Array.from(odd))));
  const single = g.at("single", () => g.constant(tensor([6], Float32Array.from(odd))));
  const y = g.apply(affine, [g.apply(mul, [g.apply(mul, [x, wide]), single])], {
    scale: -0,
    offset: -Infinity,
  });
  const back = again(g.finish({ y: g.apply(pad, [y], { before: [0], after: [1], value: NaN }) }));
  const constants = back.values.filter(({ op }) => op === "constant");
  expect(constants.map(({ name, attrs }) => [name, (attrs["tensor"] as Tensor).data])).toEqual([
    ["wide", Float64Array.from(odd)],
    ["single", Float32Array.from(odd)],
  ]);
  const affineOf = back.values.find(({ op }) => op === "affine")!;
  expect(Object.is(affineOf.attrs["scale"], -0)).toBe(true);
  expect(affineOf.attrs["offset"]).toBe(-Infinity);
});

test("with the weights in a safetensors file it is the whole model", () => {
  const { graph, feeds, weights } = smallModel();
  const back = readModelJson(
    writeModelJson(graph, { classes: ["a", "b", "c", "d"], mean: [0.5], description: "«small»" }),
  );
  const { tensors } = readSafetensors(writeSafetensors(weights));
  expect(back.metadata).toEqual({ classes: ["a", "b", "c", "d"], mean: [0.5], description: "«small»" });
  expect(interpret(back.graph, feeds, tensors).outputs).toEqual(interpret(graph, feeds, weights).outputs);
});

describe("a document is refused that", () => {
  const { graph } = smallModel();
  const document = writeModelJson(graph);
  const changed = (from: string | RegExp, to: string): string => {
    expect(document).toMatch(from);
    return document.replace(from, to);
  };
  const bad: readonly (readonly [string, () => string, RegExp])[] = [
    ["is cut short", () => document.slice(0, -20), /it is not JSON, or cut short/],
    ["is something else", () => "{}", /it has no "format": "sabok graph"/],
    [
      "is of another version",
      () => changed('"version":1', '"version":2'),
      /has version 2; this sabok reads version 1/,
    ],
    [
      "names an operator there is not",
      () => changed('"op":"hardSwish"', '"op":"hardSwush"'),
      /hardSwush "stem.act", is of an operator that this sabok does not have/,
    ],
    ["names one of JavaScript's", () => changed('"op":"hardSwish"', '"op":"toString"'), /is of an operator/],
    [
      "reads ahead",
      () =>
        changed(
          /"op":"hardSwish","name":"stem.act","inputs":\[\d+\]/,
          '"op":"hardSwish","name":"stem.act","inputs":[99]',
        ),
      /refers to value 99/,
    ],
    [
      "says another shape",
      () => changed(/"shape":\[2,4\]/, '"shape":[2,5]'),
      /is said to have shape \[2,5\], but its rule gives \[2,4\]/,
    ],
    ["has an attribute of another sort", () => changed('"stride":[2,2]', '"stride":"2"'), /has stride "2"/],
    [
      "has an attribute too many",
      () => changed('"stride":[2,2]', '"strides":[2,2]'),
      /has an attribute "strides"/,
    ],
    [
      "has attributes that do not fit",
      () => changed('"stride":[2,2]', '"stride":[0,2]'),
      /stride is \[0,2\]/,
    ],
    [
      "has an unknown word",
      () => changed('"activation":"none"', '"activation":"snake"'),
      /has activation "snake"/,
    ],
    [
      "has two states of one name",
      () => changed('"stem.bn.weight"', '"stem.bn.bias"'),
      /two parameters named "stem.bn.bias"/,
    ],
    [
      "has an initial value of no kind",
      () => changed('"kind":"normal"', '"kind":"magic"'),
      /has init \{"kind":"magic"/,
    ],
    [
      "has a constant of another size",
      () => changed('"shape":[6,1,1],"dtype"', '"shape":[7,1,1],"dtype"'),
      /got 6 numbers for shape \[7,1,1\]/,
    ],
    ["has no list of values", () => changed('"values":[', '"value":['), /"values" is not a list/],
    [
      "updates what is no state",
      () => changed('"updates":[]', '"updates":[{"state":0,"value":0}]'),
      /writes input "image", which is no state/,
    ],
    [
      "has metadata of another kind",
      () => changed('"metadata":{}', '"metadata":{"mean":["a"]}'),
      /metadata has mean \["a"\]/,
    ],
  ];
  for (const [what, make, message] of bad)
    test(what, () => {
      expect(() => readModelJson(make())).toThrow(SabokError);
      expect(() => readModelJson(make())).toThrow(message);
    });
});
