import { describe, expect, test } from "vitest";
import { interpret } from "../backends/reference/index.ts";
import { tensor, type Tensor } from "../core/index.ts";
import { printGraph, shapeOf, statesOf, type Value } from "../graph/index.ts";
import { toInference, withBatch } from "../passes/index.ts";
import {
  add,
  batchNorm,
  conv2d,
  dropout,
  evaluate,
  globalAvgPool,
  initialize,
  linear,
  network,
  relu,
  scope,
} from "./index.ts";

const small = (seed = 0) =>
  network(
    { image: [3, 6, 6] },
    ({ image }) => linear(globalAvgPool(relu(batchNorm(conv2d(image, { out: 4, kernel: 3 })))), { out: 2 }),
    { seed },
  );

describe("network", () => {
  test("names what it makes by layer, in order", () => {
    const { graph } = network({ image: [3, 6, 6] }, ({ image }) => {
      const x = conv2d(image, { out: 8 });
      return scope("block", () => add(conv2d(x, { out: 8 }), conv2d(x, { out: 8, name: "side" })));
    });
    expect([...statesOf(graph, "parameter").keys()]).toEqual([
      "conv2d.weight",
      "block.conv2d.weight",
      "block.side.weight",
    ]);
  });

  test("numbers unnamed layers from the second on and steps over names that are taken", () => {
    const { graph } = network({ x: [4] }, ({ x }) =>
      linear(linear(linear(x, { out: 4 }), { out: 4, name: "linear_2" }), { out: 4 }),
    );
    expect([...statesOf(graph, "parameter").keys()].filter((name) => name.endsWith("weight"))).toEqual([
      "linear.weight",
      "linear_2.weight",
      "linear_3.weight",
    ]);
  });

  test("a single result is the output logits; a record keeps its names", () => {
    expect(Object.keys(small().graph.outputs)).toEqual(["logits"]);
    const { graph } = network({ a: [2], b: [2] }, ({ a, b }) => ({ sum: add(a, b), same: a }));
    expect(Object.keys(graph.outputs)).toEqual(["sum", "same"]);
  });

  test("two layers of one name are refused", () => {
    expect(() =>
      network({ x: [4] }, ({ x }) => linear(linear(x, { out: 4, name: "fc" }), { out: 4, name: "fc" })),
    ).toThrow(/two parameters named "fc.weight"/);
  });

  test("a layer outside says so, also after a build that failed", () => {
    let escaped: Value | undefined;
    expect(() =>
      network({ x: [4] }, ({ x }) => {
        escaped = x;
        throw new Error("mine");
      }),
    ).toThrow("mine");
    expect(() => relu(escaped!)).toThrow(/relu was called outside a network/);
    expect(() => conv2d(escaped!, { out: 3 })).toThrow(/conv2d was called outside a network/);
  });

  test("a network inside a network leaves the outer one its builder", () => {
    let inner: string[] = [];
    const { graph } = network({ x: [4] }, ({ x }) => {
      inner = [...statesOf(network({ y: [3] }, ({ y }) => linear(y, { out: 1 })).graph, "parameter").keys()];
      return linear(x, { out: 2 });
    });
    expect(inner).toEqual(["linear.weight", "linear.bias"]);
    expect(shapeOf(statesOf(graph, "parameter").get("linear.weight")!)).toEqual([2, 4]);
  });

  test("the graph of a small network", () => {
    expect(printGraph(small().graph)).toMatchInlineSnapshot(`
      "%0 = input [2,3,6,6]  image
      %1 = parameter {init: normal} [4,3,3,3]  conv2d.weight
      %2 = conv2d(%0, %1) {stride: [1,1], dilation: [1,1], padding: [0,0,0,0], groups: 1} [2,4,4,4]  conv2d
      %3 = parameter {init: constant} [4]  batchNorm.weight
      %4 = parameter {init: constant} [4]  batchNorm.bias
      %5 = buffer {init: constant} [4]  batchNorm.running_mean
      %6 = buffer {init: constant} [4]  batchNorm.running_var
      %7 = batchMean(%2) [4]  batchNorm
      %8 = batchVariance(%2) [4]  batchNorm
      %9 = movingAverage(%5, %7) {momentum: 0.1, correction: 1} [4]  batchNorm
      %10 = movingAverage(%6, %8) {momentum: 0.1, correction: 1.032258064516129} [4]  batchNorm
      %11 = batchNorm(%2, %3, %4, %7, %8) {epsilon: 0.00001, activation: none, slope: 0.01} [2,4,4,4]  batchNorm
      %12 = relu(%11) [2,4,4,4]
      %13 = globalAveragePool(%12) [2,4,1,1]
      %14 = flatten(%13) {startAxis: 1} [2,4]
      %15 = parameter {init: uniform} [2,4]  linear.weight
      %16 = linear(%14, %15) [2,2]  linear
      %17 = parameter {init: constant} [2]  linear.bias
      %18 = biasAdd(%16, %17) [2,2]  linear
      output logits = %18
      update %5 = %9  batchNorm.running_mean
      update %6 = %10  batchNorm.running_var"
    `);
  });
});

