// What mutual information can and cannot say about squeeze-and-excitation: why it cannot rise, why estimators do not show it, and
// what holds instead: more functions, usable information, power, and the rank of the gates.
import { Random, tensor, type Tensor, rankOf } from "../../core/index.ts";
import { countParameters } from "../../analysis/index.ts";
import { makeGraph } from "../../graph/index.ts";
import { conv2d, evaluate, mul, relu, sigmoid, squeezeExcite } from "../../nn/index.ts";
import { toInference, withBatch } from "../../passes/index.ts";
import { createSession } from "../../runtime/index.ts";
import type { ChapterContext } from "../chapter.ts";
import { defineChapter } from "../defineChapter.ts";
import { largestDifference, meanOf, normalTensor, varianceOf } from "../draw.ts";
import {
  asSamples,
  correlatedPairs,
  gaussianInformation,
  histogramInformation,
  labelInformation,
  nearestNeighbourInformation,
  permutationNull,
} from "../information.ts";
import {
  familyImages,
  familyNetwork,
  squeezedChannels,
  trainedMember,
  trainedRatios,
} from "../mobileFamily.ts";
import { number } from "../parameters.ts";
import { spell, symbol } from "../words.ts";
import { gateOf } from "../6.3.1/gate.ts";
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
            en: "Water-filling of power 2 over noises 0.1, 0.5, 1, 4",
            fa: "پرکردن آب با توان 2 روی نوفه‌های 0.1، 0.5، 1، 4",
          },
          columns: [
            { en: "noise", fa: "نوفه" },
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
          label: { en: "noisy channels with gates", fa: "کانال‌های نوفه‌ای با دروازه" },
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

/** Two inputs of one channel that the gate σ(−2z) maps to the same output. */
async function gateCollision(): Promise<{ inputs: number[]; outputs: number[] }> {
  const inputs = [0.2, 1.3999083];
  const gate = await evaluate(
    (z, w) => sigmoid(conv2d(z, w)),
    [tensor([2, 1, 1, 1], inputs), tensor([1, 1, 1, 1], [-2])],
  );
  return { inputs, outputs: inputs.map((z, i) => z * gate.data[i]!) };
}

/** Constant gates are absorbed by the next convolution; input-dependent ones break f(αx) = αf(x). */
async function functionClass(random: Random) {
  const channels = 8;
  const x = normalTensor(random, [1, channels, 5, 5]);
  const [w1, w2] = [0, 1].map(() => normalTensor(random, [channels, channels, 3, 3], { std: 0.2 })) as [
    Tensor,
    Tensor,
  ];
  const gate = tensor(
    [1, channels, 1, 1],
    Array.from({ length: channels }, () => random.uniform()),
  );
  const { gated, absorbed } = await evaluate(
    (x, w1, w2, s) => ({
      gated: conv2d(mul(relu(conv2d(x, w1)), s), w2),
      absorbed: conv2d(relu(conv2d(x, w1)), mul(w2, s)),
    }),
    [x, w1, w2, gate],
  );
  const net = (alpha: number, withGate: boolean): Promise<Tensor> =>
    evaluate(
      (x, w1, w2) => {
        const y = relu(conv2d(x, w1));
        return conv2d(withGate ? squeezeExcite(y, { squeeze: 4, gate: "sigmoid" }) : y, w2);
      },
      [
        tensor(
          x.shape,
          Float64Array.from(x.data, (value) => alpha * value),
        ),
        w1,
        w2,
      ],
      { seed: 1 },
    );
  const deviation = async (withGate: boolean): Promise<number[]> => {
    const base = await net(1, withGate);
    return Promise.all(
      [2, 4].map(async (alpha) =>
        largestDifference(
          (await net(alpha, withGate)).data,
          base.data.map((y) => alpha * y),
        ),
      ),
    );
  };
  return {
    constantGate: largestDifference(gated.data, absorbed.data),
    plain: await deviation(false),
    gated: await deviation(true),
  };
}

/**
 * X = (a, b) of fair signs, the label is ab, and the gate of b is σ(ka). Usable: 1 bit less the least cross-entropy of a logistic
 * reader of (a, b·gate), in bits. By the symmetry b → −b, label → −label its offset and its weight of a are 0 at the
 * optimum, so one weight is left, in a convex function.
 */
async function usableInformation(gains: readonly number[]) {
  const gates = await evaluate(
    (x) => sigmoid(x),
    [
      tensor(
        [2 * gains.length],
        gains.flatMap((k) => [k, -k]),
      ),
    ],
  );
  return gains.map((k, i) => {
    const [open, closed] = [gates.data[2 * i]!, gates.data[2 * i + 1]!];
    const bits = (margin: number): number =>
      (Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin)))) / Math.LN2;
    const loss = (w: number): number => 0.5 * bits(w * open) + 0.5 * bits(-w * closed);
    let [low, high] = [0, 200];
    for (let round = 0; round < 200; round++) {
      const [left, right] = [low + (high - low) / 3, high - (high - low) / 3];
      if (loss(left) <= loss(right)) high = right;
      else low = left;
    }
    // Four outputs (a, b·gate); rounded to nine digits, some may fall together.
    const outputs = [
      [1, 1],
      [1, -1],
      [-1, 1],
      [-1, -1],
    ].map(([a, b]) => ({
      key: `${a} ${(b! * (a! > 0 ? open : closed)).toFixed(9).replace("-0.000000000", "0.000000000")}`,
      label: a! * b!,
    }));
    const information = outputs.reduce((sum, { key, label }) => {
      const alike = outputs.filter((other) => other.key === key);
      return sum + Math.log2(alike.filter((other) => other.label === label).length / alike.length) / 4;
    }, 1);
    return { k, usable: 1 - loss((low + high) / 2), information };
  });
}

