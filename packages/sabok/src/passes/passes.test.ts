// Passes keep the function: folded, fused and stripped graphs give the numbers of the graph they came from.
import { describe, expect, test } from "vitest";
import { interpret } from "../backends/reference/index.ts";
import { Random, sizeOf, type Shape, type Tensor } from "../core/index.ts";
import { GraphBuilder, isState, shapeOf, type Graph, type Value } from "../graph/index.ts";
import {
  add,
  affine,
  batchMean,
  batchNorm,
  batchVariance,
  biasAdd,
  conv2d,
  dropout,
  movingAverage,
  relu,
  relu6,
} from "../ops/index.ts";
import {
  deadCodeElimination,
  foldBatchNorm,
  fuseActivation,
  removeDeadBias,
  toInference,
  withBatch,
} from "./index.ts";

const zero = { kind: "constant", value: 0 } as const;

/** A training-form batch norm: batch statistics, moving averages as updates. */
function norm(g: GraphBuilder, name: string, x: Value): Value {
  return g.at(name, () => {
    const channels = shapeOf(x)[1]!;
    const [scale, offset] = [g.parameter("weight", [channels], zero), g.parameter("bias", [channels], zero)];
    const [mean, variance] = [g.apply(batchMean, [x]), g.apply(batchVariance, [x])];
    const [runningMean, runningVar] = [
      g.buffer("running_mean", [channels], zero),
      g.buffer("running_var", [channels], zero),
    ];
    const count = sizeOf(shapeOf(x)) / channels;
    g.update(runningMean, g.apply(movingAverage, [runningMean, mean], { momentum: 0.1, correction: 1 }));
    g.update(
      runningVar,
      g.apply(movingAverage, [runningVar, variance], { momentum: 0.1, correction: count / (count - 1) }),
    );
    return g.apply(batchNorm, [x, scale, offset, mean, variance]);
  });
}

function conv(
  g: GraphBuilder,
  name: string,
  x: Value,
  out: number,
  options: { padding?: number; bias?: boolean } = {},
): Value {
  const p = options.padding ?? 1;
  return g.at(name, () => {
    const y = g.apply(conv2d, [x, g.parameter("weight", [out, shapeOf(x)[1]!, 3, 3], zero)], {
      padding: [p, p, p, p],
    });
    return options.bias ? g.apply(biasAdd, [y, g.parameter("bias", [out], zero)]) : y;
  });
}

function build(make: (g: GraphBuilder, x: Value) => Value): { graph: Graph; weights: Map<string, Tensor> } {
  const g = new GraphBuilder();
  const graph = g.finish({ y: make(g, g.input("x", [2, 3, 7, 6])) });
  const random = new Random(7);
  const weights = new Map<string, Tensor>();
  for (const state of graph.values.filter(isState)) {
    const positive = state.name.endsWith("running_var");
    weights.set(
      state.name,
      draw(shapeOf(state), random, (x) => (positive ? 0.2 + x * x : x)),
    );
  }
  return { graph, weights };
}

function draw(shape: Shape, random: Random, map: (x: number) => number = (x) => x): Tensor {
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => map(random.normal())) };
}

function run(graph: Graph, weights: ReadonlyMap<string, Tensor>): number[] {
  return Array.from(interpret(graph, { x: draw([2, 3, 7, 6], new Random(3)) }, weights).outputs["y"]!.data);
}

function expectSame(a: readonly number[], b: readonly number[], digits: number): void {
  expect(a.length).toBe(b.length);
  a.forEach((x, i) => expect(x).toBeCloseTo(b[i]!, digits));
}

const isIn = (graph: Graph, op: string): boolean => graph.values.some((value) => value.op === op);

describe("toInference", () => {
  test("replaces batch statistics by running ones, drops dropout and every update", () => {
    const { graph } = build((g, x) => {
      const y = norm(g, "bn", conv(g, "conv", x, 4));
      return g.apply(dropout, [y, g.buffer("step", [], zero)], { rate: 0.5, seed: 1 });
    });
    const inference = toInference(graph);
    expect(inference.updates).toEqual([]);
    for (const op of ["batchMean", "batchVariance", "dropout", "movingAverage"])
      expect(isIn(inference, op)).toBe(false);
    expect(inference.outputs["y"]!.inputs.slice(3).map((value) => value.name)).toEqual([
      "bn.running_mean",
      "bn.running_var",
    ]);
  });
});

