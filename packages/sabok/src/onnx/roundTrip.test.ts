// Random graphs, exported and read again: the same graph by its canonical print, and the same numbers.
import { expect, test } from "vitest";
import { interpret } from "../backends/reference/index.ts";
import { Random, type Shape, type Tensor } from "../core/index.ts";
import { GraphBuilder, shapeOf, type Graph, type Value } from "../graph/index.ts";
import {
  add,
  affine,
  averagePool2d,
  batchNorm,
  biasAdd,
  concat,
  conv2d,
  conv2dInputGradient,
  div,
  exp,
  flatten,
  globalAveragePool,
  hardSwish,
  leakyRelu,
  linear,
  logSoftmax,
  maximum,
  maxPool2d,
  mean,
  mul,
  pad,
  relu,
  relu6,
  reshape,
  resize,
  silu,
  slice,
  softmax,
  sub,
  tanh,
  transpose,
} from "../ops/index.ts";
import { fromOnnx } from "./fromOnnx.ts";
import { draw, outline, relativeError } from "./testModels.ts";
import { toOnnx } from "./toOnnx.ts";

class Drawing {
  readonly g = new GraphBuilder();
  readonly weights = new Map<string, Tensor>();
  readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  between(least: number, most: number): number {
    return least + this.random.integer(most - least + 1);
  }

  one<T>(list: readonly T[]): T {
    return list[this.random.integer(list.length)]!;
  }

  state(name: string, shape: Shape, kind: "parameter" | "buffer" = "parameter"): Value {
    const { data } = draw(shape, this.random);
    const positive = name.endsWith("var");
    this.weights.set(name, {
      shape,
      data: Float32Array.from(data, (x) => (positive ? Math.abs(x) + 0.5 : 0.5 * x)),
    });
    return this.g.at("", () => this.g[kind](name, shape, { kind: "constant", value: 0 }));
  }
}

type Step = (drawing: Drawing, x: Value, name: string, others: readonly Value[]) => Value;

const unary = [relu, relu6, tanh, hardSwish, silu] as const;
const binary = [add, sub, mul, maximum] as const;

/** Each makes a map of a map; its own attributes are drawn. */
const steps: readonly Step[] = [
  (d, x, name) => {
    const channels = shapeOf(x)[1]!;
    const groups = channels % 2 === 0 ? d.one([1, 2, channels]) : 1;
    const kernel = d.one([1, 2, 3]);
    const outputs = groups * d.between(1, 3);
    const w = d.state(`${name}.weight`, [outputs, channels / groups, kernel, kernel]);
    const pads = [0, 0, 0, 0].map(() => d.between(kernel - 1, kernel)) as [number, number, number, number];
    const y = d.g.apply(conv2d, [x, w], {
      stride: [d.between(1, 2), d.between(1, 2)],
      dilation: [d.between(1, 2), 1],
      padding: pads,
      groups,
    });
    return d.one([true, false]) ? d.g.apply(biasAdd, [y, d.state(`${name}.bias`, [outputs])]) : y;
  },
  (d, x, name) => {
    const [, channels, height, width] = shapeOf(x) as [number, number, number, number];
    const w = d.state(`${name}.weight`, [channels, d.between(1, 3), 2, 2]);
    return d.g.apply(conv2dInputGradient, [x, w], { stride: [2, 2], size: [2 * height, 2 * width] });
  },
  (d, x, name) => {
    const channels = [shapeOf(x)[1]!];
    const parts = [d.state(`${name}.weight`, channels), d.state(`${name}.bias`, channels)] as const;
    const running = [
      d.state(`${name}.running_mean`, channels, "buffer"),
      d.state(`${name}.running_var`, channels, "buffer"),
    ] as const;
    return d.g.apply(batchNorm, [x, ...parts, ...running], { epsilon: d.one([1e-5, 1e-3]) });
  },
  (d, x) => d.g.apply(d.one(unary), [x]),
  (d, x) => d.g.apply(leakyRelu, [x], { slope: d.one([0.01, 0.2]) }),
  (d, x) => d.g.apply(affine, [x], { scale: d.one([0.5, -2, 3]), offset: d.one([1, -0.25]) }),
  (d, x) => d.g.apply(exp, [d.g.apply(tanh, [x])]),
  (d, x, _, others) => {
    const alike = others.filter((other) => other !== x && shapeOf(other).join() === shapeOf(x).join());
    return d.g.apply(d.one(binary), [x, alike.length > 0 ? d.one(alike) : d.g.apply(globalAveragePool, [x])]);
  },
  (d, x) => d.g.apply(div, [x, d.g.apply(exp, [d.g.apply(mean, [x], { axes: [2, 3], keepDims: true })])]),
  (d, x) => d.g.apply(concat, [x, d.g.apply(relu, [x])], { axis: d.between(1, 3) }),
  (d, x) =>
    d.g.apply(pad, [x], {
      before: [0, 0, 1, d.between(0, 2)],
      after: [0, d.between(0, 1), 0, 1],
      value: d.one([0, 1.5]),
    }),
  (d, x) => {
    const [, channels, height] = shapeOf(x) as [number, number, number];
    if (height < 3 || channels < 2) return d.g.apply(relu, [x]);
    return d.g.apply(slice, [x], {
      starts: [0, 1, 1, 0],
      sizes: [-1, channels - 1, height - 1, -1],
      steps: [1, 1, 1, 1],
    });
  },
  (d, x) =>
    d.g.apply(transpose, [x], {
      permutation: d.one([
        [0, 2, 3, 1],
        [0, 3, 1, 2],
        [0, 1, 3, 2],
      ]),
    }),
  (d, x) => {
    const [, , height, width] = shapeOf(x) as [number, number, number, number];
    const coordinates = d.one(["halfPixel", "asymmetric"] as const);
    return d.g.apply(resize, [x], {
      size: [height + 1, 2 * width],
      mode: d.one(["nearest", "bilinear"] as const),
      coordinates,
    });
  },
  (d, x) => {
    const [, , height, width] = shapeOf(x) as [number, number, number, number];
    if (height < 3 || width < 3) return d.g.apply(tanh, [x]);
    const window = { kernel: [3, 2], stride: [2, 1], padding: [1, 0, 1, 1] } as const;
    return d.one([true, false])
      ? d.g.apply(maxPool2d, [x], window)
      : d.g.apply(averagePool2d, [x], { ...window, countIncludePad: d.one([true, false]) });
  },
  (d, x) => d.g.apply(d.one([softmax, logSoftmax]), [x], { axis: d.between(1, 3) }),
];

