// What PyTorch computed (packages/sabok/golden/README.md) against the operators' references: values and gradients.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { vectorJacobianProduct } from "../autodiff/index.ts";
import { interpret } from "../backends/reference/index.ts";
import { tensor, type Shape, type Tensor } from "../core/index.ts";
import { GraphBuilder, shapeOf, type Padding, type Pair, type Value } from "../graph/index.ts";
import {
  adamMoment1,
  adamMoment2,
  adamStep,
  affine,
  averagePool2d,
  batchMean,
  batchNorm,
  batchVariance,
  biasAdd,
  conv2d,
  conv2dInputGradient,
  crossEntropy,
  globalAveragePool,
  gridSample,
  hardSigmoid,
  hardSwish,
  leakyRelu,
  logSoftmax,
  maxPool2d,
  movingAverage,
  pad,
  relu,
  relu6,
  reshape,
  resize,
  roiAlign,
  roiPool,
  sgdMomentum,
  sgdStep,
  sigmoid,
  silu,
  softmax,
  tanh,
  transpose,
  windowOutput,
} from "./index.ts";

interface Numbers {
  readonly shape: number[];
  readonly data: number[];
}

interface Case {
  readonly op: string;
  readonly note: string;
  readonly attrs: Readonly<Record<string, never>>;
  readonly inputs: readonly (Numbers & { readonly name: string })[];
  readonly dy: Numbers;
  readonly output: Numbers;
  readonly grads: readonly (Numbers | null)[];
  readonly const?: { runningMean: Numbers; runningVar: Numbers; labels: Numbers };
  readonly extra?: { runningMeanAfter: Numbers; runningVarAfter: Numbers };
}

/** The value that computes a case from its inputs, and what else the case has results for. */
type Build = (
  g: GraphBuilder,
  inputs: readonly Value[],
  golden: Case,
) => { y: Value; also?: Record<string, readonly [Value, Numbers]> };

function load<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(`../../golden/${path}`, import.meta.url), "utf8")) as T;
}

function constant(g: GraphBuilder, { shape, data }: Numbers): Value {
  return g.constant(tensor(shape, data));
}

const one = (build: (g: GraphBuilder, x: Value, attrs: Record<string, never>) => Value): Build => {
  return (g, [x], { attrs }) => ({ y: build(g, x!, attrs) });
};

const builds: Readonly<Record<string, Build>> = {
  conv2d(g, [x, w, b], { attrs: { stride, dilation, groups, pads } }) {
    const y = g.apply(conv2d, [x!, w!], { stride, dilation, groups, padding: pads });
    return { y: b ? g.apply(biasAdd, [y, b]) : y };
  },
  conv_transpose2d(g, [x, w, b], { attrs: { stride, dilation, groups, pads, outputPadding } }) {
    const size = transposedSize(shapeOf(x!), shapeOf(w!), { stride, dilation, padding: pads, outputPadding });
    // An output padding as large as the stride leaves room for more inputs than there are: they are zeros.
    const room = size.map((length, axis) => {
      const [p, after] = [(pads as Padding)[axis]!, (pads as Padding)[axis + 2]!];
      return (
        windowOutput(length, shapeOf(w!)[axis + 2]!, stride[axis]!, dilation[axis]!, p, after) -
        shapeOf(x!)[axis + 2]!
      );
    });
    const filled = g.apply(pad, [x!], { before: [0, 0, 0, 0], after: [0, 0, ...room] });
    const y = g.apply(conv2dInputGradient, [filled, w!], { stride, dilation, groups, padding: pads, size });
    return { y: b ? g.apply(biasAdd, [y, b]) : y };
  },
  batch_norm(g, [x, gamma, beta], { attrs: { training, eps, momentum }, const: running, extra }) {
    const [mean, variance] = [constant(g, running!.runningMean), constant(g, running!.runningVar)];
    if (!training) return { y: g.apply(batchNorm, [x!, gamma!, beta!, mean, variance], { epsilon: eps }) };
    const [batchesMean, batchesVariance] = [g.apply(batchMean, [x!]), g.apply(batchVariance, [x!])];
    const count = shapeOf(x!).reduce((a, b) => a * b, 1) / shapeOf(x!)[1]!;
    const unbiased = { momentum, correction: count / (count - 1) };
    return {
      y: g.apply(batchNorm, [x!, gamma!, beta!, batchesMean, batchesVariance], { epsilon: eps }),
      also: {
        mean: [g.apply(movingAverage, [mean, batchesMean], { momentum }), extra!.runningMeanAfter],
        variance: [g.apply(movingAverage, [variance, batchesVariance], unbiased), extra!.runningVarAfter],
      },
    };
  },
  relu: one((g, x) => g.apply(relu, [x])),
  relu6: one((g, x) => g.apply(relu6, [x])),
  leaky_relu: one((g, x, { slope }) => g.apply(leakyRelu, [x], { slope })),
  sigmoid: one((g, x) => g.apply(sigmoid, [x])),
  hardsigmoid: one((g, x) => g.apply(hardSigmoid, [x])),
  hardswish: one((g, x) => g.apply(hardSwish, [x])),
  silu: one((g, x) => g.apply(silu, [x])),
  tanh: one((g, x) => g.apply(tanh, [x])),
  softmax: one((g, x, { axis }) => g.apply(softmax, [x], { axis })),
  log_softmax: one((g, x, { axis }) => g.apply(logSoftmax, [x], { axis })),
  cross_entropy(g, [logits, probabilities], { attrs: { labelSmoothing, reduction }, const: given }) {
    const target = probabilities
      ? classesLast(g, probabilities)
      : constant(g, oneHot(given!.labels.data, shapeOf(logits!)[1]!));
    const rows = classesLast(g, logits!);
    const mean = g.apply(crossEntropy, [rows, target], { smoothing: labelSmoothing });
    return { y: g.apply(affine, [mean], { scale: reduction === "sum" ? shapeOf(rows)[0]! : 1 }) };
  },
  max_pool2d: one((g, x, { kernel, stride, pads, dilation, ceilMode }) =>
    g.apply(maxPool2d, [x], { kernel, stride, dilation, padding: pads, ceilMode }),
  ),
  avg_pool2d: one((g, x, { kernel, stride, pads, ceilMode, countIncludePad }) =>
    g.apply(averagePool2d, [x], { kernel, stride, padding: pads, ceilMode, countIncludePad }),
  ),
  global_avg_pool: one((g, x) => g.apply(globalAveragePool, [x])),
  interpolate: one((g, x, { mode, size, scaleFactor, alignCorners }) => {
    const rules = {
      nearest: { mode: "nearest", coordinates: "asymmetric" },
      "nearest-exact": { mode: "nearest", coordinates: "halfPixel" },
      bilinear: { mode: "bilinear", coordinates: alignCorners ? "alignCorners" : "halfPixel" },
    } as const;
    const scale: readonly number[] = scaleFactor ?? [];
    const scaled = (axis: 0 | 1): number => Math.floor(shapeOf(x)[axis + 2]! * scale[axis]!);
    return g.apply(resize, [x], {
      ...rules[mode as keyof typeof rules],
      size: size ?? [scaled(0), scaled(1)],
      scale,
    });
  }),
  grid_sample: (g, [x, grid], { attrs: { mode, padding, alignCorners } }) => ({
    y: g.apply(gridSample, [x!, grid!], { mode, padding, alignCorners }),
  }),
  roi_align: (g, [x, rois], { attrs }) => ({ y: g.apply(roiAlign, [x!, rois!], attrs) }),
  roi_pool: (g, [x, rois], { attrs }) => ({ y: g.apply(roiPool, [x!, rois!], attrs) }),
};

