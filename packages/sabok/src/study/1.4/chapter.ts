// Batch norm as noise: how large it is, where it enters the gradient, what penalty it amounts to, beside dropout.
import { Random, SabokError } from "../../core/index.ts";
import type { Series, Table, Verdict } from "../chapter.ts";
import { defineChapter } from "../defineChapter.ts";
import { number } from "../parameters.ts";
import { spell, spellShare } from "../words.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";
import {
  bestDropoutScale,
  bestScaleMeasured,
  conditionalNoise,
  correlatedNoise,
  gradientNoise,
  sampleNoise,
  statisticNoise,
} from "./measure.ts";
import { bestScale, correlatedMeanVariance } from "./theory.ts";

const sizes = [2, 4, 8, 16, 32, 64];

export const chapter = defineChapter({
  id: "1.4",
  title: {
    en: "Batch norm as noise: an implicit regulariser, beside dropout",
    fa: "نرمال‌سازی دسته‌ای به‌مثابهٔ نویز: منظم‌سازی ضمنی، در کنار حذف تصادفی",
  },
  question: {
    en: "How does computing statistics on minibatches put noise into the gradient, why does that regularise, and how does it compare with dropout?",
    fa: "محاسبهٔ آماره‌ها روی ریزدسته‌ها چگونه در گرادیان نویز می‌آورد، چرا این نویز منظم‌سازی می‌کند، و در مقایسه با حذف تصادفی (dropout) چگونه است؟",
  },
  claim: {
    en: "The noise of batch statistics regularises as dropout does, so batch norm can take dropout's place.",
    fa: "نویز آماره‌های دسته همان منظم‌سازی حذف تصادفی را انجام می‌دهد؛ پس نرمال‌سازی دسته‌ای می‌تواند جای آن را بگیرد.",
  },
  text: { en, fa },
  verdict: "conditional",
  parameters: {
    batch: number({
      label: { en: "batch size m", fa: "اندازهٔ دسته m" },
      default: 32,
      least: 2,
      most: 256,
      whole: true,
    }),
    ghost: number({
      label: {
        en: "ghost batch; must divide the batch",
        fa: "دستهٔ فرعی (ghost)؛ باید اندازهٔ دسته را بشمارد",
      },
      default: 8,
      least: 2,
      most: 256,
      whole: true,
    }),
    z: number({ label: { en: "the fixed sample z", fa: "نمونهٔ ثابت z" }, default: 1, least: -4, most: 4 }),
    keep: number({
      label: { en: "dropout keeps the share p", fa: "سهم نگه‌داشته‌شده در حذف تصادفی p" },
      default: 0.9,
      least: 0.05,
      most: 1,
    }),
    rho: number({
      label: { en: "correlation ρ of neighbouring pixels", fa: "همبستگی پیکسل‌های همسایه ρ" },
      default: 0.8,
      least: 0,
      most: 0.99,
    }),
    trials: number({
      label: { en: "random batches", fa: "تعداد دسته‌های تصادفی" },
      default: 4000,
      least: 200,
      most: 20000,
      whole: true,
    }),
    seed: number({ label: { en: "seed", fa: "بذر" }, default: 1, least: 0, most: 1e6, whole: true }),
  },
  async run({ batch: m, ghost, z, keep, rho, trials, seed }, { onProgress, signal }) {
    if (m % ghost !== 0)
      throw new SabokError(
        `Chapter 1.4, ghost: got ${ghost} for a batch of ${m}; expected a divisor of it, for example ${m % 8 === 0 ? 8 : m}.`,
      );
    const random = new Random(seed);
    const statistics = await statisticNoise(random, m, trials);
    const correlated = await correlatedNoise(random, 4, 64, rho, trials);
    const correlatedTheory = correlatedMeanVariance(4, 64, rho);
    onProgress?.(0.2, "noise of one sample");
    const single = await sampleNoise(random, m, trials, z);
    const pair = await conditionalNoise(random, m, trials, [z, -z]);
    onProgress?.(0.4, "noise of the gradient");
    const gradient = await gradientNoise(random, m, trials, 1, -0.5);
    const curve: { m: number; mean: number; deviation: number; scale: number; noise: number }[] = [];
    for (const [i, size] of sizes.entries()) {
      signal?.throwIfAborted();
      onProgress?.(0.5 + (0.4 * i) / sizes.length, `batches of ${size}`);
      const { mean, scaledDeviation } = await gradientNoise(random, size, trials, 1, -0.5);
      curve.push({
        m: size,
        mean,
        deviation: scaledDeviation / Math.sqrt(size),
        scale: await bestScaleMeasured(random, size, trials),
        noise: (await sampleNoise(random, size, trials, z)) / size,
      });
    }
    const best = { measured: await bestScaleMeasured(random, m, trials), theory: bestScale(m) };
    const ghosts = { measured: await bestScaleMeasured(random, m, trials, ghost), theory: bestScale(ghost) };
    const dropped = await bestDropoutScale(random, m * trials, keep);
    return {
      results: {
        meanVariance: statistics.meanVariance,
        meanVarianceTheory: 1 / m,
        expectedVariance: statistics.expectedVariance,
        expectedVarianceTheory: (m - 1) / m,
        varianceVariance: statistics.varianceVariance,
        varianceVarianceTheory: (2 * (m - 1)) / m ** 2,
        correlatedMeanVariance: correlated,
        correlatedMeanVarianceTheory: correlatedTheory,
        effectiveCount: 1 / correlatedTheory,
        sampleNoise: single,
        sampleNoiseTheory: 1 + (z * z) / 2,
        pairCorrelation: pair.correlation,
        gradientMean: gradient.mean,
        gradientDeviation: gradient.scaledDeviation,
        gradientFrozen: gradient.frozen,
        bestScale: best.measured,
        bestScaleTheory: best.theory,
        ghostScale: ghosts.measured,
        ghostScaleTheory: ghosts.theory,
        dropoutScale: dropped,
        equivalentDrop: 1 - best.theory,
        varianceMatchedDrop: 1 / (2 * m + 1),
        curveScale: curve.map(({ scale }) => scale),
        curveScaleTheory: sizes.map(bestScale),
      },
      tables: [
        {
          title: {
            en: `Noise of the statistics of m = ${m} standard normal numbers`,
            fa: "نویز آماره‌های m عدد نرمال استاندارد",
          },
          columns: [
            { en: "what", fa: "کمیت" },
            { en: "measured", fa: "اندازه‌گیری" },
            { en: "theory", fa: "نظریه" },
          ],
          rows: [
            ["Var μ", statistics.meanVariance, 1 / m],
            ["E σ²", statistics.expectedVariance, (m - 1) / m],
            ["Var σ²", statistics.varianceVariance, (2 * (m - 1)) / m ** 2],
            [
              { en: "Var μ of 4 rows of 64 correlated pixels", fa: "Var μ برای ۴ سطر ۶۴ پیکسلی همبسته" },
              correlated,
              correlatedTheory,
            ],
            [
              { en: "independent pixels these are worth, of 256", fa: "تعداد معادل پیکسل‌های مستقل، از ۲۵۶" },
              1 / correlated,
              1 / correlatedTheory,
            ],
            [{ en: "m·Var of x̂ given z", fa: "m·Var برای x̂ به شرط z" }, single, 1 + (z * z) / 2],
            [
              { en: "correlation of x̂ at z and at −z", fa: "همبستگی x̂ در z و در −z" },
              pair.correlation,
              (1 - (z * z) / 2) / (1 + (z * z) / 2),
            ],
          ],
        },
        {
          title: {
            en: "Gradient of one fixed sample, h = 1, t = −1/2",
            fa: "گرادیان یک نمونهٔ ثابت با h=1 و t=−1/2",
          },
          columns: [
            { en: "what", fa: "کمیت" },
            { en: "measured", fa: "اندازه‌گیری" },
            { en: "limit for large m", fa: "حد برای m بزرگ" },
          ],
          rows: [
            [{ en: "mean with batch statistics", fa: "میانگین، با آماره‌های دسته" }, gradient.mean, 0.5],
            [
              { en: "standard deviation · √m", fa: "انحراف معیار ضرب در √m" },
              gradient.scaledDeviation,
              Math.sqrt(2.125),
            ],
            [
              { en: "with frozen statistics (no noise)", fa: "با آماره‌های ثابت (بی‌نویز)" },
              gradient.frozen,
              1.5,
            ],
          ],
        },
        scaleTable(m, ghost, keep, best, ghosts, dropped),
        comparisonTable,
      ],
      series: seriesOf(curve, z, keep),
      symbolic: [
        {
          label: { en: "the penalty, exactly", fa: "جریمه، به طور دقیق" },
          tex: String.raw`\mathbb E(t-\gamma\hat x)^2=(t-\gamma\,\mathbb E\hat x)^2+\gamma^2\operatorname{Var}\hat x`,
        },
        {
          label: { en: "the best $\\gamma$", fa: "بهترین $\\gamma$" },
          tex: String.raw`\gamma^\star=\mathbb E\,\sigma_B=\sqrt{\tfrac2m}\,\frac{\Gamma(m/2)}{\Gamma((m-1)/2)}\approx 1-\frac{3}{4m}`,
        },
      ],
      verdict: verdictOf(m, best.theory, dropped, keep),
    };
  },
});

