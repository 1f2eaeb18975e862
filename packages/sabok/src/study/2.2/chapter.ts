// The cheapest stack of convolutions that sees more than a share of its input: why the question as posed has a degenerate answer,
// what calculus says where it has one, and the exact optimum of the question that is meant.
import {
  depthLaw,
  design,
  relaxedOptimum,
  unboundedDilation,
  type Coverage,
  type Design,
  type Measure,
  type NoDesign,
} from "../../analysis/design/index.ts";
import { defineChapter } from "../defineChapter.ts";
import { choice, number, numberList, text } from "../parameters.ts";
import { spell, symbol } from "../words.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";

/** A search that is longer is stopped, in milliseconds; what is proved by then is said. */
const longestSearch = 20_000;

export const chapter = defineChapter({
  id: "2.2",
  title: { en: "The cheapest stack above a threshold", fa: "ارزان‌ترین پشته بالای یک آستانه" },
  question: {
    en: "Which kernels, dilations and strides give a relative receptive field above T for the fewest operations, and does the answer depend on the number of layers?",
    fa: "کدام هسته‌ها، اتساع‌ها و گام‌ها با کمترین محاسبه میدان دید نسبی را از T بیشتر می‌کنند و آیا پاسخ به تعداد لایه‌ها بستگی دارد؟",
  },
  claim: {
    en: "There is an optimum with R_rel = T, given by Lagrange's condition in every layer.",
    fa: "بهینه‌ای با R_rel = T وجود دارد که شرط لاگرانژ در هر لایه آن را می‌دهد.",
  },
  text: { en, fa },
  verdict: "false",
  parameters: {
    height: number({
      label: { en: "input height", fa: "ارتفاع ورودی" },
      default: 32,
      least: 2,
      most: 128,
      whole: true,
    }),
    width: number({
      label: { en: "input width", fa: "عرض ورودی" },
      default: 32,
      least: 2,
      most: 128,
      whole: true,
    }),
    threshold: number({ label: { en: "threshold T", fa: "آستانهٔ T" }, default: 0.5, least: 0, most: 1 }),
    strict: choice({
      label: { en: "above T, or at least T", fa: "بیشتر از T یا دست‌کم T" },
      choices: ["above", "at-least"],
      default: "above",
    }),
    measure: choice({
      label: { en: "share of", fa: "سهم از" },
      choices: ["each", "h", "w", "area"],
      default: "each",
    }),
    kernels: text({
      label: { en: "allowed kernels", fa: "هسته‌های مجاز" },
      default: "3,5,7",
      example: "3,5,7",
    }),
    "max-dilation": number({
      label: { en: "largest dilation", fa: "بیشترین اتساع" },
      default: 8,
      least: 1,
      most: 127,
      whole: true,
    }),
    strides: text({ label: { en: "allowed strides", fa: "گام‌های مجاز" }, default: "1", example: "1,2" }),
    "max-layers": number({
      label: { en: "most layers", fa: "بیشترین تعداد لایه" },
      default: 5,
      least: 1,
      most: 9,
      whole: true,
    }),
    "min-output": number({
      label: { en: "least side of the last map", fa: "کمترین اندازهٔ نقشهٔ آخر" },
      default: 8,
      least: 1,
      most: 128,
      whole: true,
    }),
    channels: number({
      label: { en: "channels of every map", fa: "کانال‌های هر نقشه" },
      default: 1,
      least: 1,
      most: 1024,
      whole: true,
    }),
    cost: choice({
      label: { en: "how maps shrink", fa: "کوچک‌شدن نقشه‌ها" },
      choices: ["valid", "same"],
      default: "valid",
    }),
    coverage: choice({
      label: { en: "holes", fa: "حفره‌ها" },
      choices: ["final", "prefix", "none"],
      default: "final",
    }),
  },
  async run(values, { onProgress, signal }) {
    const { height, width, threshold, strict, measure, channels, cost, coverage } = values;
    const [mostLayers, maxDilation] = [values["max-layers"], values["max-dilation"]];
    const whole = { least: 1, most: 128, whole: true, longest: 128 };
    const deadline = AbortSignal.timeout(longestSearch);
    const found = await design(
      {
        input: [height, width],
        threshold,
        strict: strict === "above",
        measure: measure as Measure,
        layers: [1, mostLayers],
        kernels: numberList({ name: "kernels", value: values.kernels, example: "3,5,7" }, whole),
        strides: numberList(
          { name: "strides", value: values.strides, example: "1,2" },
          { ...whole, most: 8, longest: 8 },
        ),
        maxDilation,
        minOutput: values["min-output"],
        channels,
        cost,
        coverage: coverage as Coverage,
      },
      {
        mostStates: 1.5e6,
        signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
        onProgress: ({ depth, deepest }) => onProgress?.(depth / (deepest + 1), `layers: ${depth}`),
      },
    );
    const least = found.leastReceptiveField;
    const depths = Array.from({ length: 10 }, (_, i) => i + 1);
    const law = least === null ? undefined : depthLaw(least, 3);
    const { best } = found;
    const macsOf = (answer: Design | NoDesign): number => ("macs" in answer ? answer.macs : -1);
    const anyKernel = found.degenerate.anyKernel;
    const perDepth = found.perDepth.flatMap((answer, i) =>
      "macs" in answer ? [{ depth: i + 1, macs: answer.macs }] : [],
    );
    const corner = anyKernel.find((answer): answer is Design => "macs" in answer);
    const macs = best ? spell(best.macs, 6) : undefined;
    const stopped = !found.proof.complete;
    const terms =
      coverage === "none"
        ? { en: "Within the given bounds", fa: "در کران‌های داده‌شده" }
        : { en: "Without holes and with a least output", fa: "با شرط نبود حفره و کمینه‌ای برای خروجی" };
    const optimum = stopped
      ? { en: "the best found before the search was stopped", fa: "بهترین یافته تا توقف جست‌وجو" }
      : { en: "the optimum", fa: "بهینه" };

    return {
      results: {
        feasible: found.feasible,
        ...(found.reason !== undefined && { reason: found.reason }),
        leastReceptiveField: least ?? 0,
        proved: found.proof.complete,
        macsByDepth: found.perDepth.map(macsOf),
        ...(best && {
          macs: best.macs,
          bestDepth: best.layers.length,
          bestLayers: layersText(best),
          receptiveField: best.receptiveField,
          outputs: best.outputs.map(([h]) => h),
          tight: best.receptiveField === least,
        }),
        designsByDepth: found.perDepth
          .map((answer) => ("macs" in answer ? layersText(answer) : "infeasible"))
          .join("; "),
        degenerateAnyKernel: anyKernel.map(macsOf),
        degenerateGivenKernels: found.degenerate.givenKernels.map(macsOf),
        ...(found.optimality && {
          layerMacs: [...found.optimality.layerMacs],
          spread: found.optimality.spread,
          relaxedMacs: found.optimality.relaxed.macs,
          relaxedKernels: [...found.optimality.relaxed.kernels],
        }),
        ...(law && { bestRealDepth: law.layers, bestRealKernel: law.kernel }),
      },
      series: [
        {
          name: { en: "exact optimum", fa: "بهینهٔ دقیق" },
          x: perDepth.map(({ depth }) => depth),
          y: perDepth.map(({ macs }) => macs),
          xLabel: { en: "layers L", fa: "تعداد لایه‌ها L" },
          yLabel: { en: "multiply-accumulates", fa: "ضرب‌وجمع" },
          unit: "",
          figure: "depth",
        },
        {
          name: { en: "cheapest for each receptive field", fa: "ارزان‌ترین برای هر میدان دید" },
          x: found.cheapestByField.map(({ receptiveField }) => receptiveField),
          y: found.cheapestByField.map(({ macs }) => macs),
          xLabel: { en: "receptive field R", fa: "میدان دید R" },
          yLabel: { en: "multiply-accumulates", fa: "ضرب‌وجمع" },
          unit: "",
          figure: "frontier",
        },
        ...(least === null || least < 2
          ? []
          : [
              {
                name: { en: "L·R^(2/L), real kernels", fa: "L·R^(2/L) با هسته‌های حقیقی" },
                x: depths,
                y: depths.map(
                  (depth) =>
                    relaxedOptimum(
                      Array.from({ length: depth }, () => 1),
                      least,
                    ).macs,
                ),
                xLabel: { en: "layers L", fa: "تعداد لایه‌ها L" },
                yLabel: { en: "cost over a, equal layers", fa: "هزینه نسبت به a با لایه‌های یکسان" },
                unit: "",
                figure: "law",
              },
            ]),
      ],
      tables: [
        {
          title: {
            en: "As posed: holes allowed, any output size",
            fa: "همان‌گونه که پرسیده شده: با حفره و هر اندازهٔ خروجی",
          },
          columns: [
            symbol("L"),
            { en: "any kernel", fa: "هر هسته" },
            { en: "layers (k,d,s)", fa: "لایه‌ها (k,d,s)" },
            { en: "the given kernels", fa: "هسته‌های داده‌شده" },
          ],
          rows: anyKernel.map((answer, i) => {
            const given = found.degenerate.givenKernels[i]!;
            return [
              i + 1,
              "macs" in answer ? answer.macs : "–",
              "macs" in answer ? layersText(answer) : "–",
              "macs" in given ? given.macs : "–",
            ];
          }),
        },
        {
          title: {
            en: "As meant: the exact optimum for each number of layers",
            fa: "آنچه منظور است: بهینهٔ دقیق برای هر تعداد لایه",
          },
          columns: [
            symbol("L"),
            { en: "multiply-accumulates", fa: "ضرب‌وجمع" },
            symbol("R"),
            { en: "layers (k,d,s)", fa: "لایه‌ها (k,d,s)" },
          ],
          rows: found.perDepth.map((answer, i) =>
            "macs" in answer
              ? [i + 1, answer.macs, answer.receptiveField, layersText(answer)]
              : [i + 1, { en: "infeasible", fa: "ناشدنی" }, "–", "–"],
          ),
        },
        ...(least === null || least < 2
          ? []
          : [
              {
                title: {
                  en: "Lagrange without a coverage condition: every dilation at its bound",
                  fa: "لاگرانژ بدون شرط پوشش: هر اتساع در کران خود",
                },
                columns: [symbol("L"), symbol("k"), symbol("F/a")],
                rows: [1, 2, 3, 4, 6, 8].map((depth) => {
                  const { kernel, costPerWeight } = unboundedDilation(least, maxDilation, depth);
                  return [depth, kernel, costPerWeight];
                }),
              },
            ]),
      ],
      symbolic: [
        {
          label: { en: "cost without padding", fa: "هزینه بدون لایه‌گذاری" },
          tex: String.raw`F = 2\sum_l C_{l-1} C_l\, k_l^2\, o_l^{(M)} o_l^{(N)}, \qquad o_l = \Bigl\lfloor \tfrac{M - R_l}{J_l} \Bigr\rfloor + 1`,
        },
        {
          label: { en: "with coverage (KKT)", fa: "با پوشش (KKT)" },
          tex: String.raw`\min \sum_l a_l k_l^2 \;\text{ s.t. } \prod_l k_l \ge R \;\Longrightarrow\; a_l k_l^2 = \text{const}`,
        },
        {
          label: { en: "dependence on L", fa: "وابستگی به L" },
          tex: String.raw`F(L) = a\,L\,R^{2/L}, \qquad L^* = 2\ln R,\; k^* = \sqrt{e}`,
        },
      ],
      verdict: {
        status: "false",
        text: best
          ? {
              en: `As posed there is no interior optimum: dilation costs nothing, so one kernel of ${corner?.layers.find(({ kernel }) => kernel > 1)?.kernel ?? 1} at the largest dilation wins (${corner?.macs ?? "–"} multiply-accumulates). ${terms.en} ${optimum.en} is ${macs!.en} with ${best.layers.length} layers and R = ${best.receptiveField}${best.receptiveField === least ? "" : `, although ${least} would do: the constraint is not tight`}; it does depend on the number of layers.`,
              fa: `مسئله به شکل پرسیده‌شده بهینهٔ درونی ندارد: اتساع هزینه‌ای ندارد و یک هستهٔ ${(corner?.layers.find(({ kernel }) => kernel > 1)?.kernel ?? 1).toLocaleString("fa")}تایی با بزرگ‌ترین اتساع برنده است (${corner ? corner.macs.toLocaleString("fa") : "–"} ضرب‌وجمع). ${terms.fa}، ${optimum.fa} ${macs!.fa} ضرب‌وجمع با ${best.layers.length.toLocaleString("fa")} لایه و R = ${best.receptiveField.toLocaleString("fa")} است${best.receptiveField === least ? "" : `، هرچند ${least!.toLocaleString("fa")} کافی بود: قید فعال نیست`}؛ و پاسخ به تعداد لایه‌ها بستگی دارد.`,
            }
          : {
              en: `No stack will do. ${found.reason ?? ""}`,
              fa: `هیچ پشته‌ای با این شرط‌ها وجود ندارد: میدان دید لازم ${(least ?? 0).toLocaleString("fa")} پیکسل است و با این ورودی، هسته‌ها، اتساع‌ها، خروجی کمینه و تعداد لایه‌ها دست‌یافتنی نیست.`,
            },
      },
    };
  },
});

/** "(3,8,1), (3,3,1)". */
function layersText({ layers }: Design): string {
  return layers.map(({ kernel, dilation, stride }) => `(${kernel},${dilation},${stride})`).join(", ");
}
