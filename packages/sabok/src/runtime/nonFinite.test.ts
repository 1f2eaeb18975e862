// NaN and infinity go through as in PyTorch: nothing swallows them. Expected numbers are PyTorch's.
import { expect, test } from "vitest";
import { tensor, type Shape } from "../core/index.ts";
import { GraphBuilder, type Value } from "../graph/index.ts";
import { batchNorm, conv2d, maxPool2d, relu, relu6 } from "../ops/index.ts";
import { createSession } from "./session.ts";

async function run(
  build: (g: GraphBuilder, x: Value) => Value,
  shape: Shape,
  data: readonly number[],
): Promise<number[]> {
  const g = new GraphBuilder();
  const x = g.input("x", shape);
  const session = await createSession(g.finish({ y: build(g, x) }));
  return [...(await session.run({ x: Float32Array.from(data) }))["y"]!.data];
}

const ones = (g: GraphBuilder, shape: Shape, value = 1): Value =>
  g.constant(tensor(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value)));
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const row = [1, 2, nan, 4, 5, inf, -inf, 8];

test("relu and relu6", async () => {
  expect(await run((g, x) => g.apply(relu, [x], {}), [1, 1, 1, 8], row)).toEqual([
    1,
    2,
    nan,
    4,
    5,
    inf,
    0,
    8,
  ]);
  expect(await run((g, x) => g.apply(relu6, [x], {}), [1, 1, 1, 8], row)).toEqual([1, 2, nan, 4, 5, 6, 0, 6]);
});

test("max pooling", async () => {
  const pool = (g: GraphBuilder, x: Value): Value =>
    g.apply(maxPool2d, [x], { ...maxPool2d.defaults, kernel: [1, 2], stride: [1, 2] });
  expect(await run(pool, [1, 1, 1, 8], row)).toEqual([2, nan, inf, 8]);
});

test("a convolution, depthwise and dense: whatever meets NaN is NaN, and opposite infinities are", async () => {
  const depthwise = (g: GraphBuilder, x: Value): Value =>
    g.apply(conv2d, [x, ones(g, [4, 1, 1, 3])], { ...conv2d.defaults, padding: [0, 1, 0, 1], groups: 4 });
  const line = [3, nan, nan, nan, inf, nan, nan, -inf];
  expect(await run(depthwise, [1, 4, 1, 8], [...row, ...row, ...row, ...row])).toEqual([
    ...line,
    ...line,
    ...line,
    ...line,
  ]);
  const dense = (g: GraphBuilder, x: Value): Value =>
    g.apply(conv2d, [x, ones(g, [2, 1, 1, 3])], { ...conv2d.defaults, padding: [0, 1, 0, 1] });
  expect(await run(dense, [1, 1, 1, 8], row)).toEqual([...line, ...line]);
});

test("an infinite weight on padding: the dense path multiplies the zeros as PyTorch does, the depthwise path skips them", async () => {
  const padded = (outs: number, groups: number) => (g: GraphBuilder, x: Value) =>
    g.apply(conv2d, [x, ones(g, [outs, 1, 3, 3], inf)], {
      ...conv2d.defaults,
      padding: [1, 1, 1, 1],
      groups,
    });
  const image = Array<number>(16).fill(1);
  expect(await run(padded(4, 4), [1, 4, 4, 4], [...image, ...image, ...image, ...image])).toEqual(
    Array<number>(64).fill(inf),
  );
  const edge = [nan, nan, nan, nan];
  const middle = [nan, inf, inf, nan];
  const map = [...edge, ...middle, ...middle, ...edge];
  expect(await run(padded(2, 1), [1, 1, 4, 4], image)).toEqual([...map, ...map]);
});

test("batch norm: a channel with NaN, another without", async () => {
  const norm = (g: GraphBuilder, x: Value): Value =>
    g.apply(batchNorm, [x, ones(g, [2]), ones(g, [2], 0), ones(g, [2], 0), ones(g, [2], 1)], {
      ...batchNorm.defaults,
      epsilon: 0,
    });
  expect(await run(norm, [1, 2, 1, 2], [nan, 1, 2, inf])).toEqual([nan, 1, 2, inf]);
});