interface Pair {
  readonly measured: number;
  readonly theory: number;
}

function scaleTable(
  m: number,
  ghost: number,
  keep: number,
  best: Pair,
  ghosts: Pair,
  dropped: number,
): Table {
  return {
    title: {
      en: "The best γ for the target t = z: how much each noise shrinks",
      fa: "بهترین γ برای هدف t=z: هر نویز چقدر کوچک می‌کند",
    },
    columns: [
      { en: "noise", fa: "نویز" },
      { en: "measured γ*", fa: "γ* اندازه‌گیری" },
      { en: "theory", fa: "نظریه" },
      { en: "drop rate that shrinks alike", fa: "نرخ حذف معادل" },
    ],
    rows: [
      [{ en: `batch norm, m = ${m}`, fa: "نرمال‌سازی دسته‌ای" }, best.measured, best.theory, 1 - best.theory],
      [
        { en: `ghost batches of ${ghost}`, fa: "دسته‌های فرعی (ghost)" },
        ghosts.measured,
        ghosts.theory,
        1 - ghosts.theory,
      ],
      [{ en: `dropout that keeps ${keep}`, fa: "حذف تصادفی" }, dropped, keep, 1 - keep],
      [
        { en: "batch norm, rule 3/(4m)", fa: "نرمال‌سازی دسته‌ای، قاعدهٔ 3/(4m)" },
        "–",
        1 - 3 / (4 * m),
        3 / (4 * m),
      ],
      [{ en: "matched by variance instead", fa: "معادل از روی واریانس" }, "–", "–", 1 / (2 * m + 1)],
    ],
  };
}

