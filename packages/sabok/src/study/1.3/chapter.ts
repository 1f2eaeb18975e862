// Conv → BN → activation: the bias, and a factor α on the weights or on the input, in training and at inference.
import { Random, tensor, type Tensor } from "../../core/index.ts";
import { interpret } from "../../backends/reference/index.ts";
import { add, conv2d, evaluate, type Network, type Weights } from "../../nn/index.ts";
import { withBatch } from "../../passes/index.ts";
import type { ChapterContext, Series, Table, Verdict } from "../chapter.ts";
import { defineChapter } from "../defineChapter.ts";
import { largestDifference, normalTensor, rootMeanSquare } from "../draw.ts";
import { familyImages, plainNetwork, trainedMember } from "../mobileFamily.ts";
import { batchStatistics, normalizeBy } from "../normalizing.ts";
import { choice, number } from "../parameters.ts";
import { spell, spellShare } from "../words.ts";
import { biasFindings, type BiasFindings } from "./biasFindings.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";
import { inferenceOn, keptShare, normalizedConvolutions, scaled, smallNetwork } from "./scaling.ts";

export const chapter = defineChapter({
  id: "1.3",
  title: {
    en: "Convolution, batch norm, activation: the bias, and a factor on weights or input",
    fa: "کانولوشن، نرمال‌سازی دسته‌ای، تابع فعال‌سازی: بایاس، و ضریبی در وزن‌ها یا ورودی",
  },
  question: {
    en: "Does a convolution need its bias when batch norm follows it, and what happens when its weights or its input are multiplied by $\\alpha$, in training and at inference?",
    fa: "وقتی پس از کانولوشن نرمال‌سازی دسته‌ای می‌آید، آیا بایاس کانولوشن لازم است؟ و اگر وزن‌ها یا ورودی آن در $\\alpha$ ضرب شوند، در آموزش و در استنتاج چه رخ می‌دهد؟",
  },
  claim: {
    en: "Batch norm makes the network invariant to the scale of its weights and of its input, so multiplying them by $\\alpha$ changes nothing, at inference either.",
    fa: "نرمال‌سازی دسته‌ای شبکه را نسبت به مقیاس وزن‌ها و ورودی ناوردا می‌کند؛ پس ضرب آن‌ها در $\\alpha$ چیزی را تغییر نمی‌دهد، در استنتاج هم.",
  },
  text: { en, fa },
  verdict: "false",
  parameters: {
    alpha: number({ label: { en: "factor α", fa: "ضریب α" }, default: 2, least: -1000, most: 1000 }),
    net: choice({
      label: { en: "the network that classifies", fa: "شبکه‌ای که دسته‌بندی می‌کند" },
      choices: ["random", "trained"],
      default: "random",
    }),
    images: number({
      label: { en: "images to classify", fa: "تعداد تصویرها" },
      default: 1000,
      least: 10,
      most: 1000,
      whole: true,
    }),
    weight: number({
      label: { en: "weight w of the one-number example", fa: "وزن w در مثال تک‌عددی" },
      default: 2,
      least: -1000,
      most: 1000,
    }),
    input: number({ label: { en: "input x", fa: "ورودی x" }, default: 5, least: -1000, most: 1000 }),
    bias: number({ label: { en: "bias b", fa: "بایاس b" }, default: 0, least: -1000, most: 1000 }),
    mean: number({
      label: { en: "running mean μ", fa: "میانگین جاری μ" },
      default: 3,
      least: -1000,
      most: 1000,
    }),
    std: number({
      label: { en: "running standard deviation σ", fa: "انحراف معیار جاری σ" },
      default: 2,
      least: 0.001,
      most: 1000,
    }),
    gamma: number({ label: { en: "γ", fa: "γ" }, default: 1, least: -1000, most: 1000 }),
    beta: number({ label: { en: "β", fa: "β" }, default: 0, least: -1000, most: 1000 }),
  },
  async run(values, context) {
    const { alpha } = values;
    const one = await oneNumber(values);
    const bias = biasFindings(alpha === 0 ? 1 : alpha);
    const layer = await oneLayer(alpha);
    context.onProgress?.(0.3, "classifying");
    const found = await classifying(values.net, values.images, alpha, context);
    return {
      results: {
        ...one,
        biasTrainingDifference: bias.trainingDifference,
        biasTrainingGradient: bias.trainingGradient,
        biasInferenceGradient: bias.inferenceGradient,
        biasDeletedAlone: bias.deletedAlone,
        biasDeletedWithMean: bias.deletedWithMean,
        radialGradient: bias.radialGradient,
        gradientRatio: bias.gradientRatio,
        trainingFlip: layer.flip,
        ...found.results,
      },
      tables: [oneNumberTable(one), networkTable(found.results, layer), biasTable(bias)],
      series: found.series,
      symbolic: [
        {
          label: { en: "weights times $\\alpha$ at inference", fa: "وزن‌ها در $\\alpha$، در استنتاج" },
          tex: String.raw`y_\alpha-\beta=\alpha(y-\beta)+\frac{\gamma(\alpha-1)(\mu-b)}{\sigma}`,
        },
        {
          label: {
            en: "weights and bias times $\\alpha$ at inference",
            fa: "وزن‌ها و بایاس در $\\alpha$، در استنتاج",
          },
          tex: String.raw`y_\alpha-\beta=\alpha(y-\beta)+\frac{\gamma(\alpha-1)\mu}{\sigma}`,
        },
        {
          label: { en: "in training", fa: "در آموزش" },
          tex: String.raw`\frac{\alpha h-\alpha\mu_B}{\sqrt{\alpha^2\sigma_B^2+\varepsilon}}\to\operatorname{sign}(\alpha)\,\hat h\quad(\varepsilon\to0)`,
        },
      ],
      verdict: verdictOf(alpha, one, found.results),
    };
  },
});

