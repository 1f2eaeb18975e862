// Whole networks as ONNX: for any batch, in ONNX Runtime and back again.
import * as ort from "onnxruntime-web";
import { describe, expect, test } from "vitest";
import { interpret } from "../backends/reference/index.ts";
import { Random, sizeOf, type Tensor } from "../core/index.ts";
import { GraphBuilder, isState, shapeOf, type Graph } from "../graph/index.ts";
import {
  mobilenetV1,
  mobilenetV2,
  mobilenetV3Large,
  mobilenetV3Small,
  models,
  preactResnet18,
  resnet18,
  resnet50,
} from "../nn/models/index.ts";
import { foldBatchNorm, fuseActivation, toInference, withBatch } from "../passes/index.ts";
import { add, conv2d, crossEntropy, linear, relu, reshape, softmax, transpose } from "../ops/index.ts";
import { fromOnnx } from "./fromOnnx.ts";
import { draw, outline, relativeError, runOnnx } from "./testModels.ts";
import { toOnnx } from "./toOnnx.ts";

const small = { classes: 5, input: [3, 32, 32], seed: 3 } as const;
const narrow = { ...small, width: 0.25 } as const;

const networks = {
  mobilenetV1: () => mobilenetV1(narrow),
  mobilenetV2: () => mobilenetV2(narrow),
  mobilenetV3Large: () => mobilenetV3Large(narrow),
  mobilenetV3Small: () => mobilenetV3Small(narrow),
  mobilenetV3SmallMinimal: () => mobilenetV3Small({ ...narrow, minimal: true }),
  mobilenetV3LargeMinimal: () => mobilenetV3Large({ ...narrow, minimal: true }),
  resnet18: () => resnet18(small),
  resnet50: () => resnet50(small),
  preactResnet18: () => preactResnet18(small),
};

/** Weights as after training: batch norms with statistics of their own. */
function trained(weights: ReadonlyMap<string, Tensor>, seed: number): Map<string, Tensor> {
  const random = new Random(seed);
  return new Map(
    [...weights].map(([name, { shape, data }]) => {
      const moved = (x: number): number =>
        name.endsWith("running_var") ? x * (0.5 + random.uniform()) : x + 0.1 * random.normal();
      return [name, { shape, data: shape.length === 1 ? Float32Array.from(data, moved) : data }];
    }),
  );
}

/** Weights that are quickly made, for graphs that are not run. */
function ramps(graph: Graph): Map<string, Tensor> {
  const states = graph.values.filter(isState);
  return new Map(
    states.map((state) => [
      state.name,
      { shape: shapeOf(state), data: new Float32Array(sizeOf(shapeOf(state))).map((_, i) => (i % 97) / 97) },
    ]),
  );
}

function outlines(graph: Graph): string[] {
  return Object.values(graph.outputs).map(outline);
}

test("the zoo has no other network", () => {
  expect(Object.keys(networks)).toHaveLength(models.length);
});

describe("a network of the zoo", () => {
  for (const [name, make] of Object.entries(networks))
    test(`${name} comes back equal, whatever the batch`, () => {
      const inference = toInference(make().graph);
      const weights = ramps(inference);
      const folded = foldBatchNorm(inference, weights);
      for (const [form, states] of [
        [inference, weights],
        [folded.graph, folded.weights],
      ] as const) {
        const back = fromOnnx(toOnnx(form, states), { batch: 3 });
        expect(outlines(back.graph)).toEqual(outlines(withBatch(form, 3)));
        const names = form.values.filter(isState).map((state) => state.name);
        expect([...back.weights.keys()].sort()).toEqual(names.sort());
        for (const state of names)
          expect(`${state} ${relativeError(back.weights.get(state)!, states.get(state)!)}`).toBe(
            `${state} 0`,
          );
      }
    });
});

