// Two layers without a skip: their Jacobian, its bound, and what becomes of it through depth.
import { tensor, singularValueDecomposition } from "../../core/index.ts";
import { rowsOf } from "../4.1/convolution1d.ts";
import type { Series, Verdict } from "../chapter.ts";
import { defineChapter } from "../defineChapter.ts";
import { largestDifference } from "../draw.ts";
import { blockParameters, readBlock } from "./blockParameters.ts";
import { activationTitles, blockJacobian, slopesAt, steepest } from "./blocks.ts";
import { drawNetwork, throughDepth } from "./depth.ts";
import { depthParameters } from "./depthParameters.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";
import { jacobianByFormula } from "./jacobianFormula.ts";
import { spellFactor } from "./spellFactor.ts";

export const chapter = defineChapter({
  id: "5.1",
  title: { en: "The Jacobian of two layers, and of many", fa: "ماتریس ژاکوبی دو لایه و لایه‌های بسیار" },
  question: {
    en: "What is $\\partial a^{l+2}/\\partial a^{l}$ for two layers without a skip, and why does the gradient vanish with depth when $\\lVert W^i\\rVert\\le\\varepsilon<1$?",
    fa: "برای دو لایه بدون اتصال میان‌بر $\\partial a^{l+2}/\\partial a^{l}$ چیست، و چرا با شرط $\\lVert W^i\\rVert\\le\\varepsilon<1$ گرادیان با عمق محو می‌شود؟",
  },
  claim: {
    en: "If every weight matrix has norm at most $\\varepsilon<1$ and $g'\\le1$, the gradient shrinks at least by $\\varepsilon^2$ with every two layers.",
    fa: "اگر نُرم هر ماتریس وزن حداکثر $\\varepsilon<1$ و $g'\\le1$ باشد، گرادیان با هر دو لایه دست‌کم $\\varepsilon^2$ برابر کوچک می‌شود.",
  },
  text: { en, fa },
  verdict: "holds",
  parameters: { ...blockParameters, ...depthParameters },
  async run({ activation, epsilon, blocks, width, seed, ...values }, { onProgress }) {
    const point = readBlock(values);
    const slopes = await slopesAt(point, activation);
    const { y, jacobian } = await blockJacobian(point, activation, "none");
    const byFormula = await jacobianByFormula(point, slopes, "none");
    const normOf = (of: Parameters<typeof singularValueDecomposition>[0]): number =>
      singularValueDecomposition(of).values[0]!;
    const { values: singularValues } = singularValueDecomposition(jacobian);
    const bound = steepest[activation] ** 2 * normOf(point.w1) * normOf(point.w2);

    onProgress?.(0.2, "depth");
    const network = drawNetwork({ blocks, width, epsilon, weights: "orthogonal", seed });
    const { gains, jacobians } = await throughDepth(network, activation, "none");
    const factor = (steepest[activation] * epsilon) ** 2;
    const bounds = gains.map((_, i) => factor ** (i + 1));
    const deepest = normOf(jacobians.at(-1)!);
    const elementwise = await entriesBelowOne(width);
    return {
      results: {
        output: y,
        jacobian: [...jacobian.data],
        firstRow: Array.from(jacobian.data.subarray(0, point.a.data.length)),
        singularValues,
        norm: singularValues[0]!,
        bound,
        formulaDifference: largestDifference(byFormula.data, jacobian.data),
        slopesFirst: slopes.first,
        slopesLast: slopes.last,
        gain: gains.at(-1)!,
        deepestNorm: deepest,
        depthBound: bounds.at(-1)!,
        elementwiseNorm: elementwise,
      },
      matrices: [
        {
          name: { en: "the Jacobian by reverse mode", fa: "ژاکوبی با مشتق‌گیری خودکار معکوس" },
          rows: rowsOf(jacobian),
        },
        { name: { en: "diagonal of $D^{l+1}$", fa: "قطر $D^{l+1}$" }, rows: [slopes.first] },
        { name: { en: "diagonal of $D^{l+2}$", fa: "قطر $D^{l+2}$" }, rows: [slopes.last] },
      ],
      tables: [
        {
          title: { en: "Norms, and what bounds them", fa: "نُرم‌ها و کران آن‌ها" },
          columns: [
            { en: "Jacobian", fa: "ژاکوبی" },
            { en: "norm", fa: "نُرم" },
            { en: "bound", fa: "کران" },
          ],
          rows: [
            [{ en: "these two layers", fa: "همین دو لایه" }, singularValues[0]!, bound],
            [{ en: "all random blocks", fa: "همهٔ بلوک‌های تصادفی" }, deepest, bounds.at(-1)!],
            [
              { en: "one linear block, every weight 0.9", fa: "یک بلوک خطی که همهٔ وزن‌هایش ۰٫۹ هستند" },
              elementwise,
              (0.9 * width) ** 2,
            ],
          ],
        },
      ],
      series: depthSeries(gains, bounds, activationTitles[activation]),
      symbolic: [
        {
          label: { en: "the chain rule", fa: "قاعدهٔ زنجیره‌ای" },
          tex: String.raw`\frac{\partial a^{l+2}}{\partial a^{l}}=D^{l+2}W^{l+2}D^{l+1}W^{l+1},\qquad D^{i}=\operatorname{diag}\big(g'(z^{i})\big)`,
        },
        {
          label: { en: "its bound", fa: "کران آن" },
          tex: String.raw`\Big\lVert\frac{\partial a^{l+2}}{\partial a^{l}}\Big\rVert\le(g'_{\max})^2\,\lVert W^{l+2}\rVert\,\lVert W^{l+1}\rVert`,
        },
      ],
      verdict: verdictOf({ factor, gain: gains.at(-1)!, bound: bounds.at(-1)!, blocks, width, elementwise }),
    };
  },
});