/** A network of random steps, skips among them, that ends in logits and a map. */
function randomGraph(seed: number): {
  graph: Graph;
  weights: Map<string, Tensor>;
  feeds: Record<string, Tensor>;
} {
  const d = new Drawing(seed);
  const shape = [d.between(1, 2), d.between(1, 4), d.between(3, 7), d.between(3, 6)];
  const values = [d.g.input("image", shape)];
  const count = d.between(3, 12);
  for (let i = 0; i < count; i++) {
    // Mostly the last value, sometimes one before it: a skip.
    const x = d.one([values.at(-1)!, values.at(-1)!, d.one(values)]);
    const y = d.g.at(`layer${i}`, () => d.one(steps)(d, x, `layer${i}`, values));
    if (shapeOf(y).reduce((a, b) => a * b, 1) < 4000) values.push(y);
  }
  const last = values.at(-1)!;
  const flat = d.g.at("flat", () =>
    d.one([true, false])
      ? d.g.apply(flatten, [last])
      : d.g.apply(reshape, [last], {
          shape: [
            -1,
            shapeOf(last)
              .slice(1)
              .reduce((a, b) => a * b, 1),
          ],
        }),
  );
  const w = d.state("head.weight", [3, shapeOf(flat)[1]!]);
  const logits = d.g.at("head", () => d.g.apply(linear, [flat, w]));
  return {
    graph: d.g.finish({ logits, map: last }),
    weights: d.weights,
    feeds: { image: draw(shape, d.random) },
  };
}

const outlines = (graph: Graph): string[] => Object.values(graph.outputs).map(outline);

test("200 random graphs come back equal, fixed and for any batch", () => {
  const used = new Set<string>();
  for (let seed = 0; seed < 200; seed++) {
    const { graph, weights, feeds } = randomGraph(seed);
    const [batch] = shapeOf(graph.inputs["image"]!);
    const opset = 18 + (seed % 5);
    const expected = interpret(graph, feeds, weights).outputs;
    for (const form of ["fixed", "dynamic"] as const) {
      const model = toOnnx(graph, weights, { batch: form, opset });
      const back = fromOnnx(model, form === "fixed" ? {} : { batch: batch! });
      expect(outlines(back.graph), `seed ${seed}, ${form}`).toEqual(outlines(graph));
      const actual = interpret(back.graph, feeds, back.weights).outputs;
      for (const name of Object.keys(expected))
        expect(relativeError(actual[name]!, expected[name]!), `seed ${seed}, ${form}, ${name}`).toBeLessThan(
          1e-6,
        );
    }
    for (const { op } of graph.values) used.add(op);
  }
  expect(used.size).toBeGreaterThan(30);
});
