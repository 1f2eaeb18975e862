// Part (a): the bias before a batch norm, in training and at inference.
import { Random, type Tensor } from "../../core/index.ts";
import { gradients } from "../../autodiff/index.ts";
import { interpret } from "../../backends/reference/index.ts";
import { GraphBuilder, makeGraph, shapeOf, statesOf, type Graph } from "../../graph/index.ts";
import type { Weights } from "../../nn/index.ts";
import { crossEntropy } from "../../ops/index.ts";
import { removeDeadBias, toInference, withBatch } from "../../passes/index.ts";
import type { Table } from "../chapter.ts";
import { dot, largestDifference, normalTensor } from "../draw.ts";
import { normalizedConvolutions, redrawn, scaled, smallNetwork } from "./scaling.ts";

const count = 16;

export interface BiasFindings {
  readonly trainingDifference: number;
  readonly trainingGradient: number;
  readonly inferenceGradient: number;
  readonly deletedAlone: number;
  readonly deletedWithMean: number;
  readonly radialGradient: number;
  readonly gradientRatio: number;
}

/** Measured in float64 on a random network whose running statistics are those of its data. */
export function biasFindings(factor: number): BiasFindings {
  const net = smallNetwork({ bias: true, seed: 3 });
  const biases = ["first.conv.bias", "second.conv.bias"];
  const random = new Random(5);
  const image = normalTensor(random, [count, 3, 8, 8]);
  const target: Tensor = {
    shape: [count, 10],
    data: Float64Array.from({ length: count * 10 }, (_, i) => (i % 10 === Math.floor(i / 10) % 10 ? 1 : 0)),
  };
  const training = withLoss(withBatch(net.graph, count));
  const inference = withLoss(withBatch(toInference(net.graph), count));
  const drawn = redrawn(net.weights, biases, 2);
  const first = interpret(training, { image, target }, drawn);
  const weights: Weights = new Map([...drawn, ...first.states]);

  const run = (graph: Graph, states: Weights): Record<string, Tensor> =>
    interpret(graph, { image, target }, states).outputs;
  const withBias = run(training, weights);
  const atInference = run(inference, weights);
  const withoutBias = scaled(weights, biases, 0);
  const mended = removeDeadBias(withBatch(toInference(net.graph), count), weights);
  const largest = (outputs: Record<string, Tensor>): number =>
    Math.max(...biases.map((name) => largestDifference(outputs[`d ${name}`]!.data, new Float64Array(8))));

  const convolutions = normalizedConvolutions(net.graph).map(({ weight }) => weight);
  const scaledRun = run(training, scaled(weights, convolutions, factor));
  const radial = convolutions.map((name) => {
    const [w, dw] = [weights.get(name)!.data, withBias[`d ${name}`]!.data];
    return Math.abs(dot(w, dw)) / Math.sqrt(dot(w, w) * dot(dw, dw));
  });
  const [weight] = convolutions;
  const [before, after] = [withBias[`d ${weight}`]!.data, scaledRun[`d ${weight}`]!.data];
  return {
    trainingDifference: largestDifference(
      withBias["logits"]!.data,
      run(training, withoutBias)["logits"]!.data,
    ),
    trainingGradient: largest(withBias),
    inferenceGradient: largest(atInference),
    deletedAlone: largestDifference(atInference["logits"]!.data, run(inference, withoutBias)["logits"]!.data),
    deletedWithMean: largestDifference(
      atInference["logits"]!.data,
      interpret(mended.graph, { image }, mended.weights).outputs["logits"]!.data,
    ),
    radialGradient: Math.max(...radial),
    gradientRatio: dot(before, after) / dot(before, before),
  };
}

/** The graph with a loss and its gradients to every parameter as the outputs "d <name>". */
function withLoss(graph: Graph): Graph {
  const g = new GraphBuilder();
  const logits = graph.outputs["logits"]!;
  const target = g.input("target", shapeOf(logits));
  const loss = g.apply(crossEntropy, [logits, target], { smoothing: 0 });
  const parameters = [...statesOf(graph, "parameter").values()];
  const found = gradients(g, loss, parameters);
  return makeGraph({
    inputs: { ...graph.inputs, target },
    outputs: { logits, ...Object.fromEntries(parameters.map(({ name }, i) => [`d ${name}`, found[i]!])) },
    updates: graph.updates,
  });
}

export function biasTable(bias: BiasFindings): Table {
  return {
    title: { en: "The bias before a batch norm (float64)", fa: "بایاس پیش از نرمال‌سازی دسته‌ای (float64)" },
    columns: [
      { en: "what", fa: "چه چیزی" },
      { en: "largest value", fa: "بیشترین مقدار" },
    ],
    rows: [
      [
        { en: "change of the training output without the bias", fa: "تغییر خروجی آموزش بدون بایاس" },
        bias.trainingDifference,
      ],
      [{ en: "dL/db in training", fa: "گرادیان نسبت به بایاس در آموزش" }, bias.trainingGradient],
      [{ en: "dL/db at inference", fa: "گرادیان نسبت به بایاس در استنتاج" }, bias.inferenceGradient],
      [
        { en: "change at inference when b alone is deleted", fa: "تغییر در استنتاج وقتی تنها b حذف شود" },
        bias.deletedAlone,
      ],
      [
        {
          en: "the same, running mean lowered by b (float32)",
          fa: "همان، با کم‌کردن b از میانگین جاری (float32)",
        },
        bias.deletedWithMean,
      ],
      [
        { en: "cosine of W and its gradient in training", fa: "کسینوس زاویهٔ W و گرادیانش در آموزش" },
        bias.radialGradient,
      ],
      [
        { en: "gradient at αW over gradient at W", fa: "نسبت گرادیان در αW به گرادیان در W" },
        bias.gradientRatio,
      ],
    ],
  };
}