/** ½·Σ ln(1 + power/noise). */
function channelInformation(powers: readonly number[], noises: readonly number[]): number {
  return powers.reduce((sum, power, c) => sum + 0.5 * Math.log1p(power / noises[c]!), 0);
}

/** The best division of a total power: each channel is filled up to one level. */
function waterFilling(total: number, noises: readonly number[]) {
  let [low, high] = [0, total + Math.max(...noises)];
  const spent = (level: number): number => noises.reduce((sum, noise) => sum + Math.max(0, level - noise), 0);
  for (let round = 0; round < 100; round++) {
    const middle = (low + high) / 2;
    if (spent(middle) > total) high = middle;
    else low = middle;
  }
  const powers = noises.map((noise) => Math.max(0, low - noise));
  return {
    level: low,
    powers,
    information: channelInformation(powers, noises),
    uniform: channelInformation(
      noises.map(() => total / noises.length),
      noises,
    ),
  };
}

/** The rank, over random inputs, of the gates' logits; the layer's biases begin at 0. */
async function gateRank(random: Random, channels: number, squeeze: number): Promise<number> {
  const count = 3 * channels + 20;
  const logits = await evaluate(
    (x) => gateOf(squeezeExcite(x, { squeeze })).logits,
    [normalTensor(random, [count, channels, 1, 1])],
    { seed: 1 },
  );
  return rankOf(tensor([count, channels], logits.data));
}

const imagesUsed = 400;

/** The gates of block 1 of the trained networks: rank, variance, and what they say about the label, beside a permutation null. */
async function trainedGates(context: ChapterContext, random: Random) {
  const images = await familyImages(context, imagesUsed);
  const none = await trainedMember(context, "t4");
  if (!images || !none) return undefined;
  const rows: {
    r: number;
    accuracy: number;
    parameters: number;
    rank: number;
    bound: number;
    deviation: number;
    information: number;
    null: number;
  }[] = [];
  for (const ratio of trainedRatios) {
    const member = await trainedMember(context, `r${ratio}`);
    if (!member) return undefined;
    const trainingGraph = familyNetwork({ ratio }).graph;
    const graph = withBatch(toInference(trainingGraph), imagesUsed);
    const block = graph.values.find(({ op, name }) => op === "mul" && name === "blocks.1.se")!;
    const { scale, logits } = gateOf(block);
    const session = await createSession(makeGraph({ inputs: graph.inputs, outputs: { scale, logits } }));
    session.setStates(member.states);
    const found = await session.run({ image: images.images });
    session.close();
    const channels = scale.type.shape[1]!;
    const bias = member.states.get("blocks.1.se.fc2.bias")!.data;
    const centred = Float64Array.from(found["logits"]!.data, (value, at) => value - bias[at % channels]!);
    const column = (c: number): number[] =>
      Array.from({ length: imagesUsed }, (_, i) => found["scale"]!.data[i * channels + c]!);
    // Single gates only: estimates of many dimensions mean nothing.
    const gates = Array.from({ length: 4 }, (_, i) => column(Math.floor((i * channels) / 4)));
    const estimate = (labels: readonly number[]): number =>
      meanOf(gates.map((gate) => labelInformation(asSamples(gate), labels)));
    const nothing = permutationNull(images.labels, estimate, { random, times: 3 });
    rows.push({
      r: ratio,
      accuracy: member.accuracy,
      parameters: countParameters(trainingGraph),
      rank: rankOf(tensor([imagesUsed, channels], centred), 1e-5),
      bound: squeezedChannels(channels, ratio),
      deviation: Math.sqrt(meanOf(Array.from({ length: channels }, (_, c) => varianceOf(column(c))))),
      information: estimate(images.labels),
      null: nothing.largest,
    });
  }
  const errorOfAccuracy = Math.sqrt((none.accuracy * (1 - none.accuracy)) / 2000);
  return {
    results: {
      trainedRatios: [...trainedRatios],
      trainedRanks: rows.map(({ rank }) => rank),
      trainedRankBounds: rows.map(({ bound }) => bound),
      trainedAccuracies: rows.map(({ accuracy }) => accuracy),
      trainedAccuracyWithout: none.accuracy,
      trainedAccuracyError: errorOfAccuracy,
      trainedGateInformation: rows.map(({ information }) => information),
      trainedGateNull: rows.map((row) => row.null),
    },
    tables: [
      {
        title: {
          en: "Trained networks that differ in r only (Fashion-MNIST at 14x14)",
          fa: "شبکه‌های آموزش‌دیده که فقط در r فرق دارند (Fashion-MNIST در اندازهٔ ۱۴×۱۴)",
        },
        columns: [
          symbol("r"),
          { en: "test accuracy", fa: "دقت آزمون" },
          { en: "parameters", fa: "پارامترها" },
          { en: "rank of the logits", fa: "رتبهٔ لوجیت‌ها" },
          symbol("C/r"),
          { en: "deviation of a gate", fa: "انحراف معیار دروازه" },
          { en: "I(one gate; label), nats", fa: "I(یک دروازه؛ برچسب) (nat)" },
          { en: "largest when shuffled", fa: "بیشینه پس از بُرزدن" },
        ],
        rows: [
          [
            { en: "none", fa: "بدون" },
            none.accuracy,
            countParameters(familyNetwork().graph),
            "–",
            "–",
            "–",
            "–",
            "–",
          ],
          ...rows.map((row) => [
            row.r,
            row.accuracy,
            row.parameters,
            row.rank,
            row.bound,
            row.deviation,
            row.information,
            row.null,
          ]),
        ],
      },
    ],
  };
}
