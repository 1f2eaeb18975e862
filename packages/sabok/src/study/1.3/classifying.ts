// What a factor α does to a whole network: how far its logits move, and how many images keep their class.
import { Random, SabokError, formatShape, sizeOf, tensor, type Tensor } from "../../core/index.ts";
import { interpret } from "../../backends/reference/index.ts";
import { shapeOf } from "../../graph/index.ts";
import type { Network, Weights } from "../../nn/index.ts";
import { withBatch } from "../../passes/index.ts";
import type { ChapterContext, Series, Table } from "../chapter.ts";
import { largestDifference, normalTensor, rootMeanSquare } from "../draw.ts";
import { familyImages, plainNetwork, trainedMember } from "../mobileFamily.ts";
import { inferenceOn, keptShare, normalizedConvolutions, scaled, smallNetwork } from "./scaling.ts";

/** What α does to a whole network: how far logits move and how many images keep their class. */
export async function classifying(
  kind: "random" | "trained",
  asked: number,
  alpha: number,
  context: ChapterContext,
) {
  const { net, images, count, labels } = await subject(kind, asked, context);
  const { weights } = net;
  const infer = await inferenceOn(net, count);
  const layers = normalizedConvolutions(net.graph);
  const names = layers.map(({ weight }) => weight);
  const usual = await infer(weights, images);
  const spread = rootMeanSquare(usual.logits);
  const times = (factor: number): Float32Array => images.map((value) => factor * value);
  const compare = async (states: Weights, fed: Float32Array) => {
    const answers = await infer(states, fed);
    return {
      change: largestDifference(usual.logits, answers.logits) / spread,
      kept: keptShare(usual, answers),
      answers,
    };
  };
  const all = await compare(scaled(weights, names, alpha), images);
  const input = await compare(weights, times(alpha));
  const first = await compare(scaled(weights, names.slice(0, 1), alpha), images);
  let moved = weights;
  for (const { weight, mean, variance } of layers)
    moved = scaled(scaled(scaled(moved, [weight], alpha), [mean], alpha), [variance], alpha ** 2);
  const restated = await compare(moved, images);
  const training = trainingDifference(net, weights, images, count, alpha);

  const factors = [0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10];
  const curves = { weights: [] as number[], input: [] as number[] };
  for (const [i, factor] of factors.entries()) {
    context.signal?.throwIfAborted();
    context.onProgress?.(0.4 + (0.6 * i) / factors.length, "classifying");
    curves.weights.push((await compare(scaled(weights, names, factor), images)).kept);
    curves.input.push((await compare(weights, times(factor))).kept);
  }
  const common = {
    x: factors,
    xLabel: { en: "α", fa: "α" },
    yLabel: { en: "share that keeps its class", fa: "سهم تصویرهایی که دستهٔ خود را نگه می‌دارند" },
    unit: "",
    figure: "kept",
    logX: true,
  };
  const series: Series[] = [
    { ...common, name: { en: "all weights × α", fa: "همهٔ وزن‌ها ضرب در α" }, y: curves.weights },
    { ...common, name: { en: "input × α", fa: "ورودی ضرب در α" }, y: curves.input },
  ];
  const accuracy = (answers: { classes: readonly number[] }): number =>
    labels ? answers.classes.filter((label, i) => label === labels[i]).length / count : NaN;
  return {
    series,
    results: {
      classified: count,
      changeWeights: all.change,
      keptWeights: all.kept,
      changeInput: input.change,
      keptInput: input.kept,
      changeStatisticsMoved: restated.change,
      keptStatisticsMoved: restated.kept,
      firstLayerAgainstInput: largestDifference(first.answers.logits, input.answers.logits) / spread,
      ...(training !== undefined && { changeTraining: training }),
      ...(labels && {
        accuracy: accuracy(usual),
        accuracyWeights: accuracy(all.answers),
        accuracyInput: accuracy(input.answers),
      }),
    },
  };
}

export type NetworkResults = Awaited<ReturnType<typeof classifying>>["results"];

interface Subject {
  readonly net: Pick<Network, "graph" | "weights">;
  readonly images: Float32Array;
  readonly count: number;
  readonly labels?: readonly number[];
}

/** The reader's own network on noise, the trained one on test images, or a random one on coloured noise. */
async function subject(kind: "random" | "trained", asked: number, context: ChapterContext): Promise<Subject> {
  if (context.model) return readersOwn(context.model, asked);
  if (kind === "trained") {
    const member = await trainedMember(context, "plain");
    const stored = await familyImages(context, asked);
    if (member && stored)
      return {
        net: { graph: plainNetwork().graph, weights: member.states },
        images: stored.images.data,
        count: asked,
        labels: stored.labels,
      };
  }
  const net = smallNetwork({ bias: false, seed: 3 });
  const random = new Random(7);
  const drawn = imagesOf(random, 512);
  const { states } = interpret(withBatch(net.graph, 512), { image: drawn }, net.weights);
  const images = Float32Array.from(imagesOf(random, asked).data);
  return { net: { graph: net.graph, weights: new Map([...net.weights, ...states]) }, images, count: asked };
}

