// What mutual information can and cannot say about squeeze-and-excitation: why it cannot rise, why estimators do not show it, and
// what holds instead: more functions, usable information, power, and the rank of the gates.
import { Random } from "../../core/index.ts";
import { defineChapter } from "../defineChapter.ts";
import {
  asSamples,
  correlatedPairs,
  gaussianInformation,
  histogramInformation,
  nearestNeighbourInformation,
  permutationNull,
} from "../information.ts";
import { squeezedChannels } from "../mobileFamily.ts";
import { number } from "../parameters.ts";
import { spell } from "../words.ts";
import { functionClass, gateCollision, gateRank } from "./gateFacts.ts";
import { trainedGates } from "./trainedGates.ts";
import { usableInformation } from "./usableInformation.ts";
import { channelInformation, waterFilling } from "./waterFilling.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";

const informationAxes = {
  yLabel: { en: "estimated information", fa: "اطلاعات برآوردشده" },
  unit: "nat",
};

export const chapter = defineChapter({
  id: "6.3.2",
  title: {
    en: "Squeeze and excitation, and mutual information",
    fa: "فشرده‌سازی و برانگیختگی، و اطلاعات متقابل",
  },
  question: {
    en: "Can mutual information show that squeeze-and-excitation raises a network's capacity, and what does the reduction ratio r do?",
    fa: "آیا با اطلاعات متقابل می‌توان نشان داد که بلوک فشرده‌سازی و برانگیختگی ظرفیت شبکه را بالا می‌برد، و نسبت کاهش r چه می‌کند؟",
  },
  claim: {
    en: "Squeeze and excitation raises the mutual information between a block's input and its output.",
    fa: "فشرده‌سازی و برانگیختگی اطلاعات متقابل میان ورودی و خروجی بلوک را افزایش می‌دهد.",
  },
  text: { en, fa },
  verdict: "false",
  parameters: {
    correlation: number({
      label: { en: "correlation ρ of the test pairs", fa: "همبستگی ρ جفت‌های آزمون" },
      default: 0.9,
      least: 0,
      most: 0.999,
    }),
    samples: number({
      label: { en: "samples", fa: "تعداد نمونه‌ها" },
      default: 1000,
      least: 100,
      most: 4000,
      whole: true,
    }),
    neighbours: number({
      label: { en: "neighbours k of the estimator", fa: "همسایه‌های k در برآوردگر" },
      default: 3,
      least: 1,
      most: 20,
      whole: true,
    }),
    bins: number({
      label: { en: "bins of the histogram", fa: "خانه‌های هیستوگرام" },
      default: 32,
      least: 2,
      most: 64,
      whole: true,
    }),
    channels: number({
      label: { en: "channels C of the gate", fa: "کانال‌های دروازه C" },
      default: 32,
      least: 2,
      most: 64,
      whole: true,
    }),
    seed: number({ label: { en: "seed", fa: "بذر تصادفی" }, default: 1, least: 0, most: 1e6, whole: true }),
  },
  async run({ correlation, samples, neighbours: k, bins, channels, seed }, context) {
    const { onProgress, signal } = context;
    const random = new Random(seed);
    const step = (share: number, what: string): void => {
      signal?.throwIfAborted();
      onProgress?.(share, what);
    };

    // Estimators, each beside what it should say.
    step(0, "estimators");
    const pair = correlatedPairs(random, correlation, samples);
    const truth = gaussianInformation(correlation);
    const nearest = nearestNeighbourInformation(asSamples(pair.x), asSamples(pair.y), k);
    const half = Math.min(samples, 500);
    const shuffled = permutationNull(
      pair.y.slice(0, half),
      (y) => nearestNeighbourInformation(asSamples(pair.x.slice(0, half)), asSamples(y), k),
      { random, times: 5 },
    );
    const independent = correlatedPairs(random, 0, samples);
    const histogram = histogramInformation(independent.x, independent.y, bins);
    const histogramBias = (bins - 1) ** 2 / (2 * samples);

    step(0.15, "doubling the samples");
    const counts = [8, 4, 2, 1].map((part) => Math.floor(samples / part));
    const line = Array.from({ length: samples }, () => random.normal());
    const doubling = counts.map((count) =>
      nearestNeighbourInformation(
        asSamples(line.slice(0, count)),
        asSamples(line.slice(0, count).map((x) => 2 * x)),
        k,
      ),
    );
    const doublingNormal = counts.map((count) =>
      nearestNeighbourInformation(asSamples(pair.x.slice(0, count)), asSamples(pair.y.slice(0, count)), k),
    );
    step(0.3, "dimensions");
    const dimensions = [1, 4, 8, 32];
    const collapse = dimensions.map((d) => {
      const coordinates = Array.from({ length: d }, () => correlatedPairs(random, correlation, samples));
      const rows = (axis: "x" | "y"): number[][] =>
        Array.from({ length: samples }, (_, i) => coordinates.map((each) => each[axis][i]!));
      return nearestNeighbourInformation(rows("x"), rows("y"), k);
    });

    // What can be shown.
    step(0.6, "gates");
    const collision = await gateCollision();
    const inclusion = await functionClass(random);
    const usable = await usableInformation([0, 1, 2, 5, 50]);
    const noise = [1, 0.75, 0.5, 0.25].map((gate) =>
      channelInformation(
        [4, 1, 0.25, 0.0625].map((v) => gate * gate * v),
        [1, 1, 1, 1],
      ),
    );
    const filled = waterFilling(2, [0.1, 0.5, 1, 4]);
    const ratios = [1, 2, 4, 8, 16, 32].filter((r) => r <= channels);
    const ranks = await Promise.all(
      ratios.map((r) => gateRank(random, channels, squeezedChannels(channels, r))),
    );
    step(0.75, "trained networks");
    const trained = await trainedGates(context, random);
    step(1, "done");

    return {
      results: {
        gaussianTruth: truth,
        nearestNeighbour: nearest,
        shuffledMean: shuffled.mean,
        shuffledLargest: shuffled.largest,
        histogramIndependent: histogram.plugIn,
        histogramCorrected: histogram.corrected,
        histogramBias,
        doublingSamples: counts,
        doubling,
        doublingNormal,
        dimensions,
        dimensionsTruth: dimensions.map((d) => d * truth),
        dimensionsEstimate: collapse,
        collisionInputs: collision.inputs,
        collisionOutputs: collision.outputs,
        constantGateDifference: inclusion.constantGate,
        homogeneityPlain: inclusion.plain,
        homogeneityGated: inclusion.gated,
        usableGains: usable.map(({ k }) => k),
        usableInformation: usable.map(({ usable }) => usable),
        trueInformation: usable.map(({ information }) => information),
        noisyChannel: noise,
        waterLevel: filled.level,
        waterPowers: filled.powers,
        waterInformation: filled.information,
        uniformInformation: filled.uniform,
        ratios,
        gateRanks: ranks,
        rankBounds: ratios.map((r) => squeezedChannels(channels, r)),
        ...trained?.results,
      },
      series: [
        {
          name: { en: "y = 2x: truly infinite", fa: "y = 2x: در واقع بی‌نهایت" },
          x: counts,
          y: doubling,
          xLabel: { en: "samples", fa: "تعداد نمونه‌ها" },
          figure: "doubling",
          logX: true,
          ...informationAxes,
        },
        {
          name: { en: "normal pairs: finite", fa: "جفت‌های نرمال: متناهی" },
          x: counts,
          y: doublingNormal,
          xLabel: { en: "samples", fa: "تعداد نمونه‌ها" },
          figure: "doubling",
          logX: true,
          ...informationAxes,
        },
        {
          name: { en: "true", fa: "واقعی" },
          x: dimensions,
          y: dimensions.map((d) => d * truth),
          xLabel: { en: "dimensions of x and of y", fa: "بُعد x و y" },
          figure: "dimensions",
          ...informationAxes,
        },
        {
          name: { en: "estimated", fa: "برآورد" },
          x: dimensions,
          y: collapse,
          xLabel: { en: "dimensions of x and of y", fa: "بُعد x و y" },
          figure: "dimensions",
          ...informationAxes,
        },
        {
          name: { en: "rank of the gates' logits", fa: "رتبهٔ لوجیت دروازه‌ها" },
          x: ratios,
          y: ranks,
          xLabel: { en: "reduction ratio r", fa: "نسبت کاهش r" },
          yLabel: { en: "rank", fa: "رتبه" },
          unit: "",
          figure: "rank",
          logX: true,
        },
        ...(trained?.series ?? []),
      ],
      tables: [
        {
          title: {
            en: "Information that a linear reader can use, and information (bits)",
            fa: "اطلاعات قابل استفاده برای خوانندهٔ خطی، و اطلاعات (bit)",
          },
          columns: [
            { en: "gain k of the gate", fa: "بهرهٔ دروازه k" },
            { en: "usable", fa: "قابل استفاده" },
            { en: "information", fa: "اطلاعات" },
          ],
          rows: usable.map(({ k, usable, information }) => [k, usable, information]),
        },
        {
          title: { en: "Estimators on what is known", fa: "برآوردگرها روی موارد معلوم" },
          columns: [
            { en: "case", fa: "مورد" },
            { en: "estimate", fa: "برآورد" },
            { en: "truth", fa: "مقدار واقعی" },
          ],
          rows: [
            [
              { en: "normal pairs, nearest neighbours", fa: "جفت‌های نرمال، نزدیک‌ترین همسایه" },
              nearest,
              truth,
            ],
            [{ en: "the same shuffled, mean", fa: "همان پس از بُرزدن، میانگین" }, shuffled.mean, 0],
            [{ en: "independent pairs, histogram", fa: "جفت‌های مستقل، هیستوگرام" }, histogram.plugIn, 0],
            [{ en: "the same, Miller and Madow", fa: "همان با تصحیح میلر و مادو" }, histogram.corrected, 0],
          ],
        },
        {
          title: {
            en: "Water-filling of power 2 over four noises",
            fa: "پرکردن آب با توان ۲ روی چهار نویز",
          },
          columns: [
            { en: "noise", fa: "نویز" },
            { en: "best power", fa: "توان بهینه" },
          ],
          rows: [0.1, 0.5, 1, 4].map((noise, i) => [noise, filled.powers[i]!]),
        },
        ...(trained?.tables ?? []),
      ],
      symbolic: [
        {
          label: { en: "data processing", fa: "نابرابری پردازش داده" },
          tex: String.raw`I(\text{label};\, \mathrm{SE}(X)) \le I(\text{label};\, X), \qquad I(X;\mathrm{SE}(X)) \le I(X;X)`,
        },
        {
          label: { en: "noisy channels with gates", fa: "کانال‌های نویزی با دروازه" },
          tex: String.raw`I = \tfrac12 \sum_c \ln\bigl(1 + s_c^2 v_c / \sigma_c^2\bigr)`,
        },
        {
          label: { en: "what r limits", fa: "آنچه r محدود می‌کند" },
          tex: String.raw`\operatorname{rank}\bigl(\operatorname{logit} S - \mathbf{1} b_2^{\top}\bigr) \le C/r`,
        },
      ],
      verdict: {
        status: "false",
        text: {
          en: `No function of x can hold more information about x or a label than x itself; a gate can only lose some (two inputs here give the same ${spell(collision.outputs[0]!, 6).en}). What rises is what a simple reader can use: from ${spell(usable[0]!.usable).en} to ${spell(usable[2]!.usable).en} bit while the information stays or falls. The reduction ratio limits the rank of the gates to C/r, and no more can be said of it from information.`,
          fa: `هیچ تابعی از x نمی‌تواند دربارهٔ x یا برچسب، اطلاعاتی بیش از خود x داشته باشد؛ دروازه فقط ممکن است چیزی را از بین ببرد (اینجا دو ورودی به یک خروجی ${spell(collision.outputs[0]!, 6).fa} می‌رسند). آنچه بالا می‌رود اطلاعات قابل استفاده برای خواننده‌ای ساده است: از ${spell(usable[0]!.usable).fa} به ${spell(usable[2]!.usable).fa} بیت، در حالی که خود اطلاعات ثابت می‌ماند یا کم می‌شود. نسبت کاهش، رتبهٔ دروازه‌ها را به C/r محدود می‌کند و از راه اطلاعات بیش از این چیزی دربارهٔ آن نمی‌توان گفت.`,
        },
      },
    };
  },
});
