// Gradients through many blocks: four activations, without a skip, with one inside and with one outside the activation.
import {
  blockJacobian,
  activationNames,
  activationTitles,
  skips,
  steepest,
  type ActivationName,
  type Skip,
} from "../5.1/blocks.ts";
import { tensor, singularValueDecomposition } from "../../core/index.ts";
import { drawNetwork, throughDepth } from "../5.1/depth.ts";
import { depthParameters } from "../5.1/depthParameters.ts";
import { spellFactor } from "../5.1/spellFactor.ts";
import type { Series, Text, Verdict } from "../chapter.ts";
import { defineChapter } from "../defineChapter.ts";
import { choice } from "../parameters.ts";
import { spell } from "../words.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";

export const chapter = defineChapter({
  id: "5.3",
  title: {
    en: "Does a skip end vanishing gradients?",
    fa: "آیا اتصال میان‌بر گرادیان محوشونده را از میان می‌برد؟",
  },
  question: {
    en: "Through many blocks, when does a skip keep the gradient from vanishing, and when does it not?",
    fa: "در گذر از بلوک‌های بسیار، اتصال میان‌بر چه زمانی جلوی محوشدن گرادیان را می‌گیرد و چه زمانی نه؟",
  },
  claim: {
    en: "The skip adds one to the derivative, so the gradient cannot vanish.",
    fa: "اتصال میان‌بر یک را به مشتق می‌افزاید؛ پس گرادیان نمی‌تواند محو شود.",
  },
  text: { en, fa },
  verdict: "conditional",
  parameters: {
    ...depthParameters,
    weights: choice({
      label: {
        en: "weights: orthogonal times ε, or normal of variance ε²/n",
        fa: "وزن‌ها: متعامد ضرب در ε، یا نرمال با واریانس ε²/n",
      },
      choices: ["orthogonal", "gaussian"],
      default: "orthogonal",
    }),
  },
  async run(setting, { onProgress, signal }) {
    const network = drawNetwork(setting);
    const rows: Row[] = [];
    for (const activation of activationNames)
      for (const skip of skips) {
        signal?.throwIfAborted();
        onProgress?.(rows.length / 12, `${activation}, ${skip}`);
        const { gains, jacobians } = await throughDepth(network, activation, skip);
        const { values } = singularValueDecomposition(jacobians.at(-1)!);
        rows.push({
          activation,
          skip,
          gains,
          gain: gains.at(-1)!,
          largest: values[0]!,
          smallest: values.at(-1)!,
        });
        // A turn of the event loop, so that a page can paint and a reader can stop.
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    const { epsilon, blocks } = setting;
    const [lower, upper] = [Math.max(0, 1 - epsilon ** 2) ** blocks, (1 + epsilon ** 2) ** blocks];
    const cancelled = await oppositeWeights(blocks);
    const named = Object.fromEntries(rows.flatMap((row) => namesOf(row)));
    return {
      results: {
        ...named,
        linearMeanSquareTheory: (1 + epsilon ** 4) ** blocks,
        linearMeanSquare: rowOf(rows, "none", "outside").gain ** 2,
        lowerBoundOutside: lower,
        upperBoundOutside: upper,
        cancelledDerivative: cancelled,
      },
      tables: [
        {
          title: { en: "The Jacobian through all blocks", fa: "ژاکوبی در گذر از همهٔ بلوک‌ها" },
          columns: [
            { en: "activation", fa: "تابع فعال‌سازی" },
            { en: "skip", fa: "اتصال میان‌بر" },
            { en: "factor on a random gradient", fa: "ضریب یک گرادیان تصادفی" },
            { en: "largest singular value", fa: "بزرگ‌ترین مقدار تکین" },
            { en: "smallest singular value", fa: "کوچک‌ترین مقدار تکین" },
          ],
          rows: rows.map(({ activation, skip, gain, largest, smallest }) => [
            activationTitles[activation],
            skipTitles[skip],
            gain,
            largest,
            smallest,
          ]),
        },
        {
          title: {
            en: "Bounds for the skip outside, orthogonal weights",
            fa: "کران‌ها برای میان‌بر بیرونی با وزن‌های متعامد",
          },
          columns: [
            { en: "bound", fa: "کران" },
            { en: "value", fa: "مقدار" },
          ],
          rows: [
            [{ en: "lower, (1 − ε²)^B", fa: "پایین، (1 − ε²)^B" }, lower],
            [{ en: "upper, (1 + ε²)^B", fa: "بالا، (1 + ε²)^B" }, upper],
          ],
        },
      ],
      series: activationNames.flatMap((activation) =>
        seriesOf(rows.filter((row) => row.activation === activation)),
      ),
      symbolic: [
        { label: skipTitles.none, tex: String.raw`\prod_{i} D^{2i}W^{2i}D^{2i-1}W^{2i-1}` },
        { label: skipTitles.inside, tex: String.raw`\prod_{i} D_s^{2i}\big(I+W^{2i}D^{2i-1}W^{2i-1}\big)` },
        { label: skipTitles.outside, tex: String.raw`\prod_{i} \big(I+D^{2i}W^{2i}D^{2i-1}W^{2i-1}\big)` },
      ],
      verdict: verdictOf(rows, blocks),
    };
  },
});

interface Row {
  readonly activation: ActivationName;
  readonly skip: Skip;
  readonly gains: readonly number[];
  readonly gain: number;
  readonly largest: number;
  readonly smallest: number;
}

const skipTitles: Readonly<Record<Skip, Text>> = {
  none: { en: "none", fa: "ندارد" },
  inside: { en: "inside the activation", fa: "درون تابع فعال‌سازی" },
  outside: { en: "outside the activation", fa: "بیرون تابع فعال‌سازی" },
};

/** "tanhInside": the factor on a random gradient; "tanhInsideLargest" and "…Smallest": the outer singular values. */
function namesOf({ activation, skip, gain, largest, smallest }: Row): [string, number][] {
  const name = `${activation === "none" ? "linear" : activation}${skip[0]!.toUpperCase()}${skip.slice(1)}`;
  return [
    [name, gain],
    [`${name}Largest`, largest],
    [`${name}Smallest`, smallest],
  ];
}

function rowOf(rows: readonly Row[], activation: ActivationName, skip: Skip): Row {
  return rows.find((row) => row.activation === activation && row.skip === skip)!;
}

function seriesOf(rows: readonly Row[]): Series[] {
  const title = activationTitles[rows[0]!.activation];
  return rows
    .map(({ skip, gains, activation }): Series => ({
      name: skipTitles[skip],
      x: gains.flatMap((gain, i) => (gain > 0 ? [i + 1] : [])),
      y: gains.filter((gain) => gain > 0),
      xLabel: { en: "blocks", fa: "تعداد بلوک‌ها" },
      yLabel: { en: `factor on the gradient, ${title.en}`, fa: `ضریب گرادیان، ${title.fa}` },
      unit: "",
      figure: activation,
      logY: true,
    }))
    .filter(({ x }) => x.length > 0);
}

/** Linear blocks of one unit with w¹ = 1 and w² = −1 and the skip: each has derivative 0, so has the product. */
async function oppositeWeights(blocks: number): Promise<number> {
  const one = (value: number) => tensor([1, 1], [value]);
  const zero = tensor([1], [0]);
  const { jacobian } = await blockJacobian(
    { a: tensor([1], [1]), w1: one(1), w2: one(-1), b1: zero, b2: zero },
    "none",
    "outside",
  );
  return jacobian.data[0]! ** blocks;
}

function verdictOf(rows: readonly Row[], blocks: number): Verdict {
  const factor = (activation: ActivationName, skip: Skip) => spellFactor(rowOf(rows, activation, skip).gain);
  const [b, plain, inside, outside] = [
    spell(blocks),
    factor("sigmoid", "none"),
    factor("sigmoid", "inside"),
    factor("sigmoid", "outside"),
  ];
  const [relu, reluInside] = [factor("relu", "none"), factor("relu", "inside")];
  const { largest, smallest } = rowOf(rows, "none", "outside");
  const quarter = spell(steepest.sigmoid);
  const [most, least] = [spellFactor(largest), spellFactor(smallest)];
  return {
    status: "conditional",
    text: {
      en:
        `It helps where the identity stays outside a saturating activation, or where the activation has slope one (ReLU: from ${relu.en} to ${reluInside.en} inside). Inside a sigmoid everything, the identity too, is multiplied by at most ${quarter.en} a block: ` +
        `${inside.en} after ${b.en} blocks, against ${plain.en} without a skip and ${outside.en} with it outside. One is no lower bound either: in the linear net with a skip the singular values run from ${least.en} to ${most.en}, ` +
        `farther apart the larger $\\varepsilon$ and the deeper the net: some directions die while others explode.`,
      fa:
        `آنجا کمک می‌کند که همانی بیرونِ تابع فعال‌سازیِ اشباع‌شونده بماند، یا شیب تابع فعال‌سازی یک باشد (ReLU: از ${relu.fa} به ${reluInside.fa} در شکل درونی). درون سیگموید همه‌چیز، خود همانی هم، در هر بلوک حداکثر در ${quarter.fa} ضرب می‌شود: ` +
        `پس از ${b.fa} بلوک ${inside.fa}، در برابر ${plain.fa} بدون میان‌بر و ${outside.fa} با میان‌بر بیرونی. یک کران پایین هم نیست: در شبکهٔ خطی با میان‌بر مقدارهای تکین از ${least.fa} تا ${most.fa} هستند و ` +
        `هرچه $\\varepsilon$ بزرگ‌تر و شبکه عمیق‌تر باشد از هم دورتر می‌شوند: برخی راستاها می‌میرند و برخی منفجر می‌شوند.`,
    },
  };
}