const comparisonTable: Table = {
  title: { en: "Two noises", fa: "دو نویز" },
  columns: [
    { en: "property", fa: "ویژگی" },
    { en: "batch norm", fa: "نرمال‌سازی دسته‌ای" },
    { en: "dropout", fa: "حذف تصادفی" },
  ],
  rows: [
    [
      { en: "form", fa: "شکل" },
      { en: "additive and multiplicative", fa: "جمعی و ضربی" },
      { en: "multiplicative, Bernoulli", fa: "ضربی، برنولی" },
    ],
    [
      { en: "shared by", fa: "مشترک میان" },
      { en: "a channel's whole batch", fa: "کل دسته در یک کانال" },
      { en: "nothing: each unit its own", fa: "هیچ: هر واحد مستقل" },
    ],
    [{ en: "variance", fa: "واریانس" }, "≈ (1+z²/2)/m", "x²(1−p)/p"],
    [
      { en: "set by", fa: "تنظیم با" },
      { en: "the batch size (or ghosts)", fa: "اندازهٔ دسته (یا ghost)" },
      { en: "its rate", fa: "نرخ آن" },
    ],
    [
      { en: "at inference", fa: "در استنتاج" },
      { en: "off", fa: "خاموش" },
      { en: "off", fa: "خاموش" },
    ],
  ],
};