/** Losses that crossEntropy, the batch's mean over plain classes, does not compute. */
function beyondCrossEntropy({ op, attrs, const: given }: Case): boolean {
  const { reduction, labelSmoothing, ignoreIndex } = attrs as Record<string, unknown>;
  return (
    op === "cross_entropy" &&
    (reduction === "none" || labelSmoothing === 1 || ignoreIndex !== undefined || "weight" in (given ?? {}))
  );
}

function transposedSize(
  x: Shape,
  w: Shape,
  attrs: { stride: Pair; dilation: Pair; padding: Padding; outputPadding: Pair },
): Pair {
  const { stride, dilation, padding, outputPadding } = attrs;
  const [height, width] = [0, 1].map(
    (axis) =>
      (x[axis + 2]! - 1) * stride[axis]! -
      padding[axis]! -
      padding[axis + 2]! +
      dilation[axis]! * (w[axis + 2]! - 1) +
      outputPadding[axis]! +
      1,
  );
  return [height!, width!];
}

/** [N,K,…] as rows [N·…, K]. */
function classesLast(g: GraphBuilder, x: Value): Value {
  const [, classes, ...rest] = shapeOf(x);
  const axes = rest.map((_, axis) => axis + 2);
  return g.apply(reshape, [g.apply(transpose, [x], { permutation: [0, ...axes, 1] })], {
    shape: [-1, classes!],
  });
}

function oneHot(labels: readonly number[], classes: number): Numbers {
  return {
    shape: [labels.length, classes],
    data: labels.flatMap((label) => Array.from({ length: classes }, (_, k) => (k === label ? 1 : 0))),
  };
}

/** Throws unless equal but for rounding: within `tolerance` of the largest expected number, or of 1 where all are small. */
function expectClose(actual: Tensor, expected: Numbers, what: string, tolerance = 1e-10): void {
  expect({ what, shape: actual.shape }).toEqual({ what, shape: expected.shape });
  const scale = expected.data.reduce((largest, x) => Math.max(largest, Math.abs(x)), 1);
  const worst = expected.data.reduce((largest, x, i) => Math.max(largest, Math.abs(actual.data[i]! - x)), 0);
  expect({ what, worst, close: worst <= tolerance * scale }).toMatchObject({ what, close: true });
}

