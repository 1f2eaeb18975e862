// How many depthwise separable terms a standard convolution needs: exactly, and to a given error, on random and on trained
// kernels; and what an error of the weights says about an error of the output.
import { Random, sizeOf, tensor, type Tensor, singularValueDecomposition } from "../../core/index.ts";
import { makeGraph } from "../../graph/index.ts";
import { add, conv2d, evaluate } from "../../nn/index.ts";
import { toInference, withBatch } from "../../passes/index.ts";
import { createSession } from "../../runtime/index.ts";
import type { ChapterContext } from "../chapter.ts";
import { defineChapter } from "../defineChapter.ts";
import { largestDifference, normalTensor } from "../draw.ts";
import { familyImages, plainNetwork, trainedMember } from "../mobileFamily.ts";
import { choice, number } from "../parameters.ts";
import { spellShare } from "../words.ts";
import { decompose, inputSlices, type Decomposition, type SeparableTerm } from "./separableTerms.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";

export const chapter = defineChapter({
  id: "6.1.2",
  title: {
    en: "A standard convolution as a sum of separable ones",
    fa: "کانولوشن معمولی به‌صورت مجموع کانولوشن‌های جداپذیر",
  },
  question: {
    en: "Can the singular value decomposition write a standard convolution as a sum of depthwise separable ones, with how many terms, and how good are the first few?",
    fa: "آیا تجزیهٔ مقدار تکین می‌تواند یک کانولوشن معمولی را به مجموعی از کانولوشن‌های جداپذیر عمقی تبدیل کند، با چند جمله، و چند جملهٔ اول چقدر خوب‌اند؟",
  },
  claim: {
    en: "A standard convolution is a depthwise separable one up to a small error.",
    fa: "کانولوشن معمولی با خطایی کوچک همان کانولوشن جداپذیر عمقی است.",
  },
  text: { en, fa },
  verdict: "conditional",
  parameters: {
    source: choice({
      label: { en: "whose kernel", fa: "هستهٔ چه کسی" },
      choices: ["random", "trained", "two-terms", "worked"],
      default: "random",
    }),
    order: choice({
      label: { en: "order of the halves", fa: "ترتیب دو نیمه" },
      choices: ["depthwise-first", "pointwise-first"],
      default: "depthwise-first",
    }),
    terms: number({
      label: { en: "terms kept", fa: "جمله‌های نگه‌داشته" },
      default: 1,
      least: 1,
      most: 49,
      whole: true,
    }),
    in: number({
      label: { en: "input channels", fa: "کانال‌های ورودی" },
      default: 32,
      least: 1,
      most: 64,
      whole: true,
    }),
    out: number({
      label: { en: "output channels", fa: "کانال‌های خروجی" },
      default: 64,
      least: 1,
      most: 128,
      whole: true,
    }),
    kernel: number({
      label: { en: "kernel side", fa: "اندازهٔ هسته" },
      default: 3,
      least: 2,
      most: 7,
      whole: true,
    }),
    layer: choice({
      label: { en: "layer of the trained network", fa: "لایهٔ شبکهٔ آموزش‌دیده" },
      choices: ["conv2", "conv3"],
      default: "conv2",
    }),
    seed: number({ label: { en: "seed", fa: "بذر تصادفی" }, default: 1, least: 0, most: 1e6, whole: true }),
  },
  async run({ source, order, terms, in: channels, out, kernel, layer, seed }, context) {
    const random = new Random(seed);
    const layers = await trainedLayers(context);
    const trained = source === "trained" ? layers?.find(({ name }) => name === layer) : undefined;
    const weight = trained?.weight ?? (await kernelOf(source, random, [out, channels, kernel, kernel]));
    const found = decompose(weight, order);
    const kept = Math.min(terms, found.errors.length - 1);
    const [outputs, inputs, side] = weight.shape as [number, number, number, number];

    const parts = Array.from({ length: kept }, (_, r) => found.term(r));
    const exact = Array.from({ length: found.rank }, (_, r) => found.term(r));
    const white = normalTensor(random, [2, inputs, side + 7, side + 7]);
    const smooth = await evaluate(
      (x, box) => conv2d(x, box, { groups: inputs }),
      [
        normalTensor(random, [2, inputs, side + 9, side + 9]),
        tensor([inputs, 1, 3, 3], new Float64Array(9 * inputs).fill(1 / 9)),
      ],
    );
    const feeds: readonly (readonly [string, Tensor])[] = [
      ["white", white],
      ["smoothed", smooth],
      ...(trained ? [["trained", trained.input] as const] : []),
    ];
    const weightError = found.errors[kept]!;
    const outputErrors = new Map<string, number>();
    for (const [name, x] of feeds) outputErrors.set(name, await outputError(x, weight, parts, order));
    const exactDifference = await exactness(white, weight, exact, order);
    const trap = await constantInput();

    const fullRank = found.errors.length - 1;
    const curve = (name: { en: string; fa: string }, { errors }: Decomposition) => ({
      name,
      x: errors.map((_, r) => r),
      y: [...errors],
      xLabel: { en: "terms", fa: "تعداد جمله‌ها" },
      yLabel: { en: "squared error over squared norm", fa: "توان دوم خطا نسبت به توان دوم نُرم" },
      unit: "",
      figure: "error",
    });
    const likeIt = decompose(normalTensor(new Random(seed + 1), weight.shape), order);
    const ratio = (terms: number): number => terms * (1 / outputs + 1 / side ** 2);
    const one = spellShare(found.errors[1]!);
    return {
      results: {
        source: trained || source !== "trained" ? source : "random (the trained kernels were not at hand)",
        rank: found.rank,
        fullRank,
        kept,
        errors: found.errors,
        weightError,
        singularValues: found.singularValues[0]!,
        whiteOverWeight: outputErrors.get("white")! / weightError || 0,
        smoothOverWeight: outputErrors.get("smoothed")! / weightError || 0,
        ...(trained && weightError > 0 && { trainedOverWeight: outputErrors.get("trained")! / weightError }),
        exactDifference,
        constantDifferenceKernel: trap.difference,
        constantSumKernel: trap.sum,
        costRatioExact: ratio(found.rank),
        unfoldedRank: unfoldedRank(weight),
      },
      series: [
        curve({ en: "this kernel", fa: "این هسته" }, found),
        ...(source === "random"
          ? []
          : [curve({ en: "random kernel of its shape", fa: "هستهٔ تصادفی هم‌شکل" }, likeIt)]),
        ...(layers ?? [])
          .filter(({ name }) => !trained || name !== layer)
          .map(({ name, weight }) =>
            curve({ en: `trained ${name}`, fa: `${name} آموزش‌دیده` }, decompose(weight, order)),
          ),
      ],
      tables: [
        {
          title: { en: "Error and cost by number of terms", fa: "خطا و هزینه بر حسب تعداد جمله‌ها" },
          columns: [
            { en: "terms", fa: "جمله‌ها" },
            { en: "squared error / squared norm", fa: "توان دوم خطا / توان دوم نُرم" },
            { en: "cost / standard", fa: "هزینه نسبت به معمولی" },
          ],
          rows: found.errors.map((error, r) => [r, error, ratio(r)]),
        },
        {
          title: {
            en: `Error of the output over error of the weights, ${kept} terms`,
            fa: "خطای خروجی نسبت به خطای وزن‌ها با جمله‌های نگه‌داشته",
          },
          columns: [
            { en: "input", fa: "ورودی" },
            { en: "ratio", fa: "نسبت" },
          ],
          rows: [...outputErrors].map(([name, error]) => [
            {
              white: { en: "white noise", fa: "نوفهٔ سفید" },
              smoothed: { en: "smoothed noise", fa: "نوفهٔ هموارشده" },
            }[name] ?? {
              en: "what the trained network feeds this layer",
              fa: "آنچه شبکهٔ آموزش‌دیده به این لایه می‌دهد",
            },
            weightError > 1e-20 ? error / weightError : "–",
          ]),
        },
      ],
      matrices:
        source === "worked"
          ? [{ name: { en: "slice W₀", fa: "برش W₀" }, rows: rowsOf(inputSlices(weight)[0]!) }]
          : [],
      symbolic: [
        {
          label: { en: "slice by slice", fa: "برش به برش" },
          tex: String.raw`W_m = \sum_r \sigma_{m,r}\, u_{m,r} v_{m,r}^{\top}`,
        },
        {
          label: { en: "the sum of separable terms", fa: "مجموع جمله‌های جداپذیر" },
          tex: String.raw`W = \sum_{r=1}^{\rho} \mathrm{PW}_r \circ \mathrm{DW}_r,\quad D_r[m] = \operatorname{mat}(v_{m,r}),\quad P_r[:,m] = \sigma_{m,r} u_{m,r}`,
        },
        {
          label: { en: "best error", fa: "بهترین خطا" },
          tex: String.raw`\min \lVert W - \hat W \rVert_F^2 = \sum_m \sum_{r>\rho} \sigma_{m,r}^2`,
        },
      ],
      verdict: {
        status: "conditional",
        text: {
          en: `${found.rank} terms are exact and fewer are not; one term misses ${one.en} of this kernel's squared norm. Only kernels whose slices have rank one are separable, and the exact sum costs ${ratio(found.rank).toFixed(2)} of the standard convolution.`,
          fa: `${found.rank.toLocaleString("fa")} جمله دقیق است و کمتر از آن نه؛ یک جمله ${one.fa} از توان دوم نُرم این هسته را از دست می‌دهد. فقط هسته‌هایی جداپذیرند که همهٔ برش‌هایشان رتبهٔ یک داشته باشند، و مجموع دقیق به اندازهٔ ${ratio(found.rank).toLocaleString("fa", { maximumFractionDigits: 2 })} برابر کانولوشن معمولی هزینه دارد.`,
        },
      },
    };
  },
});