const mostValues = 200_000;

/** Standard normal images, fewer of them where they are large. */
function readersOwn(model: NonNullable<ChapterContext["model"]>, asked: number): Subject {
  const inputs = Object.entries(model.graph.inputs);
  const [, ...shape] = inputs.length === 1 ? shapeOf(inputs[0]![1]) : [];
  if (shape.length !== 3)
    throw new SabokError(
      `Chapter 1.3, the model: has inputs ${inputs.map(([name, value]) => `${name} ${formatShape(shapeOf(value))}`).join(", ")}; expected one, of shape [N,C,H,W].`,
    );
  if (normalizedConvolutions(model.graph).length === 0)
    throw new SabokError(
      "Chapter 1.3, the model: has no convolution with a batch norm right after it (an exported model has them folded); expected one, such as the folder of a run of sabok fit.",
    );
  const count = Math.max(2, Math.min(asked, Math.floor(mostValues / sizeOf(shape))));
  const images = Float32Array.from(normalTensor(new Random(7), [count, ...shape]).data);
  return { net: model, images, count };
}

/** Images that differ: noise, and a colour of its own for each. */
function imagesOf(random: Random, count: number): Tensor {
  const noise = normalTensor(random, [count, 3, 8, 8]);
  const colour = normalTensor(random, [count, 3], { std: 2 });
  return tensor(
    noise.shape,
    noise.data.map((value, i) => value + colour.data[Math.floor(i / 64)]!),
  );
}

/** In training mode, float64, the first 8 images: the largest change of a logit under |α| on every convolution. */
function trainingDifference(
  { graph: original }: Subject["net"],
  weights: Weights,
  images: Float32Array,
  count: number,
  alpha: number,
): number | undefined {
  if (!original.values.some(({ op }) => op === "batchMean")) return undefined; // a graph of inference only
  const graph = withBatch(original, Math.min(8, count));
  const [input, value] = Object.entries(graph.inputs)[0]!;
  const { shape } = value.type;
  const x = tensor(
    shape,
    images.slice(
      0,
      shape.reduce((a, b) => a * b),
    ),
  );
  const names = normalizedConvolutions(original).map(({ weight }) => weight);
  const at = (factor: number): Tensor =>
    Object.values(interpret(graph, { [input]: x }, scaled(weights, names, factor)).outputs)[0]!;
  const before = at(1);
  return largestDifference(before.data, at(Math.abs(alpha)).data) / rootMeanSquare(before.data);
}

export function networkTable(found: NetworkResults, { flip }: { flip: number }): Table {
  return {
    title: {
      en: "A whole network: largest change of a logit (1 is the logits' size), and images that keep their class",
      fa: "کل شبکه: بیشترین تغییر یک لوجیت (واحد: اندازهٔ لوجیت‌ها) و سهم تصویرهایی که دستهٔ خود را نگه می‌دارند",
    },
    columns: [
      { en: "experiment", fa: "آزمایش" },
      { en: "change", fa: "تغییر" },
      { en: "class kept", fa: "دستهٔ حفظ‌شده" },
    ],
    rows: [
      [
        { en: "inference, all convolutions × α", fa: "استنتاج، همهٔ کانولوشن‌ها ضرب در α" },
        found.changeWeights,
        found.keptWeights,
      ],
      [{ en: "inference, input × α", fa: "استنتاج، ورودی ضرب در α" }, found.changeInput, found.keptInput],
      [
        { en: "input × α against the first layer × α", fa: "ورودی ضرب در α در برابر لایهٔ اول ضرب در α" },
        found.firstLayerAgainstInput,
        "–",
      ],
      [
        { en: "inference, with μ × α and σ² × α²", fa: "استنتاج، همراه با μ ضرب در α و σ² ضرب در α²" },
        found.changeStatisticsMoved,
        found.keptStatisticsMoved,
      ],
      [
        { en: "training, all convolutions × |α|", fa: "آموزش، همهٔ کانولوشن‌ها ضرب در |α|" },
        found.changeTraining ?? "–",
        "–",
      ],
      [
        { en: "training, one layer: distance from sign(α)·x̂", fa: "آموزش، یک لایه: فاصله از x̂ با علامت α" },
        flip,
        "–",
      ],
    ],
  };
}
