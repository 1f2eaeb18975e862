// What a depthwise separable convolution is: the standard convolution whose kernel it multiplies out to, what it cannot be,
// and what stops being true once something nonlinear stands between its two halves.
import { Random, tensor, type Tensor, rankOf, singularValueDecomposition } from "../../core/index.ts";
import { countMacs, countParameters } from "../../analysis/index.ts";
import { conv2d, evaluate, mul, network, relu, transpose } from "../../nn/index.ts";
import { defineChapter } from "../defineChapter.ts";
import { largestDifference, normalTensor } from "../draw.ts";
import { choice, number } from "../parameters.ts";
import { spell, symbol } from "../words.ts";
import { inputSlices } from "../6.1.2/separableTerms.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";

export const chapter = defineChapter({
  id: "6.1.1",
  title: { en: "Depthwise separable convolution", fa: "کانولوشن جداپذیر عمقی" },
  question: {
    en: "What does a depthwise separable convolution compute, and how does it differ from a standard one?",
    fa: "کانولوشن جداپذیر عمقی چه چیزی را حساب می‌کند و چه تفاوتی با کانولوشن معمولی دارد؟",
  },
  claim: {
    en: "A depthwise separable convolution does the work of a standard convolution, only cheaper.",
    fa: "کانولوشن جداپذیر عمقی همان کار کانولوشن معمولی را انجام می‌دهد، فقط ارزان‌تر.",
  },
  text: { en, fa },
  verdict: "conditional",
  parameters: {
    in: number({
      label: { en: "input channels", fa: "کانال‌های ورودی" },
      default: 4,
      least: 1,
      most: 64,
      whole: true,
    }),
    out: number({
      label: { en: "output channels", fa: "کانال‌های خروجی" },
      default: 8,
      least: 1,
      most: 128,
      whole: true,
    }),
    kernel: number({
      label: { en: "kernel side", fa: "اندازهٔ هسته" },
      default: 3,
      least: 1,
      most: 7,
      whole: true,
    }),
    size: number({
      label: { en: "side of the input map", fa: "اندازهٔ نقشهٔ ورودی" },
      default: 10,
      least: 1,
      most: 32,
      whole: true,
    }),
    stride: number({ label: { en: "stride", fa: "گام" }, default: 1, least: 1, most: 3, whole: true }),
    between: choice({
      label: { en: "between the two halves", fa: "میان دو نیمه" },
      choices: ["nothing", "relu"],
      default: "nothing",
    }),
    seed: number({ label: { en: "seed", fa: "بذر تصادفی" }, default: 1, least: 0, most: 1e6, whole: true }),
  },
  async run({ in: channels, out, kernel, size, stride, between, seed }) {
    const random = new Random(seed);
    const depthwise = normalTensor(random, [channels, 1, kernel, kernel]);
    const pointwise = normalTensor(random, [out, channels, 1, 1]);
    const [a, b] = [0, 1].map(() => normalTensor(random, [1, channels, size, size])) as [Tensor, Tensor];
    const geometry = {
      stride,
      padding: [kernel >> 1, kernel >> 1, (kernel - 1) >> 1, (kernel - 1) >> 1] as const,
    };

    const multiplied = await evaluate((d, p) => mul(p, transpose(d, [1, 0, 2, 3])), [depthwise, pointwise]);
    const standard = (x: Tensor): Promise<Tensor> =>
      evaluate((x, w) => conv2d(x, w, geometry), [x, multiplied]);
    const separable = (x: Tensor): Promise<Tensor> =>
      evaluate(
        (x, d, p) => {
          const u = conv2d(x, d, { ...geometry, groups: channels });
          return conv2d(between === "relu" ? relu(u) : u, p);
        },
        [x, depthwise, pointwise],
      );
    const sum = tensor(
      a.shape,
      Float64Array.from(a.data, (value, i) => value + b.data[i]!),
    );
    const [ya, yb, yab, direct] = await Promise.all([
      separable(a),
      separable(b),
      separable(sum),
      standard(a),
    ]);
    const scale = Math.sqrt(meanSquare(yab.data));
    const additivity =
      Math.sqrt(meanSquare(yab.data.map((value, i) => value - ya.data[i]! - yb.data[i]!))) / scale;

    const slices = inputSlices(multiplied);
    const ranks = slices.map((slice) => rankOf(slice));
    const randomRank = rankOf(inputSlices(normalTensor(random, [out, 1, kernel, kernel]))[0]!);

    const standardGraph = network({ x: [channels, size, size] }, ({ x }) =>
      conv2d(x, { out, kernel, ...geometry }),
    ).graph;
    const separableGraph = network({ x: [channels, size, size] }, ({ x }) =>
      conv2d(conv2d(x, { out: channels, kernel, groups: channels, ...geometry, name: "depthwise" }), {
        out,
        name: "pointwise",
      }),
    ).graph;
    const macs = { standard: countMacs(standardGraph), separable: countMacs(separableGraph) };
    const parameters = {
      standard: countParameters(standardGraph),
      separable: countParameters(separableGraph),
    };
    // d → αd, p → p/α gives the same kernel: one number of each channel is no freedom.
    const freedom = channels * (kernel ** 2 + out - 1);
    const freedomMeasured = channels * (await sliceFreedom(depthwise, pointwise));

    const difference = largestDifference(ya.data, direct.data);
    const linear = between === "nothing";
    const [shareText, defectText] = [spell(freedom / parameters.standard), spell(additivity)];
    return {
      results: {
        difference,
        additivity,
        sliceRank: Math.max(...ranks),
        randomSliceRank: randomRank,
        standardMacs: macs.standard,
        separableMacs: macs.separable,
        macRatio: macs.separable / macs.standard,
        formulaRatio: 1 / out + 1 / kernel ** 2,
        standardParameters: parameters.standard,
        separableParameters: parameters.separable,
        freedom,
        freedomMeasured,
      },
      tables: [
        {
          title: { en: "Standard against separable", fa: "معمولی در برابر جداپذیر" },
          columns: [
            { en: "quantity", fa: "کمیت" },
            { en: "standard", fa: "معمولی" },
            { en: "separable", fa: "جداپذیر" },
          ],
          rows: [
            [{ en: "multiply-accumulates", fa: "ضرب‌وجمع" }, macs.standard, macs.separable],
            [{ en: "weights", fa: "وزن‌ها" }, parameters.standard, parameters.separable],
            [
              { en: "degrees of freedom of the kernel", fa: "درجه‌های آزادی هسته" },
              parameters.standard,
              freedom,
            ],
            [
              { en: "rank of an input channel's slice", fa: "رتبهٔ برش یک کانال ورودی" },
              randomRank,
              Math.max(...ranks),
            ],
          ],
        },
      ],
      matrices:
        out <= 12 && kernel <= 3
          ? [
              {
                name: {
                  en: "slice of input channel 1 of the multiplied-out kernel: one outer product",
                  fa: "برش کانال ورودی ۱ از هستهٔ حاصل‌ضرب: یک ضرب خارجی",
                },
                rows: Array.from({ length: out }, (_, n) =>
                  Array.from(slices[0]!.data.subarray(n * kernel ** 2, (n + 1) * kernel ** 2)),
                ),
              },
            ]
          : [],
      symbolic: [
        {
          label: { en: "depthwise, then pointwise", fa: "عمقی، سپس نقطه‌ای" },
          tex: String.raw`U_m = D_m \star X_m, \qquad Y_n = \sum_m P_{nm}\, U_m`,
        },
        {
          label: { en: "the kernel of both", fa: "هستهٔ هر دو با هم" },
          tex: String.raw`W_{nmij} = P_{nm} D_{mij}`,
        },
      ],
      verdict: {
        status: "conditional",
        text: linear
          ? {
              en: `It is a standard convolution (largest difference ${spell(difference).en}), but one whose kernel has rank one for every input channel: ${shareText.en} of the degrees of freedom. Only such kernels are done cheaper without loss.`,
              fa: `این یک کانولوشن معمولی است (بزرگ‌ترین اختلاف ${spell(difference).fa})، اما با هسته‌ای که برش هر کانال ورودی‌اش رتبهٔ یک دارد: ${shareText.fa} درجه‌های آزادی. فقط چنین هسته‌هایی بی‌هیچ افتی ارزان‌تر محاسبه می‌شوند.`,
            }
          : {
              en: `With a nonlinearity between its halves it is no convolution at all: f(a+b) misses f(a)+f(b) by ${defectText.en} of its size. Without one it is a standard convolution with kernels of rank one for each input channel.`,
              fa: `با یک تابع غیرخطی میان دو نیمه، این اصلاً کانولوشن نیست: f(a+b) به نسبت ${defectText.fa} از اندازه‌اش با f(a)+f(b) فرق دارد. بدون آن، کانولوشنی معمولی است با هسته‌هایی که برش هر کانال ورودی‌شان رتبهٔ یک دارد.`,
            },
      },
      series: [
        {
          name: { en: "separable kernel", fa: "هستهٔ جداپذیر" },
          ...spectrum(slices[0]!),
        },
        {
          name: { en: "random standard kernel", fa: "هستهٔ معمولی تصادفی" },
          ...spectrum(inputSlices(normalTensor(new Random(seed + 1), [out, 1, kernel, kernel]))[0]!),
        },
      ],
    };
  },
});

