// A convolution of a row as a matrix, in symbols and in numbers, for any kernel, padding, stride and dilation.
import { evaluate, conv2d } from "../../nn/index.ts";
import type { Verdict } from "../chapter.ts";
import { defineChapter } from "../defineChapter.ts";
import { largestDifference } from "../draw.ts";
import { choice } from "../parameters.ts";
import { spell } from "../words.ts";
import {
  convolutionMatrix,
  convolve,
  kernels,
  identity,
  layerGeometry,
  outputLength,
  productsOf,
  rowMaps,
  rowsOf,
  spanOf,
  times,
  turned,
  turnOf,
  vector,
} from "./convolution1d.ts";
import { convolutionParameters, emptyOutput, readConvolution } from "./convolutionParameters.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";
import { fitsFormula, matrixTex, subscripted, subscriptedTex, sumTex, symbolicMatrix } from "./symbols.ts";

export const chapter = defineChapter({
  id: "4.1",
  title: { en: "A convolution is a matrix", fa: "کانولوشن یک ماتریس است" },
  question: {
    en: "Which matrix $A$ gives $y=Ax$ when $y$ is the convolution of $x$ with a kernel $w$, and how do padding, stride and dilation show in it?",
    fa: "اگر $y$ کانولوشن $x$ با هستهٔ $w$ باشد، کدام ماتریس $A$ رابطهٔ $y=Ax$ را می‌دهد؟ لایه‌گذاری، گام و اتساع در آن چگونه دیده می‌شوند؟",
  },
  claim: {
    en: "A convolution is multiplication by a banded Toeplitz matrix: every row is the row above, shifted by one.",
    fa: "کانولوشن ضرب در یک ماتریس نواری توپلیتز است: هر سطر همان سطر بالایی است که یک خانه جابه‌جا شده است.",
  },
  text: { en, fa },
  verdict: "holds",
  parameters: {
    ...convolutionParameters,
    reading: choice({
      label: { en: "w as it stands, or turned round", fa: "هسته به همان صورت، یا وارونه" },
      choices: ["correlation", "convolution"],
      default: "correlation",
    }),
  },
  async run({ reading, ...values }) {
    const { input, kernel, geometry } = readConvolution(values);
    const out = outputLength(geometry);
    if (out === 0) return emptyOutput(geometry);
    const { n, k } = geometry;
    const products = await productsOf(geometry, reading);
    const a = await convolutionMatrix(geometry, kernel, reading);
    const y = await convolve(geometry, input, kernel, reading);
    const gathered = await gatheredInput(input, geometry, reading);
    const symbolicA = symbolicMatrix(out, n, products, (p) => [p.y, p.x, subscripted("w", p.w)]);
    const symbolicX = symbolicMatrix(out, k, products, (p) => [p.y, p.w, subscripted("x", p.x)]);
    const toeplitz = isToeplitz(symbolicA);
    const unread = input.flatMap((_, m) => (products.some((p) => p.x === m) ? [] : [m + 1]));
    const equation = fitsFormula(symbolicA)
      ? [{ label: { en: "the matrix", fa: "ماتریس" }, tex: `A = ${matrixTex(symbolicA)}` }]
      : [];
    const unrolled = fitsFormula(symbolicX)
      ? [
          {
            label: {
              en: "the same products, gathered by weight: $y=Xw$",
              fa: "همان حاصل‌ضرب‌ها، گردآوری‌شده بر حسب وزن: $y=Xw$",
            },
            tex: `X = ${matrixTex(symbolicX)}`,
          },
        ]
      : [];
    return {
      results: {
        outputLength: out,
        span: spanOf(geometry),
        y,
        A: a.flat(),
        symbolicA: symbolicA.map((row) => row.join(" ")).join("; "),
        symbolicX: symbolicX.map((row) => row.join(" ")).join("; "),
        matrixAgainstOperator: largestDifference(await times(a, input), y),
        gatheredAgainstOperator: largestDifference(await times(gathered, kernel), y),
        toeplitz,
        nonzeroEntries: products.length,
        inputsNeverRead: unread,
      },
      symbolic: [
        ...equation,
        ...unrolled,
        ...(out <= 12
          ? y.map((_, i) => ({
              label: { en: `output ${i + 1}`, fa: `خروجی ${spell(i + 1).fa}` },
              tex: `${subscriptedTex("y", i)} = ${sumTex(products.filter((p) => p.y === i).map((p) => subscriptedTex("w", p.w) + subscriptedTex("x", p.x)))}`,
            }))
          : []),
      ],
      matrices: [
        { name: { en: "$A$ in symbols", fa: "$A$ با نماد" }, rows: symbolicA },
        { name: { en: "$A$ in numbers", fa: "$A$ با عدد" }, rows: a },
        { name: { en: "$X$ in symbols", fa: "$X$ با نماد" }, rows: symbolicX },
        { name: { en: "$X$ in numbers", fa: "$X$ با عدد" }, rows: gathered },
        { name: { en: "$y=Ax$", fa: "$y=Ax$" }, rows: y.map((value) => [value]) },
      ],
      verdict: verdictOf({ toeplitz, stride: geometry.stride, out, n, unread }),
    };
  },
});