async function kernelOf(
  source: string,
  random: Random,
  shape: readonly [number, number, number, number],
): Promise<Tensor> {
  if (source === "worked") return tensor([2, 1, 2, 2], [1, 0, 0, 1, 0, 2, 0, 0]);
  if (source !== "two-terms") return normalTensor(random, shape);
  const [out, channels, side] = shape;
  const sum = new Float64Array(sizeOf(shape));
  for (let term = 0; term < 2; term++) {
    const p = normalTensor(random, [out, channels]);
    const d = normalTensor(random, [channels, side * side]);
    for (let n = 0; n < out; n++)
      for (let m = 0; m < channels; m++)
        for (let i = 0; i < side * side; i++)
          sum[(n * channels + m) * side * side + i]! +=
            p.data[n * channels + m]! * d.data[m * side * side + i]!;
  }
  return tensor(shape, sum);
}

/** conv2d by W and the sum of the terms, on the engine's float64 reference. */
function bothWays(
  x: Tensor,
  weight: Tensor,
  terms: readonly SeparableTerm[],
  order: "depthwise-first" | "pointwise-first",
) {
  const factors = terms.flatMap(({ depthwise, pointwise }) => [depthwise, pointwise]);
  return evaluate(
    (x, w, ...halves) => {
      const outputs = terms.map((_, r) => {
        const [d, p] = [halves[2 * r]!, halves[2 * r + 1]!];
        const groups = d.type.shape[0]!;
        return order === "depthwise-first"
          ? conv2d(conv2d(x, d, { groups }), p)
          : conv2d(conv2d(x, p), d, { groups });
      });
      return { direct: conv2d(x, w), sum: outputs.reduce((a, b) => add(a, b)) };
    },
    [x, weight, ...factors],
  );
}