test("a MobileNetV3, folded and fused, gives the reference's logits in ONNX Runtime for batches of 1 and 3", async () => {
  const { graph, weights } = mobilenetV3Small({ ...narrow, input: [3, 40, 32] });
  const folded = foldBatchNorm(toInference(graph), trained(weights, 1));
  const fused = fuseActivation(folded.graph);
  const model = toOnnx(fused, folded.weights);
  for (const batch of [1, 3]) {
    const feeds = { image: draw([batch, 3, 40, 32], new Random(batch)) };
    const expected = interpret(withBatch(fused, batch), feeds, folded.weights).outputs["logits"]!;
    const actual = (await runOnnx(ort, model, feeds))["logits"]!;
    expect(relativeError(actual, expected)).toBeLessThan(1e-4);
    const back = fromOnnx(model, { batch });
    expect(
      relativeError(interpret(back.graph, feeds, back.weights).outputs["logits"]!, expected),
    ).toBeLessThan(1e-5);
  }
});

/** A network with batches written into its shapes: tokens of a map, mixed, and two outputs. */
function tokens(batch: number) {
  const g = new GraphBuilder();
  const random = new Random(4);
  const image = g.input("image", [batch, 3, 8, 8]);
  const weights = new Map([
    ["patch.weight", draw([6, 3, 4, 4], random)],
    ["mix.weight", draw([6, 6], random)],
  ]);
  const patches = g.at("patch", () =>
    g.apply(
      conv2d,
      [image, g.at("", () => g.parameter("patch.weight", [6, 3, 4, 4], { kind: "constant", value: 0 }))],
      { stride: [4, 4] },
    ),
  );
  const rows = g.apply(transpose, [g.apply(reshape, [patches], { shape: [batch, 6, 4] })], {
    permutation: [0, 2, 1],
  });
  const mixed = g.at("mix", () =>
    g.apply(linear, [
      rows,
      g.at("", () => g.parameter("mix.weight", [6, 6], { kind: "constant", value: 0 })),
    ]),
  );
  const flat = g.apply(reshape, [g.apply(add, [mixed, rows])], { shape: [batch * 4, 6] });
  const graph = g.finish({
    tokens: g.apply(softmax, [flat]),
    heads: g.apply(reshape, [flat], { shape: [batch, -1, 2, 3] }),
  });
  return { graph, weights, feeds: { image: draw([batch, 3, 8, 8], random) } };
}

test("shapes that hold the batch follow it", async () => {
  const { graph, weights } = tokens(2);
  const model = toOnnx(graph, weights);
  for (const batch of [1, 3]) {
    const other = tokens(batch);
    const expected = interpret(other.graph, other.feeds, weights).outputs;
    const actual = await runOnnx(ort, model, other.feeds);
    const back = fromOnnx(model, { batch });
    const again = interpret(back.graph, other.feeds, back.weights).outputs;
    for (const [name, output] of Object.entries(expected)) {
      expect(relativeError(actual[name]!, output)).toBeLessThan(1e-5);
      expect(relativeError(again[name]!, output)).toBeLessThan(1e-5);
    }
    expect(outlines(back.graph)).toEqual(outlines(other.graph));
  }
});

test("a graph that computes with the size of its batch is exported with that batch only", () => {
  const g = new GraphBuilder();
  const [logits, target] = [g.input("logits", [4, 3]), g.input("target", [4, 3])];
  const graph = g.finish({ loss: g.at("head", () => g.apply(crossEntropy, [logits, target])) });
  expect(() => toOnnx(graph, new Map())).toThrow(
    /works for its own batch only: affine "head" computes with the size of the batch. Export it with batch: "fixed"/,
  );
  expect(shapeOf(fromOnnx(toOnnx(graph, new Map(), { batch: "fixed" })).graph.inputs["logits"]!)).toEqual([
    4, 3,
  ]);
  const square = g.finish({ y: g.apply(linear, [logits, g.apply(relu, [target])]) });
  expect(() => toOnnx(square, new Map())).not.toThrow();
});

test("every opset it writes runs", async () => {
  const { graph, weights } = mobilenetV3Small(narrow);
  const inference = toInference(graph);
  const feeds = { image: draw([1, 3, 32, 32], new Random(9)) };
  const expected = interpret(withBatch(inference, 1), feeds, weights).outputs["logits"]!;
  for (const opset of [18, 19, 20, 21, 22]) {
    const model = toOnnx(inference, weights, { opset });
    expect(relativeError((await runOnnx(ort, model, feeds))["logits"]!, expected)).toBeLessThan(1e-4);
    expect(outlines(fromOnnx(model, { batch: 2 }).graph)).toEqual(outlines(inference));
  }
});