describe("initial weights", () => {
  test("depend on the seed and the name, not on the order or on other layers", () => {
    const a = initialize(
      network({ x: [4] }, ({ x }) => linear(linear(x, { out: 3, name: "a" }), { out: 2, name: "b" })).graph,
      5,
    );
    const b = initialize(network({ x: [3] }, ({ x }) => linear(x, { out: 2, name: "b" })).graph, 5);
    expect(b.get("b.weight")).toEqual(a.get("b.weight"));
    expect(initialize(small().graph, 1).get("conv2d.weight")).not.toEqual(
      initialize(small().graph, 2).get("conv2d.weight"),
    );
  });

  test("are drawn once, by the seed of the network", () => {
    const net = small(3);
    expect(net.weights).toBe(net.weights);
    expect(net.weights).toEqual(initialize(net.graph, 3));
    expect(net.weights.get("batchNorm.running_var")!.data).toEqual(Float32Array.of(1, 1, 1, 1));
  });

  test("have the spread they are asked to have", () => {
    const { weights } = network({ x: [64, 3, 3] }, ({ x }) => ({
      dense: conv2d(x, { out: 64, kernel: 3 }),
      depthwise: conv2d(x, { out: 64, kernel: 3, groups: 64, name: "depthwise" }),
    }));
    expect(spread(weights.get("conv2d.weight")!)).toBeCloseTo(Math.sqrt(2 / (64 * 9)), 2);
    expect(spread(weights.get("depthwise.weight")!)).toBeCloseTo(Math.sqrt(2 / 9), 1);
  });
});

describe("training form", () => {
  test("batch norm moves its running statistics as PyTorch does", () => {
    const net = network({ x: [2, 1, 2] }, ({ x }) => batchNorm(x, { momentum: 0.3 }), { batch: 2 });
    const x = tensor([2, 2, 1, 2], [1, 2, 10, 20, 3, 6, 30, 40]);
    const { states } = interpret(net.graph, { x }, net.weights);
    // Means 3 and 25; unbiased variances 14/3 and 500/3.
    expect([...states.get("batchNorm.running_mean")!.data]).toEqual([
      expect.closeTo(0.3 * 3),
      expect.closeTo(0.3 * 25),
    ]);
    expect([...states.get("batchNorm.running_var")!.data]).toEqual([
      expect.closeTo(0.7 + 0.3 * (14 / 3)),
      expect.closeTo(0.7 + 0.3 * (500 / 3)),
    ]);
  });

  test("the unbiased variance follows the batch when it is changed", () => {
    const net = network({ x: [2, 3, 3] }, ({ x }) => batchNorm(x));
    const corrections = withBatch(net.graph, 5)
      .values.filter((value) => value.op === "movingAverage")
      .map(({ attrs }) => attrs["correction"]);
    expect(corrections).toEqual([1, 45 / 44]);
  });

  test("dropout counts the steps at the root, each layer with its own seed; inference has none", () => {
    const { graph } = network({ x: [8] }, ({ x }) =>
      scope("deep", () => dropout(dropout(x, { rate: 0.5 }), { rate: 0.25 })),
    );
    expect([...statesOf(graph, "buffer").keys()]).toEqual(["step"]);
    const seeds = graph.values.filter((value) => value.op === "dropout").map(({ attrs }) => attrs["seed"]);
    expect(new Set(seeds).size).toBe(2);
    expect(
      interpret(
        graph,
        { x: tensor([2, 8], new Float64Array(16).fill(1)) },
        new Map([["step", tensor([], [6])]]),
      ).states.get("step")!.data[0],
    ).toBe(7);
    expect(toInference(graph).values.map(({ op }) => op)).toEqual(["input"]);
  });
});

describe("evaluate", () => {
  test("runs a function of values on tensors", async () => {
    const sum = await evaluate((a, b) => add(a, b), [tensor([2], [1, 2]), tensor([2], [10, 20])]);
    expect([...sum.data]).toEqual([11, 22]);
  });

  test("gives a record for a record and draws the parameters by the seed", async () => {
    const x = tensor([1, 3], [1, 2, 3]);
    const run = (seed: number) => evaluate((a) => ({ y: linear(a, { out: 2 }), a }), [x], { seed });
    const [first, again, other] = [await run(1), await run(1), await run(2)];
    expect(first.a.data).toEqual(x.data);
    expect(first.y).toEqual(again.y);
    expect(first.y).not.toEqual(other.y);
  });

  test("rejects where the shapes do not fit", async () => {
    await expect(
      evaluate((a, b) => add(a, b), [tensor([2], [1, 2]), tensor([3], [1, 2, 3])]),
    ).rejects.toThrow(/do not broadcast/);
  });
});

function spread({ data }: Tensor): number {
  return Math.hypot(...data) / Math.sqrt(data.length);
}