/** X with y = Xw: the convolution of x with each basis kernel is one of its columns. */
async function gatheredInput(
  input: readonly number[],
  geometry: Parameters<typeof layerGeometry>[0],
  reading: Parameters<typeof turnOf>[1],
): Promise<number[][]> {
  const { k } = geometry;
  const y = await evaluate(
    (x, w, turn) => conv2d(x, kernels(w, turn), layerGeometry(geometry)),
    [rowMaps(vector(input)), identity(k), turnOf(k, reading)],
  );
  return turned(rowsOf({ shape: [k, y.shape[3]!], data: y.data }));
}

/** Whether all entries of a diagonal are the same, for every diagonal. */
function isToeplitz(rows: readonly (readonly string[])[]): boolean {
  return rows.slice(1).every((row, i) => row.slice(1).every((entry, j) => entry === rows[i]![j]));
}

function verdictOf({
  toeplitz,
  stride,
  out,
  n,
  unread,
}: {
  toeplitz: boolean;
  stride: number;
  out: number;
  n: number;
  unread: readonly number[];
}): Verdict {
  const [o, i, s, u] = [spell(out), spell(n), spell(stride), spell(unread.length)];
  const idle = {
    en: unread.length > 0 ? ` ${u.en} of the inputs are read by no output: their columns are zero.` : "",
    fa: unread.length > 0 ? ` ${u.fa} تا از ورودی‌ها را هیچ خروجی‌ای نمی‌خواند: ستون‌های آن‌ها صفر است.` : "",
  };
  return toeplitz
    ? {
        status: "holds",
        text: {
          en: `Here $A$ is ${o.en} by ${i.en}, banded and constant along its diagonals. The matrix, the gathered form $Xw$ and the operator agree.${idle.en}`,
          fa: `در اینجا $A$ دارای ${o.fa} سطر و ${i.fa} ستون است، نواری است و روی هر قطر ثابت. ماتریس، شکل گردآوری‌شدهٔ $Xw$ و خود عملگر یکی هستند.${idle.fa}`,
        },
      }
    : {
        status: "conditional",
        text: {
          en: `It is linear and banded, but not Toeplitz: with stride ${s.en} every row is the row above shifted by ${s.en}, that is, every ${s.en}th row of the Toeplitz matrix of stride one.${idle.en}`,
          fa: `خطی و نواری است ولی توپلیتز نیست: با گام ${s.fa} هر سطر نسبت به سطر بالایی ${s.fa} خانه جابه‌جا می‌شود؛ یعنی از ماتریس توپلیتزِ گام یک، از هر ${s.fa} سطر یکی مانده است.${idle.fa}`,
        },
      };
}