describe("foldBatchNorm", () => {
  test("folds into the convolution before it, with and without bias, and keeps the output", () => {
    for (const bias of [false, true]) {
      const { graph, weights } = build((g, x) =>
        g.apply(relu, [norm(g, "bn", conv(g, "conv", x, 4, { bias }))]),
      );
      const inference = toInference(graph);
      const folded = foldBatchNorm(inference, weights);
      expect(folded.refused).toEqual([]);
      expect(isIn(folded.graph, "batchNorm")).toBe(false);
      expect([...folded.weights.keys()].sort()).toEqual(["conv.bias", "conv.weight"]);
      expectSame(run(folded.graph, folded.weights), run(inference, weights), 5);
    }
  });

  test("folds into an unpadded convolution after it", () => {
    const { graph, weights } = build((g, x) => conv(g, "conv", norm(g, "bn", x), 4, { padding: 0 }));
    const inference = toInference(graph);
    const folded = foldBatchNorm(inference, weights);
    expect(folded.refused).toEqual([]);
    expect(isIn(folded.graph, "batchNorm")).toBe(false);
    expectSame(run(folded.graph, folded.weights), run(inference, weights), 4);
  });

  test("refuses a batch norm before a zero-padded convolution, with the reason", () => {
    const { graph, weights } = build((g, x) => conv(g, "conv", norm(g, "bn", x), 4));
    const inference = toInference(graph);
    const folded = foldBatchNorm(inference, weights);
    expect(folded.refused).toEqual([
      {
        name: "bn",
        reason: 'it comes before "conv", which pads with zeros: folding would be wrong at the border',
      },
    ]);
    expectSame(run(folded.graph, folded.weights), run(inference, weights), 6);
  });

  test("refuses where the convolution has another reader, and in a training graph", () => {
    const { graph, weights } = build((g, x) => {
      const y = conv(g, "conv", x, 4);
      return g.apply(add, [norm(g, "bn", y), y]);
    });
    expect(foldBatchNorm(toInference(graph), weights).refused).toEqual([
      { name: "bn", reason: '"conv" before it has other readers' },
    ]);
    expect(foldBatchNorm(graph, weights).refused[0]!.reason).toMatch(/statistics are the batch's/);
  });
});

describe("removeDeadBias", () => {
  test("keeps the inference output by lowering the running mean", () => {
    const { graph, weights } = build((g, x) => norm(g, "bn", conv(g, "conv", x, 4, { bias: true })));
    const inference = toInference(graph);
    for (const source of [graph, inference]) {
      const clean = removeDeadBias(source, weights);
      expect(clean.removed).toEqual(["conv.bias"]);
      expect(isIn(clean.graph, "biasAdd")).toBe(false);
      expectSame(run(toInference(clean.graph), clean.weights), run(inference, weights), 5);
      expectSame(run(clean.graph, clean.weights), run(source, weights), 5);
    }
  });

  test("leaves a bias that something else reads", () => {
    const { graph, weights } = build((g, x) => {
      const y = conv(g, "conv", x, 4, { bias: true });
      return g.apply(add, [norm(g, "bn", y), y]);
    });
    expect(removeDeadBias(graph, weights).removed).toEqual([]);
  });
});

describe("fuseActivation", () => {
  test("fuses batch norm and activation in a training graph, convolution and bias in an inference graph", () => {
    const { graph, weights } = build((g, x) => g.apply(relu6, [norm(g, "bn", conv(g, "conv", x, 4))]));
    const fused = fuseActivation(graph);
    expect(isIn(fused, "relu6")).toBe(false);
    expectSame(run(fused, weights), run(graph, weights), 9);
    const folded = foldBatchNorm(toInference(graph), weights);
    const fusedFolded = fuseActivation(folded.graph);
    expect(fusedFolded.values.filter((value) => value.inputs.length > 0).map((value) => value.op)).toEqual([
      "fusedConv2d",
    ]);
    expectSame(run(fusedFolded, folded.weights), run(folded.graph, folded.weights), 9);
  });

  test("leaves an activation whose input has another reader", () => {
    const { graph } = build((g, x) => {
      const y = norm(g, "bn", x);
      return g.apply(add, [g.apply(relu6, [y]), y]);
    });
    expect(isIn(fuseActivation(graph), "relu6")).toBe(true);
  });
});

describe("withBatch", () => {
  test("re-infers every shape and the correction of the running variance", () => {
    const { graph } = build((g, x) => norm(g, "bn", conv(g, "conv", x, 4)));
    const larger = withBatch(graph, 5);
    expect(shapeOf(larger.outputs["y"]!)).toEqual([5, 4, 7, 6]);
    const corrections = larger.updates.map(({ value }) => value.attrs["correction"]);
    expect(corrections).toEqual([1, 210 / 209]);
    const again = withBatch(larger, 2);
    expect(shapeOf(again.outputs["y"]!)).toEqual([2, 4, 7, 6]);
    expect(again.updates.map(({ value }) => value.attrs["correction"])).toEqual([1, 84 / 83]);
  });
});

describe("deadCodeElimination", () => {
  test("drops updates of states that no result needs", () => {
    const { graph } = build((g, x) => {
      const step = g.buffer("step", [], zero);
      g.update(step, g.apply(affine, [step], { offset: 1 }));
      return conv(g, "conv", x, 4);
    });
    expect(graph.updates.length).toBe(1);
    expect(deadCodeElimination(graph).updates).toEqual([]);
  });
});