function runCase(golden: Case): void {
  const g = new GraphBuilder();
  const inputs = golden.inputs.map(({ name, shape }) => g.input(name, shape));
  const feeds = Object.fromEntries(golden.inputs.map(({ name, shape, data }) => [name, tensor(shape, data)]));
  const { y, also = {} } = builds[golden.op]!(g, inputs, golden);
  const wanted = inputs.filter((_, i) => golden.grads[i]);
  const found = vectorJacobianProduct(g, y, constant(g, golden.dy), wanted);
  const { outputs } = interpret(
    g.finish({
      y,
      ...Object.fromEntries(found.map((value, i) => [`gradient of ${wanted[i]!.name}`, value])),
      ...Object.fromEntries(Object.entries(also).map(([name, [value]]) => [name, value])),
    }),
    feeds,
  );
  expectClose(outputs["y"]!, golden.output, "output");
  golden.inputs.forEach(({ name }, i) => {
    const expected = golden.grads[i];
    if (expected) expectClose(outputs[`gradient of ${name}`]!, expected, `gradient of ${name}`);
  });
  for (const [name, [, expected]] of Object.entries(also)) expectClose(outputs[name]!, expected, name);
}

const files = [
  "conv2d",
  "conv_transpose2d",
  "batch_norm",
  "activations",
  "softmax",
  "cross_entropy",
  "max_pool2d",
  "avg_pool2d",
  "global_avg_pool",
  "interpolate",
  "grid_sample",
  "roi_align",
  "roi_pool",
];

for (const file of files)
  describe(`golden ${file}`, () => {
    const cases = load<Case[]>(`ops/${file}.json`).filter((golden) => !beyondCrossEntropy(golden));
    test.each(cases.map((golden) => [golden.note, golden] as const))("%s", (_, golden) => runCase(golden));
  });

describe("golden kinks", () => {
  const rows =
    load<{ op: string; attrs: Case["attrs"]; x: number[]; y: number[]; dx: number[] }[]>("ops/kinks.json");
  test.each(rows.map((row) => [row.op, row] as const))("%s", (op, row) => {
    // hardSwish at −3 and 3 is left out: torch's own choice there is disputed (golden/README.md).
    const kept = row.x.map((_, i) => i).filter((i) => op !== "hardswish" || Math.abs(row.x[i]!) !== 3);
    const pick = (values: number[]): Numbers => ({ shape: [kept.length], data: kept.map((i) => values[i]!) });
    const [inputs, output, gradient] = [[{ name: "x", ...pick(row.x) }], pick(row.y), pick(row.dx)];
    runCase({
      op,
      note: op,
      attrs: row.attrs,
      inputs,
      dy: pick(row.x.map(() => 1)),
      output,
      grads: [gradient],
    });
  });
});

describe("golden trainStep: the optimisers' first step", () => {
  type State = Readonly<Record<string, Numbers>>;
  type Steps<Attrs> = { attrs: Attrs; step1: { grads: State; state: State } };
  const initial = load<{ parameters: string[]; decayed: string[]; state: State }>("trainStep/initial.json");

  test("sgd with Nesterov momentum", () => {
    const { attrs, step1 } =
      load<Steps<{ lr: number; momentum: number; weightDecay: number }>>("trainStep/sgd.json");
    for (const name of initial.parameters) {
      const update = {
        momentum: attrs.momentum,
        nesterov: true,
        weightDecay: initial.decayed.includes(name) ? attrs.weightDecay : 0,
      };
      const g = new GraphBuilder();
      const [w, dw] = [constant(g, initial.state[name]!), constant(g, step1.grads[name]!)];
      const v = g.apply(sgdMomentum, [g.apply(affine, [w], { scale: 0 }), dw, w], update);
      const next = g.apply(sgdStep, [w, v, dw, g.constant(tensor([], [attrs.lr]))], update);
      expectClose(interpret(g.finish({ next }), {}).outputs["next"]!, step1.state[name]!, name, 1e-13);
    }
  });

  test("AdamW", () => {
    const { attrs, step1 } =
      load<Steps<{ lr: number; beta1: number; beta2: number; eps: number; weightDecay: number }>>(
        "trainStep/adamw.json",
      );
    const { beta1, beta2 } = attrs;
    for (const name of initial.parameters) {
      const weightDecay = initial.decayed.includes(name) ? attrs.weightDecay : 0;
      const g = new GraphBuilder();
      const [w, dw] = [constant(g, initial.state[name]!), constant(g, step1.grads[name]!)];
      const zero = g.apply(affine, [w], { scale: 0 });
      const [m, v] = [
        g.apply(adamMoment1, [zero, dw], { beta1 }),
        g.apply(adamMoment2, [zero, dw], { beta2 }),
      ];
      const [rate, step] = [g.constant(tensor([], [attrs.lr])), g.constant(tensor([], [1]))];
      const next = g.apply(adamStep, [w, m, v, rate, step], {
        beta1,
        beta2,
        epsilon: attrs.eps,
        weightDecay,
      });
      expectClose(interpret(g.finish({ next }), {}).outputs["next"]!, step1.state[name]!, name, 1e-13);
    }
  });
});