interface OneNumber {
  readonly y: number;
  readonly yWeights: number;
  readonly yWeightsFormula: number;
  readonly yWeightsAndBias: number;
  readonly yWeightsAndBiasFormula: number;
  readonly yInput: number;
  readonly yStatisticsMoved: number;
}

/** One weight, one input, given running statistics, ε = 0: the formulas against the engine's operators. */
async function oneNumber(v: {
  alpha: number;
  weight: number;
  input: number;
  bias: number;
  mean: number;
  std: number;
  gamma: number;
  beta: number;
}): Promise<OneNumber> {
  const one = (value: number): Tensor => tensor([1], [value]);
  const at = async (
    weight: number,
    input: number,
    bias: number,
    mean: number,
    std: number,
  ): Promise<number> => {
    const y = await evaluate(
      (x, w, b, mean, variance, scale, offset) =>
        normalizeBy(add(conv2d(x, w), b), { mean, variance }, { scale, offset }),
      [
        tensor([1, 1, 1, 1], [input]),
        tensor([1, 1, 1, 1], [weight]),
        tensor([1, 1, 1, 1], [bias]),
        one(mean),
        one(std ** 2),
        one(v.gamma),
        one(v.beta),
      ],
    );
    return y.data[0]!;
  };
  const { alpha, weight, input, bias, mean, std, gamma, beta } = v;
  const y = await at(weight, input, bias, mean, std);
  return {
    y,
    yWeights: await at(alpha * weight, input, bias, mean, std),
    yWeightsFormula: beta + alpha * (y - beta) + (gamma * (alpha - 1) * (mean - bias)) / std,
    yWeightsAndBias: await at(alpha * weight, input, alpha * bias, mean, std),
    yWeightsAndBiasFormula: beta + alpha * (y - beta) + (gamma * (alpha - 1) * mean) / std,
    yInput: await at(weight, alpha * input, bias, mean, std),
    // For α = 0 any ε > 0 gives β, and ε = 0 nothing.
    yStatisticsMoved:
      alpha === 0 ? beta : await at(alpha * weight, input, alpha * bias, alpha * mean, Math.abs(alpha) * std),
  };
}

/** One convolution and batch norm by the batch's statistics, ε tiny: how far from sign(α)·ŷ scaling by α takes it. */
async function oneLayer(alpha: number): Promise<{ flip: number }> {
  const random = new Random(2);
  const [x, w] = [normalTensor(random, [8, 3, 6, 6]), normalTensor(random, [4, 3, 3, 3])];
  const at = (factor: number) =>
    evaluate(
      (x, w) => {
        const h = conv2d(x, w, { padding: 1 });
        return normalizeBy(h, batchStatistics(h), { epsilon: 1e-30 });
      },
      [
        x,
        tensor(
          w.shape,
          w.data.map((value) => factor * value),
        ),
      ],
    );
  const [before, after] = [await at(1), await at(alpha)];
  return {
    flip: largestDifference(
      before.data.map((value) => Math.sign(alpha) * value),
      after.data,
    ),
  };
}

type NetworkResults = Awaited<ReturnType<typeof classifying>>["results"];

/** What α does to a whole network: how far logits move and how many images keep their class. */
async function classifying(
  kind: "random" | "trained",
  asked: number,
  alpha: number,
  context: ChapterContext,
) {
  const { net, weights, images, count, labels } = await subject(kind, asked, context);
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
  const training = trainingDifference(net, weights, images, alpha);

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
    { ...common, name: { en: "all weights × α", fa: "همهٔ وزن‌ها در α" }, y: curves.weights },
    { ...common, name: { en: "input × α", fa: "ورودی در α" }, y: curves.input },
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
      changeTraining: training,
      ...(labels && {
        accuracy: accuracy(usual),
        accuracyWeights: accuracy(all.answers),
        accuracyInput: accuracy(input.answers),
      }),
    },
  };
}