/** The norm of one linear block whose weights are all 0.9: below one, entry by entry, and yet it grows by (0.9·n)². */
async function entriesBelowOne(width: number): Promise<number> {
  const w = tensor([width, width], new Float64Array(width * width).fill(0.9));
  const zero = tensor([width], new Float64Array(width));
  const { jacobian } = await blockJacobian({ a: zero, w1: w, w2: w, b1: zero, b2: zero }, "none", "none");
  return singularValueDecomposition(jacobian).values[0]!;
}

function depthSeries(gains: readonly number[], bounds: readonly number[], name: Series["name"]): Series[] {
  const curve = (title: Series["name"], y: readonly number[]): Series => ({
    name: title,
    x: y.flatMap((value, i) => (value > 0 ? [i + 1] : [])),
    y: y.filter((value) => value > 0),
    xLabel: { en: "blocks", fa: "تعداد بلوک‌ها" },
    yLabel: { en: "factor on the gradient", fa: "ضریب گرادیان" },
    unit: "",
    figure: "depth",
    logY: true,
  });
  return [curve(name, gains), curve({ en: "bound", fa: "کران" }, bounds)].filter(({ x }) => x.length > 0);
}

function verdictOf(found: {
  factor: number;
  gain: number;
  bound: number;
  blocks: number;
  width: number;
  elementwise: number;
}): Verdict {
  const [b, gain, bound, each, n] = [
    found.blocks,
    found.gain,
    found.bound,
    found.elementwise,
    found.width,
  ].map((value) => spellFactor(value)) as [Spelt, Spelt, Spelt, Spelt, Spelt];
  const entry = {
    en: `The condition must be on a norm: with every $|w_{ij}|=0.9<1$ and ${n.en} units one linear block multiplies by up to ${each.en}.`,
    fa: `شرط باید روی نُرم باشد: اگر همهٔ درایه‌ها $|w_{ij}|=0.9<1$ باشند و لایه ${n.fa} واحد داشته باشد، یک بلوک خطی تا ${each.fa} برابر می‌کند.`,
  };
  if (found.factor < 1)
    return {
      status: "holds",
      text: {
        en: `After ${b.en} blocks a random gradient is multiplied by ${gain.en}; the bound $(g'_{\\max}\\varepsilon)^{2B}$ is ${bound.en}. ${entry.en}`,
        fa: `پس از ${b.fa} بلوک یک گرادیان تصادفی در ${gain.fa} ضرب شده است؛ کران $(g'_{\\max}\\varepsilon)^{2B}$ برابر ${bound.fa} است. ${entry.fa}`,
      },
    };
  return {
    status: "conditional",
    text: {
      en: `With $g'_{\\max}\\varepsilon\\ge1$ the bound ${bound.en} says nothing: here ${b.en} blocks multiply a random gradient by ${gain.en}. The claim needs $g'_{\\max}\\varepsilon<1$. ${entry.en}`,
      fa: `با $g'_{\\max}\\varepsilon\\ge1$ کران ${bound.fa} چیزی نمی‌گوید: در اینجا ${b.fa} بلوک یک گرادیان تصادفی را در ${gain.fa} ضرب می‌کند. ادعا به $g'_{\\max}\\varepsilon<1$ نیاز دارد. ${entry.fa}`,
    },
  };
}

type Spelt = ReturnType<typeof spellFactor>;
