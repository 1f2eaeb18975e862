// Batch norm together with dropout: the variance shift, what order and width do to it, and how it is mended.
import { Random } from "../../core/index.ts";
import type { Series, Verdict } from "../chapter.ts";
import { defineChapter } from "../defineChapter.ts";
import { choice, number } from "../parameters.ts";
import { spell, spellShare } from "../words.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";
import {
  linearShift,
  linearShiftRatio,
  measuredOrder,
  measuredShift,
  rectified,
  shiftRatio,
  uniformShift,
} from "./shift.ts";
import { trainedAccuracy } from "./trained.ts";

export const chapter = defineChapter({
  id: "1.5",
  title: { en: "Batch norm together with dropout", fa: "نرمال‌سازی دسته‌ای همراه با حذف تصادفی" },
  question: {
    en: "Is it useful to use dropout and batch norm together, and what happens between them from training to inference?",
    fa: "آیا به‌کاربردن هم‌زمان حذف تصادفی (dropout) و نرمال‌سازی دسته‌ای سودمند است، و از آموزش تا استنتاج میان این دو چه رخ می‌دهد؟",
  },
  claim: {
    en: "Dropout and batch norm both regularise, so together they regularise better.",
    fa: "حذف تصادفی و نرمال‌سازی دسته‌ای هر دو منظم‌سازی می‌کنند؛ پس با هم بهتر منظم‌سازی می‌کنند.",
  },
  text: { en, fa },
  verdict: "conditional",
  parameters: {
    data: choice({
      label: { en: "the unit's values", fa: "مقدارهای واحد" },
      choices: ["normal", "relu"],
      default: "normal",
    }),
    mean: number({
      label: { en: "mean c (normal)", fa: "میانگین c (نرمال)" },
      default: 0,
      least: -10,
      most: 10,
    }),
    variance: number({
      label: { en: "variance v (normal)", fa: "واریانس v (نرمال)" },
      default: 1,
      least: 0.01,
      most: 100,
    }),
    keep: number({
      label: { en: "dropout keeps the share p", fa: "سهم نگه‌داشته‌شده p" },
      default: 0.5,
      least: 0.05,
      most: 1,
    }),
    width: number({
      label: { en: "width d of the linear layer", fa: "پهنای لایهٔ خطی d" },
      default: 64,
      least: 1,
      most: 256,
      whole: true,
    }),
    rho: number({
      label: { en: "correlation ρ of its inputs", fa: "همبستگی ورودی‌هایش ρ" },
      default: 0.3,
      least: 0,
      most: 1,
    }),
    samples: number({
      label: { en: "samples", fa: "تعداد نمونه‌ها" },
      default: 20000,
      least: 1000,
      most: 100000,
      whole: true,
    }),
    seed: number({ label: { en: "seed", fa: "بذر" }, default: 1, least: 0, most: 1e6, whole: true }),
  },
  async run({ data, mean, variance, keep, width, rho, samples, seed }, context) {
    const random = new Random(seed);
    const { c, v } = data === "relu" ? rectified : { c: mean, v: variance };
    const shift = {
      measured: measuredShift(random, samples, data, c, v, keep),
      formula: shiftRatio(c, v, keep),
    };
    const order = measuredOrder(random, samples, data, c, v, keep);
    const rows = Math.max(1000, Math.min(samples, Math.floor(2_000_000 / width)));
    const wide = linearShift(random, rows, { c, v, keep, rho, d: width });
    const uniform = await uniformShift(random, samples, 0.1);
    context.onProgress?.(0.3, "training");
    const inside = await trainedAccuracy(keep, "every layer", context);
    const last = await trainedAccuracy(keep, "last layer", context);
    const without = keep === 1 ? inside : await trainedAccuracy(1, "last layer", context);
    return {
      results: {
        shift: shift.measured,
        shiftFormula: shift.formula,
        orderFirst: order.first,
        orderSecond: order.second,
        orderSecondFormula: shiftRatio(0, 1, keep),
        linearShift: wide.measured,
        linearShiftFormula: wide.formula,
        cosine: wide.cosine,
        uniformShift: uniform,
        accuracyInside: inside.before,
        accuracyInsideMended: inside.after,
        accuracyLast: last.before,
        accuracyLastMended: last.after,
        accuracyWithout: without.before,
      },
      tables: [
        {
          title: {
            en: "Variance behind batch norm at inference; 1 is no shift",
            fa: "واریانس پس از نرمال‌سازی دسته‌ای در استنتاج؛ ۱ یعنی بدون جابه‌جایی",
          },
          columns: [
            { en: "design", fa: "طرح" },
            { en: "measured", fa: "اندازه‌گیری" },
            { en: "formula Δ", fa: "فرمول Δ" },
          ],
          rows: [
            [{ en: "dropout → BN", fa: "حذف تصادفی ← BN" }, shift.measured, shift.formula],
            [
              { en: `dropout → linear (d = ${width}) → BN`, fa: "حذف تصادفی ← لایهٔ خطی ← BN" },
              wide.measured,
              wide.formula,
            ],
            [{ en: "BN → dropout: that BN", fa: "BN ← حذف تصادفی: همان BN" }, order.first, 1],
            [
              { en: "BN → dropout → BN: the next BN", fa: "BN ← حذف تصادفی ← BN: نرمال‌سازی بعدی" },
              order.second,
              shiftRatio(0, 1, keep),
            ],
            [
              { en: "x(1+r), r uniform in ±0.1 → BN", fa: "نویز یکنواخت x(1+r) با r در ±۰٫۱ ← BN" },
              uniform,
              1 / (1 + 0.01 / 3),
            ],
          ],
        },
        {
          title: { en: "A trained classifier: accuracy", fa: "یک دسته‌بند آموزش‌دیده: دقت" },
          columns: [
            { en: "dropout", fa: "حذف تصادفی" },
            { en: "statistics of training", fa: "آماره‌های آموزش" },
            { en: "estimated anew, dropout off", fa: "برآورد دوباره، بدون حذف" },
          ],
          rows: [
            [{ en: "before every batch norm", fa: "پیش از هر نرمال‌سازی" }, inside.before, inside.after],
            [{ en: "before the classifier only", fa: "تنها پیش از دسته‌بند" }, last.before, last.after],
            [{ en: "none", fa: "هیچ" }, without.before, without.after],
          ],
        },
      ],
      series: seriesOf(random, c, v, keep, rho),
      symbolic: [
        {
          label: { en: "dropout directly before batch norm", fa: "حذف تصادفی بلافاصله پیش از نرمال‌سازی" },
          tex: String.raw`\Delta=\frac{\operatorname{Var}_{\text{test}}}{\operatorname{Var}_{\text{train}}}=\frac{v}{\frac{c^2+v}{p}-c^2}`,
        },
        {
          label: { en: "with a linear layer between", fa: "با لایه‌ای خطی در میان" },
          tex: String.raw`\Delta=\frac{v+\rho v(d\cos^2\theta-1)}{\frac{c^2+v}{p}-c^2+\rho v(d\cos^2\theta-1)}`,
        },
      ],
      verdict: verdictOf(shift.formula, keep, inside, without.before),
    };
  },
});

