// How many depthwise separable terms a standard convolution needs: exactly, and to a given error, on random and on trained
// kernels; and what an error of the weights says about an error of the output.
import { Random, sizeOf, tensor, type Tensor, singularValueDecomposition } from "../../core/index.ts";
import { makeGraph } from "../../graph/index.ts";
import { conv2d, evaluate } from "../../nn/index.ts";
import { toInference, withBatch } from "../../passes/index.ts";
import { createSession } from "../../runtime/index.ts";
import type { ChapterContext } from "../chapter.ts";
import { defineChapter } from "../defineChapter.ts";
import { normalTensor } from "../draw.ts";
import { familyImages, plainNetwork, trainedMember } from "../mobileFamily.ts";
import { choice, number } from "../parameters.ts";
import { spellShare } from "../words.ts";
import { constantInput, exactness, outputError } from "./outputErrors.ts";
import { decompose, inputSlices, type Decomposition } from "./separableTerms.ts";
import { weightedTerms } from "./weightedTerms.ts";
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
    const white = normalTensor(random, [8, inputs, side + 7, side + 7]);
    const smooth = await evaluate(
      (x, box) => conv2d(x, box, { groups: inputs }),
      [
        normalTensor(random, [8, inputs, side + 9, side + 9]),
        tensor([inputs, 1, 3, 3], new Float64Array(9 * inputs).fill(1 / 9)),
      ],
    );
    const feeds: readonly Feed[] = [
      { name: "white", x: white },
      { name: "smoothed", x: smooth },
      ...(trained ? [{ name: "trained", x: trained.input } as const] : []),
    ];
    const weightError = found.errors[kept]!;
    const outputErrors: OutputError[] = [];
    for (const [i, { name, x }] of feeds.entries()) {
      context.signal?.throwIfAborted();
      context.onProgress?.(i / (feeds.length + 1), "errors of the output");
      const [seen, unseen] = halves(x);
      const plain = await outputError(unseen, weight, parts, order);
      const weighted =
        order === "depthwise-first"
          ? await outputError(unseen, weight, await weightedTerms(weight, seen, kept), order)
          : undefined;
      outputErrors.push({ name, plain, weighted });
    }
    context.onProgress?.(feeds.length / (feeds.length + 1), "all terms together");
    const errorOn = (name: Feed["name"]) => outputErrors.find((each) => each.name === name);
    // Where nothing is missing a ratio to the error of the weights says nothing.
    const overWeight = (error: number | undefined): number | undefined =>
      error !== undefined && weightError > 1e-20 ? error / weightError : undefined;
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
        ...known({
          whiteOverWeight: overWeight(errorOn("white")?.plain),
          smoothOverWeight: overWeight(errorOn("smoothed")?.plain),
          trainedOverWeight: overWeight(errorOn("trained")?.plain),
          whiteWeighted: errorOn("white")?.weighted,
          smoothWeighted: errorOn("smoothed")?.weighted,
          trainedPlain: errorOn("trained")?.plain,
          trainedWeighted: errorOn("trained")?.weighted,
        }),
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
            en: `Squared error of the output over its square, ${kept} ${kept === 1 ? "term" : "terms"}, on inputs not seen before`,
            fa: "توان دوم خطای خروجی نسبت به توان دوم آن با جمله‌های نگه‌داشته، روی ورودی‌های دیده‌نشده",
          },
          columns: [
            { en: "input", fa: "ورودی" },
            { en: "SVD of the weights", fa: "تجزیهٔ وزن‌ها" },
            { en: "over error of weights", fa: "نسبت به خطای وزن‌ها" },
            { en: "data-weighted SVD", fa: "تجزیهٔ وزن‌دار با داده" },
          ],
          rows: outputErrors.map(({ name, plain, weighted }) => [
            inputNames[name],
            plain,
            overWeight(plain) ?? "–",
            weighted ?? "–",
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

interface OutputError {
  readonly name: Feed["name"];
  readonly plain: number;
  /** Of the data-weighted terms; undefined where the pointwise half comes first. */
  readonly weighted: number | undefined;
}

interface Feed {
  readonly name: keyof typeof inputNames;
  readonly x: Tensor;
}

const inputNames = {
  white: { en: "white noise", fa: "نویز سفید" },
  smoothed: { en: "smoothed noise", fa: "نویز هموارشده" },
  trained: {
    en: "what the trained network feeds this layer",
    fa: "آنچه شبکهٔ آموزش‌دیده به این لایه می‌دهد",
  },
} as const;

/** The first half of a batch, for statistics, and the second, to measure on. */
function halves({ shape, data }: Tensor): [Tensor, Tensor] {
  const [count, ...rest] = shape;
  const half = Math.floor(count! / 2);
  const cut = half * sizeOf(rest);
  return [
    tensor([half, ...rest], Float64Array.from(data.subarray(0, cut))),
    tensor([count! - half, ...rest], Float64Array.from(data.subarray(cut))),
  ];
}

/** Without what is not there. */
function known(values: Record<string, number | undefined>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

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