async function outputError(
  x: Tensor,
  weight: Tensor,
  terms: readonly SeparableTerm[],
  order: "depthwise-first" | "pointwise-first",
) {
  const { direct, sum } = await bothWays(x, weight, terms, order);
  let [error, norm] = [0, 0];
  direct.data.forEach((y, i) => {
    error += (y - sum.data[i]!) ** 2;
    norm += y * y;
  });
  return norm > 0 ? error / norm : 0;
}

async function exactness(
  x: Tensor,
  weight: Tensor,
  terms: readonly SeparableTerm[],
  order: "depthwise-first" | "pointwise-first",
) {
  const { direct, sum } = await bothWays(x, weight, terms, order);
  const largest = largestDifference(direct.data, new Float64Array(direct.data.length));
  return largestDifference(direct.data, sum.data) / Math.max(largest, Number.MIN_VALUE);
}

/** Two kernel errors of the same norm on a constant input: one vanishes, the other does not. */
async function constantInput(): Promise<{ difference: number; sum: number }> {
  const power = async (kernel: number[]): Promise<number> => {
    const y = await evaluate(
      (x, w) => conv2d(x, w),
      [tensor([1, 1, 1, 2], [1, 1]), tensor([1, 1, 1, 2], kernel)],
    );
    return y.data[0]! ** 2;
  };
  return { difference: await power([1, -1]), sum: await power([1, 1]) };
}

/** The rank of the other unfolding, C_out × C_in·K²: a K×K convolution to so many channels, then a pointwise one. */
function unfoldedRank(weight: Tensor): number {
  const [out, ...rest] = weight.shape;
  const { values } = singularValueDecomposition(tensor([out!, sizeOf(rest)], Float64Array.from(weight.data)));
  return values.filter((value) => value > 1e-10 * values[0]!).length;
}

interface TrainedLayer {
  readonly name: string;
  readonly weight: Tensor;
  /** What the network feeds it for a few test images. */
  readonly input: Tensor;
}

async function trainedLayers(context: ChapterContext): Promise<TrainedLayer[] | undefined> {
  const count = 20;
  const [member, images] = await Promise.all([trainedMember(context, "plain"), familyImages(context, count)]);
  if (!member || !images) return undefined;
  const graph = withBatch(toInference(plainNetwork().graph), count);
  const layers = ["conv2", "conv3"].map((name) => ({
    name,
    value: graph.values.find((value) => value.op === "conv2d" && value.name === `${name}.0`)!,
  }));
  const outputs = Object.fromEntries(layers.map(({ name, value }) => [name, value.inputs[0]!]));
  const session = await createSession(makeGraph({ inputs: graph.inputs, outputs }));
  session.setStates(member.states);
  const fed = await session.run({ image: images.images });
  session.close();
  return layers.map(({ name }) => ({
    name,
    weight: member.states.get(`${name}.0.weight`)!,
    input: fed[name]!,
  }));
}

function rowsOf({ shape, data }: Tensor): number[][] {
  const [rows, columns] = shape as [number, number];
  return Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * columns, (i + 1) * columns)));
}
