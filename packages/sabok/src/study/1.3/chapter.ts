// Conv → BN → activation: the bias, and a factor α on the weights or on the input, in training and at inference.
import { Random, tensor } from "../../core/index.ts";
import { conv2d, evaluate } from "../../nn/index.ts";
import type { Verdict } from "../chapter.ts";
import { defineChapter } from "../defineChapter.ts";
import { largestDifference, normalTensor } from "../draw.ts";
import { batchStatistics, normalizeBy } from "../normalizing.ts";
import { choice, number } from "../parameters.ts";
import { spell, spellShare } from "../words.ts";
import { biasFindings, biasTable } from "./biasFindings.ts";
import { classifying, networkTable, type NetworkResults } from "./classifying.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";
import { oneNumber, oneNumberTable, type OneNumber } from "./oneNumber.ts";

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
  takesModel: true,
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
          label: { en: "weights times $\\alpha$ at inference", fa: "وزن‌ها ضرب در $\\alpha$، در استنتاج" },
          tex: String.raw`y_\alpha-\beta=\alpha(y-\beta)+\frac{\gamma(\alpha-1)(\mu-b)}{\sigma}`,
        },
        {
          label: {
            en: "weights and bias times $\\alpha$ at inference",
            fa: "وزن‌ها و بایاس ضرب در $\\alpha$، در استنتاج",
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
