// Covariate shift between training and test: what frozen statistics do with it, layer by layer, and what estimating them
// anew mends and costs.
import { Random, tensor } from "../../core/index.ts";
import { evaluate } from "../../nn/index.ts";
import type { Series, Verdict } from "../chapter.ts";
import { defineChapter } from "../defineChapter.ts";
import { meanOf, normalTensor, varianceOf } from "../draw.ts";
import { batchStatistics, normalizeBy } from "../normalizing.ts";
import { number } from "../parameters.ts";
import { spell, spellShare } from "../words.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";
import { shiftFindings, type Scenario, type ShiftFindings } from "./scenarios.ts";

export const chapter = defineChapter({
  id: "1.2",
  title: {
    en: "Covariate shift between training and test",
    fa: "جابه‌جایی توزیع ورودی (covariate shift) میان آموزش و آزمون",
  },
  question: {
    en: "Why does a shift between the distributions of training and test data make a network with batch norm unstable, although batch norm normalises?",
    fa: "چرا جابه‌جایی میان توزیع دادهٔ آموزش و دادهٔ آزمون شبکهٔ دارای نرمال‌سازی دسته‌ای را ناپایدار می‌کند، با آنکه این لایه نرمال‌سازی می‌کند؟",
  },
  claim: {
    en: "Batch norm normalises its input, so it protects the network from covariate shift at the test.",
    fa: "نرمال‌سازی دسته‌ای ورودی خود را نرمال می‌کند؛ پس شبکه را هنگام آزمون از جابه‌جایی توزیع در امان می‌دارد.",
  },
  text: { en, fa },
  verdict: "false",
  parameters: {
    mean: number({
      label: { en: "training mean μ", fa: "میانگین آموزش μ" },
      default: 5,
      least: -100,
      most: 100,
    }),
    std: number({
      label: { en: "training standard deviation σ", fa: "انحراف معیار آموزش σ" },
      default: 2,
      least: 0.01,
      most: 100,
    }),
    "test-mean": number({
      label: { en: "test mean μ'", fa: "میانگین آزمون μ'" },
      default: 8,
      least: -100,
      most: 100,
    }),
    "test-std": number({
      label: { en: "test standard deviation σ'", fa: "انحراف معیار آزمون σ'" },
      default: 3,
      least: 0,
      most: 100,
    }),
    samples: number({
      label: { en: "samples for one unit", fa: "تعداد نمونه‌ها برای یک واحد" },
      default: 20000,
      least: 100,
      most: 200000,
      whole: true,
    }),
    seed: number({ label: { en: "seed", fa: "بذر" }, default: 1, least: 0, most: 1e6, whole: true }),
  },
  async run({ mean, std, "test-mean": testMean, "test-std": testStd, samples, seed }, context) {
    const random = new Random(seed);
    const [train, test] = [
      normalTensor(random, [samples, 1], { mean, std }),
      normalTensor(random, [samples, 1], { mean: testMean, std: testStd }),
    ];
    const stored = await evaluate((x) => ({ ...batchStatistics(x) }), [train]);
    const y = await evaluate(
      (x, mean, variance) => normalizeBy(x, { mean, variance }),
      [test, stored.mean, tensor([1], [...stored.variance.data])],
    );
    const found = await shiftFindings({ mean, std, testMean, testStd }, context);
    const of = (scenario: Scenario) => found.accuracies.find((each) => each.scenario === scenario)!;
    return {
      results: {
        mean: meanOf(y.data),
        meanTheory: (testMean - mean) / std,
        variance: varianceOf(y.data),
        varianceTheory: (testStd / std) ** 2,
        accuracy: of("none").stored,
        accuracyRecorded: of("recorded").stored,
        adaptedRecorded: of("recorded").adapted,
        accuracyCovariate: of("covariate").stored,
        adaptedCovariate: of("covariate").adapted,
        accuracyLabels: of("labels").stored,
        adaptedLabels: of("labels").adapted,
        batches4: of("none").batches4,
        companyDependent: found.companyDependent,
        depthMean: found.depth.map((layer) => layer.mean),
        depthVariance: found.depth.map((layer) => layer.variance),
      },
      tables: [
        {
          title: { en: "One unit behind batch norm at the test", fa: "یک واحد پس از نرمال‌سازی هنگام آزمون" },
          columns: [
            { en: "statistic", fa: "آماره" },
            { en: "measured", fa: "اندازه‌گیری" },
            { en: "theory", fa: "نظریه" },
            { en: "in training", fa: "در آموزش" },
          ],
          rows: [
            [{ en: "mean", fa: "میانگین" }, meanOf(y.data), (testMean - mean) / std, 0],
            [{ en: "variance", fa: "واریانس" }, varianceOf(y.data), (testStd / std) ** 2, 1],
          ],
        },
        accuracyTable(found),
        {
          title: {
            en: "Through the trained net, shifted data, stored statistics: over the units behind each batch norm",
            fa: "در شبکهٔ آموزش‌دیده با دادهٔ جابه‌جاشده و آماره‌های ذخیره‌شده: روی واحدهای پس از هر نرمال‌سازی",
          },
          columns: [
            { en: "batch norm", fa: "نرمال‌سازی" },
            { en: "mean of |mean|", fa: "میانگین |میانگین|" },
            { en: "mean variance", fa: "میانگین واریانس" },
          ],
          rows: found.depth.map((layer, i) => [i, layer.mean, layer.variance]),
        },
      ],
      series: depthSeries(found),
      symbolic: [
        {
          label: { en: "behind batch norm at the test", fa: "پس از نرمال‌سازی هنگام آزمون" },
          tex: String.raw`\mathcal N(\mu',\sigma'^2)\ \to\ \mathcal N\Bigl(\frac{\mu'-\mu}{\sigma},\ \frac{\sigma'^2}{\sigma^2}\Bigr)`,
        },
      ],
      verdict: verdictOf((testMean - mean) / std, (testStd / std) ** 2, found),
    };
  },
});