function spectrum(slice: Tensor) {
  const { values } = singularValueDecomposition(slice);
  return {
    x: values.map((_, i) => i + 1),
    y: values.map((value) => value / values[0]!),
    xLabel: symbol("r"),
    yLabel: { en: "singular value over the largest", fa: "مقدار تکین نسبت به بزرگ‌ترین" },
    unit: "",
    figure: "spectrum",
  };
}

/** The rank of the derivative of (d, p) ↦ p·dᵀ for one channel: how many ways its slice of the kernel can move. */
async function sliceFreedom(depthwise: Tensor, pointwise: Tensor): Promise<number> {
  const [channels, , side] = depthwise.shape as [number, number, number];
  const out = pointwise.shape[0]!;
  const area = side * side;
  const d = tensor([1, area], Float64Array.from(depthwise.data.subarray(0, area)));
  const p = tensor(
    [out, 1],
    Float64Array.from({ length: out }, (_, n) => pointwise.data[n * channels]!),
  );
  const unit = (length: number, at: number): number[] => Array.from({ length }, (_, i) => (i === at ? 1 : 0));
  const moves: Tensor[] = [];
  for (let i = 0; i < area; i++)
    moves.push(await evaluate((p, d) => mul(p, d), [p, tensor([1, area], unit(area, i))]));
  for (let n = 0; n < out; n++)
    moves.push(await evaluate((p, d) => mul(p, d), [tensor([out, 1], unit(out, n)), d]));
  return rankOf(
    tensor(
      [moves.length, area * out],
      moves.flatMap((move) => [...move.data]),
    ),
  );
}

function meanSquare(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return sum / values.length;
}