function seriesOf(
  curve: readonly { m: number; mean: number; deviation: number; scale: number; noise: number }[],
  z: number,
  keep: number,
): Series[] {
  const x = curve.map(({ m }) => m);
  const xLabel = { en: "batch size m", fa: "اندازهٔ دسته m" };
  const measured = { en: "measured", fa: "اندازه‌گیری" };
  const theory = { en: "theory", fa: "نظریه" };
  const noise = {
    x,
    xLabel,
    yLabel: { en: "variance of x̂ given z", fa: "واریانس x̂ به شرط z" },
    unit: "",
    figure: "noise",
    logX: true,
    logY: true,
  };
  const scale = {
    x,
    xLabel,
    yLabel: { en: "best γ", fa: "بهترین γ" },
    unit: "",
    figure: "scale",
    logX: true,
  };
  const gradient = {
    x,
    xLabel,
    yLabel: { en: "gradient of one fixed sample", fa: "گرادیان یک نمونهٔ ثابت" },
    unit: "",
    figure: "gradient",
    logX: true,
  };
  return [
    { ...noise, name: measured, y: curve.map((point) => point.noise) },
    {
      ...noise,
      name: { en: "(1+z²/2)/m, for large m", fa: "نظریه برای m بزرگ" },
      y: x.map((m) => (1 + (z * z) / 2) / m),
    },
    { ...scale, name: measured, y: curve.map((point) => point.scale) },
    { ...scale, name: theory, y: x.map(bestScale) },
    { ...scale, name: { en: "dropout's p", fa: "p در حذف تصادفی" }, y: x.map(() => keep) },
    { ...gradient, name: { en: "mean", fa: "میانگین" }, y: curve.map(({ mean }) => mean) },
    {
      ...gradient,
      name: { en: "standard deviation", fa: "انحراف معیار" },
      y: curve.map(({ deviation }) => deviation),
    },
    { ...gradient, name: { en: "frozen statistics", fa: "آماره‌های ثابت" }, y: x.map(() => 1.5) },
  ];
}

function verdictOf(m: number, theory: number, dropped: number, keep: number): Verdict {
  const [size, rate, shrink, share] = [spell(m), spellShare(1 - theory), spell(dropped), spell(keep)];
  return {
    status: "conditional",
    text: {
      en:
        `True in kind, small in size. The noise is real: with a sample held fixed, its gradient still varies as $1/\\sqrt m$, and a squared loss turns that into a penalty on $\\gamma$. ` +
        `But a batch of ${size.en} shrinks only as much as dropout at a rate of ${rate.en} (dropout that keeps ${share.en} shrinks to ${shrink.en}), ` +
        `it vanishes for large batches, and nothing but the batch size sets it. It does not replace dropout. Nor is the gradient "the inference gradient plus noise": its mean stays at 0.5, not at 1.5.`,
      fa:
        `در نوع درست، در اندازه ناچیز. این نویز واقعی است: حتی با نمونهٔ ثابت، گرادیان آن نمونه با نرخ $1/\\sqrt m$ تغییر می‌کند و تابع زیان مربعی آن را به جریمه‌ای روی $\\gamma$ بدل می‌کند. ` +
        `ولی دسته‌ای با ${size.fa} نمونه تنها به اندازهٔ حذف تصادفی با نرخ ${rate.fa} کوچک می‌کند (حذف تصادفی با سهم نگه‌داری ${share.fa} تا ${shrink.fa} کوچک می‌کند)، ` +
        `برای دسته‌های بزرگ از میان می‌رود و جز اندازهٔ دسته چیزی آن را تنظیم نمی‌کند. پس جای حذف تصادفی را نمی‌گیرد. گرادیان هم «گرادیان استنتاج به‌علاوهٔ نویز» نیست: میانگینش روی ۰٫۵ می‌ماند، نه ۱٫۵.`,
    },
  };
}