const scenarioNames: Readonly<Record<Scenario, { en: string; fa: string }>> = {
  none: { en: "no shift", fa: "بدون جابه‌جایی" },
  recorded: { en: "x moved, the label goes with what it was", fa: "جابه‌جایی x پس از تعیین برچسب" },
  covariate: { en: "P(x) moved, P(y|x) the same", fa: "جابه‌جایی P(x) با P(y|x) ثابت" },
  labels: { en: "other class proportions (94 %, 2 %, …)", fa: "نسبت‌های دیگر برای دسته‌ها (۹۴٪، ۲٪، …)" },
};

function accuracyTable({ accuracies }: ShiftFindings) {
  return {
    title: {
      en: "Accuracy of the trained net by where its statistics come from",
      fa: "دقت شبکهٔ آموزش‌دیده بر پایهٔ خاستگاه آماره‌ها",
    },
    columns: [
      { en: "test data", fa: "دادهٔ آزمون" },
      { en: "training", fa: "آموزش" },
      { en: "test set (AdaBN)", fa: "مجموعهٔ آزمون (AdaBN)" },
      { en: "test batch of 64", fa: "دستهٔ آزمون ۶۴تایی" },
      { en: "test batch of 4", fa: "دستهٔ آزمون ۴تایی" },
    ],
    rows: accuracies.map((each) => [
      scenarioNames[each.scenario],
      each.stored,
      each.adapted,
      each.batches64,
      each.batches4,
    ]),
  };
}

function depthSeries({ depth }: ShiftFindings): Series[] {
  const x = depth.map((_, i) => i);
  const common = {
    x,
    xLabel: { en: "batch norm", fa: "شمارهٔ نرمال‌سازی" },
    yLabel: { en: "over its units (training: 0 and 1)", fa: "روی واحدها (در آموزش: ۰ و ۱)" },
    unit: "",
    figure: "depth",
  };
  return [
    {
      ...common,
      name: { en: "mean of |mean|", fa: "میانگین |میانگین|" },
      y: depth.map((layer) => layer.mean),
    },
    {
      ...common,
      name: { en: "mean variance", fa: "میانگین واریانس" },
      y: depth.map((layer) => layer.variance),
    },
  ];
}

function verdictOf(mean: number, variance: number, { accuracies, companyDependent }: ShiftFindings): Verdict {
  const of = (scenario: Scenario) => accuracies.find((each) => each.scenario === scenario)!;
  const [m, v] = [spell(mean), spell(variance)];
  const [clean, hit, mended] = [
    spellShare(of("none").stored),
    spellShare(of("recorded").stored),
    spellShare(of("recorded").adapted),
  ];
  const [same, sameAdapted] = [spellShare(of("covariate").stored), spellShare(of("covariate").adapted)];
  const [label, labelAdapted, company] = [
    spellShare(of("labels").stored),
    spellShare(of("labels").adapted),
    spellShare(companyDependent),
  ];
  return {
    status: "false",
    text: {
      en:
        `At the test batch norm is an affine map by the statistics of training: it does not normalise the test data. Behind it stand mean ${m.en} and variance ${v.en} instead of 0 and 1, ` +
        `and no later layer repairs that: accuracy falls from ${clean.en} to ${hit.en}. Estimating the statistics on unlabelled test data brings ${mended.en} where only the recording changed; ` +
        `where the label is a fixed function of x it does harm (${same.en} to ${sameAdapted.en}), and where the class proportions changed (${label.en} to ${labelAdapted.en}). Using each test batch's own statistics makes answers depend on company: ${company.en} of the points change class with other neighbours in a batch of four.`,
      fa:
        `هنگام آزمون، نرمال‌سازی دسته‌ای نگاشتی آفین با آماره‌های آموزش است و دادهٔ آزمون را نرمال نمی‌کند. پس از آن به‌جای ۰ و ۱ میانگین ${m.fa} و واریانس ${v.fa} می‌نشیند ` +
        `و هیچ لایهٔ بعدی آن را اصلاح نمی‌کند: دقت از ${clean.fa} به ${hit.fa} می‌افتد. برآورد آماره‌ها روی دادهٔ آزمونِ بی‌برچسب، آنجا که تنها شیوهٔ ثبت عوض شده، دقت را به ${mended.fa} می‌رساند؛ ` +
        `ولی اگر برچسب تابعی ثابت از x باشد زیان می‌رساند (از ${same.fa} به ${sameAdapted.fa})، و اگر نسبت دسته‌ها عوض شده باشد هم (از ${label.fa} به ${labelAdapted.fa}). کاربرد آماره‌های خودِ دستهٔ آزمون پاسخ را به نمونه‌های دیگر دسته وابسته می‌کند: ${company.fa} نقطه‌ها با همسایه‌های دیگری در دستهٔ چهارتایی دستهٔ دیگری می‌گیرند.`,
    },
  };
}