async function subject(kind: "random" | "trained", asked: number, context: ChapterContext) {
  if (kind === "trained") {
    const member = await trainedMember(context, "plain");
    const stored = await familyImages(context, asked);
    if (member && stored)
      return {
        net: plainNetwork(),
        weights: member.states as Weights,
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
  return {
    net,
    weights: new Map([...net.weights, ...states]) as Weights,
    images,
    count: asked,
    labels: undefined,
  };
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
function trainingDifference(net: Network, weights: Weights, images: Float32Array, alpha: number): number {
  const graph = withBatch(net.graph, 8);
  const [input, value] = Object.entries(graph.inputs)[0]!;
  const { shape } = value.type;
  const x = tensor(
    shape,
    images.slice(
      0,
      shape.reduce((a, b) => a * b),
    ),
  );
  const names = normalizedConvolutions(net.graph).map(({ weight }) => weight);
  const at = (factor: number): Tensor =>
    interpret(graph, { [input]: x }, scaled(weights, names, factor)).outputs["logits"]!;
  const before = at(1);
  return largestDifference(before.data, at(Math.abs(alpha)).data) / rootMeanSquare(before.data);
}

function oneNumberTable(one: OneNumber): Table {
  return {
    title: {
      en: "One number at inference, running statistics frozen",
      fa: "یک عدد در استنتاج، با آماره‌های جاری ثابت",
    },
    columns: [
      { en: "what is multiplied by α", fa: "آنچه در α ضرب می‌شود" },
      { en: "output y", fa: "خروجی y" },
      { en: "by the formula", fa: "از فرمول" },
    ],
    rows: [
      [{ en: "nothing", fa: "هیچ" }, one.y, one.y],
      [{ en: "the weight", fa: "وزن" }, one.yWeights, one.yWeightsFormula],
      [{ en: "weight and bias", fa: "وزن و بایاس" }, one.yWeightsAndBias, one.yWeightsAndBiasFormula],
      [{ en: "the input", fa: "ورودی" }, one.yInput, one.yWeightsFormula],
      [{ en: "weight, bias, μ and σ", fa: "وزن، بایاس، μ و σ" }, one.yStatisticsMoved, "–"],
    ],
  };
}

function networkTable(found: NetworkResults, { flip }: { flip: number }): Table {
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
        { en: "inference, all convolutions × α", fa: "استنتاج، همهٔ کانولوشن‌ها در α" },
        found.changeWeights,
        found.keptWeights,
      ],
      [{ en: "inference, input × α", fa: "استنتاج، ورودی در α" }, found.changeInput, found.keptInput],
      [
        { en: "input × α against the first layer × α", fa: "ورودی در α در برابر لایهٔ اول در α" },
        found.firstLayerAgainstInput,
        "–",
      ],
      [
        { en: "inference, with μ × α and σ² × α²", fa: "استنتاج، همراه با μ در α و σ² در α²" },
        found.changeStatisticsMoved,
        found.keptStatisticsMoved,
      ],
      [
        { en: "training, all convolutions × |α|", fa: "آموزش، همهٔ کانولوشن‌ها در |α|" },
        found.changeTraining,
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

function biasTable(bias: BiasFindings): Table {
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

function verdictOf(alpha: number, one: OneNumber, found: NetworkResults): Verdict {
  const [a, y, after] = [spell(alpha), spell(one.y), spell(one.yWeights)];
  const [kept, keptInput] = [spellShare(found.keptWeights), spellShare(found.keptInput)];
  return {
    status: "false",
    text: {
      en:
        `The bias is redundant: in training it cancels exactly and its gradient is zero; from a trained net it may go only together with its share of the running mean. ` +
        `The invariance to $\\alpha$ holds in training, where the batch's statistics scale along (a negative $\\alpha$ flips the sign). At inference the statistics are frozen, and the output ` +
        `changes: with $\\alpha$ = ${a.en} from ${y.en} to ${after.en}; only with $\\mu$ and $\\sigma$ scaled too does it stay. That the output changes does not mean that the class does: ` +
        `${kept.en} of the images keep it under scaled weights, ${keptInput.en} under a scaled input.`,
      fa:
        `بایاس زائد است: در آموزش دقیقاً حذف می‌شود و گرادیانش صفر است؛ از شبکهٔ آموزش‌دیده هم تنها همراه با سهمش از میانگین جاری می‌توان آن را برداشت. ` +
        `ناوردایی نسبت به $\\alpha$ در آموزش برقرار است، زیرا آماره‌های دسته هم با آن مقیاس می‌شوند ($\\alpha$ منفی علامت را برمی‌گرداند). در استنتاج آماره‌ها ثابت‌اند و خروجی ` +
        `تغییر می‌کند: با $\\alpha$ برابر ${a.fa} از ${y.fa} به ${after.fa}؛ تنها اگر $\\mu$ و $\\sigma$ هم مقیاس شوند خروجی همان می‌ماند. تغییر خروجی به معنای تغییر دسته نیست: ` +
        `با وزن‌های مقیاس‌شده ${kept.fa} و با ورودی مقیاس‌شده ${keptInput.fa} تصویرها دستهٔ خود را نگه می‌دارند.`,
    },
  };
}