function seriesOf(random: Random, c: number, v: number, keep: number, rho: number): Series[] {
  const keeps = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
  const byKeep = {
    x: keeps,
    xLabel: { en: "share kept p", fa: "سهم نگه‌داشته‌شده p" },
    yLabel: { en: "Δ", fa: "Δ" },
    unit: "",
    figure: "keep",
  };
  const widths = [1, 4, 16, 64, 256];
  const byWidth = {
    x: widths,
    xLabel: { en: "width d", fa: "پهنا d" },
    yLabel: { en: "Δ behind a linear layer", fa: "Δ پس از لایهٔ خطی" },
    unit: "",
    figure: "width",
    logX: true,
  };
  const cosine = 0.5 / Math.sqrt(1.25); // of weights with mean 1/2 and deviation 1, for large d
  const formula = (rho: number) =>
    widths.map((d) => linearShiftRatio(c, v, keep, rho, d, d === 1 ? 1 : cosine));
  return [
    { ...byKeep, name: { en: "c = 0, v = 1", fa: "c = 0, v = 1" }, y: keeps.map((p) => shiftRatio(0, 1, p)) },
    { ...byKeep, name: { en: "c = 1, v = 1", fa: "c = 1, v = 1" }, y: keeps.map((p) => shiftRatio(1, 1, p)) },
    {
      ...byKeep,
      name: { en: "ReLU of a normal number", fa: "ReLU عدد نرمال" },
      y: keeps.map((p) => shiftRatio(rectified.c, rectified.v, p)),
    },
    { ...byWidth, name: { en: "ρ = 0", fa: "ρ = 0" }, y: formula(0) },
    { ...byWidth, name: { en: `ρ = ${rho}`, fa: "ρ این اجرا" }, y: formula(rho) },
    {
      ...byWidth,
      name: { en: `ρ = ${rho}, measured`, fa: "ρ این اجرا، اندازه‌گیری" },
      y: widths.map((d) => linearShift(random, 2000, { c, v, keep, rho, d }).measured),
    },
  ];
}

function verdictOf(
  shift: number,
  keep: number,
  inside: { before: number; after: number },
  without: number,
): Verdict {
  const [ratio, p] = [spell(shift), spell(keep)];
  const [before, after, none] = [spellShare(inside.before), spellShare(inside.after), spellShare(without)];
  return {
    status: "conditional",
    text: {
      en:
        `Not in general. Batch norm stores the variance it saw with dropout on; without dropout the same unit has $\\Delta$ = ${ratio.en} of it (p = ${p.en}), and so does everything behind it. ` +
        `Order and width decide: after the last batch norm, before the classifier, dropout disturbs none; wide layers with correlated inputs average it away. ` +
        `$\\Delta\\ne1$ is a mechanism, not a proof of lower accuracy: here a net with dropout before every batch norm reaches ${before.en}, ${after.en} once its statistics are estimated anew, ${none.en} without dropout.`,
      fa:
        `در حالت کلی نه. نرمال‌سازی دسته‌ای واریانسی را ذخیره می‌کند که با حذف تصادفی دیده است؛ بدون حذف، همان واحد تنها $\\Delta$ برابر آن را دارد و اینجا $\\Delta$ = ${ratio.fa} است (با p = ${p.fa})، و هر چه پس از آن می‌آید هم از این جابه‌جایی اثر می‌پذیرد. ` +
        `ترتیب و پهنا تعیین‌کننده‌اند: حذف تصادفی پس از آخرین نرمال‌سازی و پیش از دسته‌بند هیچ‌کدام را به هم نمی‌زند؛ لایه‌های پهن با ورودی‌های همبسته هم آن را میانگین می‌گیرند. ` +
        `نابرابری $\\Delta\\ne1$ سازوکار است، نه اثبات افت دقت: اینجا شبکه‌ای با حذف تصادفی پیش از هر نرمال‌سازی به دقت ${before.fa} می‌رسد، با برآورد دوبارهٔ آماره‌ها به ${after.fa}، و بدون حذف تصادفی به ${none.fa}.`,
    },
  };
}
