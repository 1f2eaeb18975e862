// The squeeze-and-excitation block: its formulas on the library's layer, its Jacobian by reverse mode against the closed form, and
// its cost in single layers and whole networks.
import { Random, tensor, type Tensor, rankOf } from "../../core/index.ts";
import { countMacs, countParameters, layerTable } from "../../analysis/index.ts";
import type { Graph } from "../../graph/index.ts";
import { evaluate, network, squeezeExcite } from "../../nn/index.ts";
import { mobilenetV3Large, mobilenetV3Small } from "../../nn/models/index.ts";
import { defineChapter } from "../defineChapter.ts";
import { normalTensor } from "../draw.ts";
import { gradientsOf } from "../gradientsOf.ts";
import { squeezedChannels } from "../mobileFamily.ts";
import { choice, number } from "../parameters.ts";
import { spell, spellShare, symbol } from "../words.ts";
import { gateOf } from "./gate.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";

export const chapter = defineChapter({
  id: "6.3.1",
  title: { en: "Squeeze and excitation", fa: "فشرده‌سازی و برانگیختگی" },
  question: {
    en: "What does a squeeze-and-excitation block compute, what is its derivative, and what does it cost?",
    fa: "بلوک فشرده‌سازی و برانگیختگی چه چیزی را حساب می‌کند، مشتقش چیست و چه هزینه‌ای دارد؟",
  },
  claim: {
    en: "Squeeze and excitation reweights channels at almost no cost.",
    fa: "بلوک فشرده‌سازی و برانگیختگی کانال‌ها را تقریباً بدون هزینه وزن‌دهی می‌کند.",
  },
  text: { en, fa },
  verdict: "conditional",
  parameters: {
    channels: number({
      label: { en: "channels C", fa: "کانال‌ها C" },
      default: 6,
      least: 1,
      most: 24,
      whole: true,
    }),
    ratio: number({ label: { en: "reduction ratio r", fa: "نسبت کاهش r" }, default: 2, least: 1, most: 32 }),
    size: number({
      label: { en: "side of the map", fa: "اندازهٔ نقشه" },
      default: 3,
      least: 1,
      most: 6,
      whole: true,
    }),
    gate: choice({
      label: { en: "gate", fa: "تابع دروازه" },
      choices: ["sigmoid", "hardSigmoid"],
      default: "sigmoid",
    }),
    seed: number({ label: { en: "seed", fa: "بذر تصادفی" }, default: 1, least: 0, most: 1e6, whole: true }),
  },
  async run({ channels, ratio, size, gate, seed }) {
    const squeeze = squeezedChannels(channels, ratio);
    const found = await jacobians({ channels, size, squeeze, gate, seed });
    const block = network({ x: [channels, size, size] }, ({ x }) =>
      squeezeExcite(x, { squeeze, gate }),
    ).graph;
    const large = squeezeShare(mobilenetV3Large().graph);
    const small = squeezeShare(mobilenetV3Small().graph);
    const ratios = [2, 4, 8, 16, 32];
    const extra = ratios.map(seResnet50);
    return {
      results: {
        squeeze,
        jacobianDifference: found.difference,
        crossRank: found.crossRank,
        gates: [...found.gates],
        macs: countMacs(block),
        parameters: countParameters(block),
        parametersFormula: 2 * channels * squeeze + squeeze + channels,
        seResnet50Ratios: ratios,
        seResnet50Extra: extra,
        v3LargeSqueezeMacs: large.macs,
        v3LargeSqueezeMacShare: large.macShare,
        v3LargeSqueezeParameters: large.parameters,
        v3LargeSqueezeParameterShare: large.parameterShare,
        v3SmallSqueezeMacs: small.macs,
        v3SmallSqueezeParameters: small.parameters,
        v3SmallSqueezeParameterShare: small.parameterShare,
      },
      matrices: [
        { name: { en: "∂s_c/∂z_c′ (rows c)", fa: "∂s_c/∂z_c′ (سطرها c)" }, rows: found.gateJacobian },
      ],
      tables: [
        {
          title: {
            en: "What the blocks add to whole networks",
            fa: "آنچه این بلوک‌ها به شبکه‌های کامل می‌افزایند",
          },
          columns: [
            { en: "network", fa: "شبکه" },
            { en: "multiply-accumulates", fa: "ضرب‌وجمع" },
            { en: "share", fa: "سهم" },
            { en: "parameters", fa: "پارامترها" },
            { en: "share", fa: "سهم" },
          ],
          rows: [
            ["MobileNetV3-Large", large.macs, large.macShare, large.parameters, large.parameterShare],
            ["MobileNetV3-Small", small.macs, small.macShare, small.parameters, small.parameterShare],
          ],
        },
        {
          title: {
            en: "Weights added to ResNet-50, without biases",
            fa: "وزن‌های افزوده به ResNet-50، بدون بایاس",
          },
          columns: [symbol("r"), { en: "weights", fa: "وزن‌ها" }],
          rows: ratios.map((r, i) => [r, extra[i]!]),
        },
      ],
      series: [
        {
          name: { en: "SE-ResNet-50", fa: "SE-ResNet-50" },
          x: ratios,
          y: extra,
          xLabel: { en: "reduction ratio r", fa: "نسبت کاهش r" },
          yLabel: { en: "added weights", fa: "وزن‌های افزوده" },
          unit: "",
          figure: "weights",
          logX: true,
          logY: true,
        },
      ],
      symbolic: [
        { label: { en: "squeeze", fa: "فشرده‌سازی" }, tex: String.raw`z_c = \tfrac{1}{HW} \sum_{p} X_{c,p}` },
        {
          label: { en: "excitation", fa: "برانگیختگی" },
          tex: String.raw`s = \sigma\bigl(W_2\, \delta(W_1 z + b_1) + b_2\bigr), \qquad Y_c = s_c X_c`,
        },
        {
          label: { en: "Jacobian", fa: "ژاکوبی" },
          tex: String.raw`\frac{\partial Y_c}{\partial X_{c'}} = s_c\,\delta_{cc'} I + \tfrac{1}{HW}\, X_c \frac{\partial s_c}{\partial z_{c'}} \mathbf{1}^{\top}`,
        },
      ],
      verdict: {
        status: "conditional",
        text: {
          en: `Almost free in multiply-accumulates, not in parameters: in MobileNetV3-Large ${spellShare(large.macShare).en} of the former, ${spellShare(large.parameterShare).en} of the latter. The closed Jacobian is the engine's to ${spell(found.difference).en}.`,
          fa: `از نظر ضرب‌وجمع تقریباً رایگان است، اما از نظر پارامتر نه: در MobileNetV3-Large سهمش ${spellShare(large.macShare).fa} ضرب‌وجمع‌ها و ${spellShare(large.parameterShare).fa} پارامترهاست. ژاکوبی بسته با ژاکوبی موتور تا ${spell(found.difference).fa} یکی است.`,
        },
      },
    };
  },
});

interface BlockOptions {
  readonly channels: number;
  readonly size: number;
  readonly squeeze: number;
  readonly gate: "sigmoid" | "hardSigmoid";
  readonly seed: number;
}

/** The whole Jacobian by reverse mode (one copy of x for each output), and the closed form from s and ∂s/∂z. */
async function jacobians({ channels, size, squeeze, gate, seed }: BlockOptions) {
  const area = size * size;
  const length = channels * area;
  const image = normalTensor(new Random(seed), [channels, size, size], { mean: 0.5 });
  const copies = (count: number): Tensor =>
    tensor(
      [count, channels, size, size],
      Float64Array.from({ length: count * length }, (_, at) => image.data[at % length]!),
    );
  const identity = (count: number, shape: readonly number[]): Tensor =>
    tensor(
      shape,
      Float64Array.from({ length: count * count }, (_, at) => (at % (count + 1) === 0 ? 1 : 0)),
    );

  const whole = await evaluate(
    (x, g) => gradientsOf(squeezeExcite(x, { squeeze, gate, name: "se" }), [x], g)[0]!,
    [copies(length), identity(length, [length, channels, size, size])],
    { seed },
  );
  const { scale, derivative } = await evaluate(
    (x, g) => {
      const { scale, pooled } = gateOf(squeezeExcite(x, { squeeze, gate, name: "se" }));
      return { scale, derivative: gradientsOf(scale, [pooled], g)[0]! };
    },
    [copies(channels), identity(channels, [channels, channels, 1, 1])],
    { seed },
  );

  let difference = 0;
  for (let i = 0; i < length; i++)
    for (let j = 0; j < length; j++) {
      const [c, other] = [Math.floor(i / area), Math.floor(j / area)];
      const closed =
        (i === j ? scale.data[c]! : 0) + (image.data[i]! * derivative.data[c * channels + other]!) / area;
      difference = Math.max(difference, Math.abs(closed - whole.data[i * length + j]!));
    }
  const cross = tensor(
    [area, area],
    Float64Array.from(
      { length: area * area },
      (_, at) => whole.data[Math.floor(at / area) * length + ((channels - 1) * area + (at % area))]!,
    ),
  );
  return {
    difference,
    gates: scale.data.subarray(0, channels),
    gateJacobian: Array.from({ length: channels }, (_, c) =>
      Array.from(derivative.data.subarray(c * channels, (c + 1) * channels)),
    ),
    crossRank: channels > 1 ? rankOf(cross) : 0,
  };
}

function squeezeShare(graph: Graph) {
  const { rows, macs, parameters } = layerTable(graph);
  const squeezes = rows.filter(({ op }) => op.startsWith("squeeze-excite"));
  const sum = (pick: (row: (typeof rows)[number]) => number): number =>
    squeezes.reduce((total, row) => total + pick(row), 0);
  return {
    macs: sum((row) => row.macs),
    parameters: sum((row) => row.parameters),
    macShare: sum((row) => row.macs) / macs,
    parameterShare: sum((row) => row.parameters) / parameters,
  };
}

/** Σ 2·N·C²/r over the four stages. */
function seResnet50(ratio: number): number {
  const stages = [
    [3, 256],
    [4, 512],
    [6, 1024],
    [3, 2048],
  ] as const;
  return stages.reduce((sum, [blocks, c]) => sum + (2 * blocks * c * c) / ratio, 0);
}
