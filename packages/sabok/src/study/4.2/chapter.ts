// The derivatives of a loss through a convolution, to its weights, its input and its bias: symbols, numbers, and three ways
// to the same numbers.
import { tensor } from "../../core/index.ts";
import { add, conv2d, evaluate } from "../../nn/index.ts";
import {
  convolutionMatrix,
  convolve,
  kernels,
  layerGeometry,
  matrix,
  outputLength,
  productsOf,
  rowMaps,
  times,
  turned,
  turnOf,
  vector,
  type Geometry,
  type Product,
  type Reading,
} from "../4.1/convolution1d.ts";
import {
  convolutionParameters,
  cotangentParameter,
  emptyOutput,
  readConvolution,
  readCotangent,
} from "../4.1/convolutionParameters.ts";
import { subscripted, subscriptedTex, sumTex, symbolicMatrix } from "../4.1/symbols.ts";
import type { SymbolicRow } from "../chapter.ts";
import { defineChapter } from "../defineChapter.ts";
import { largestDifference } from "../draw.ts";
import { gradientsOf } from "../gradientsOf.ts";
import { choice } from "../parameters.ts";
import { spell, symbol } from "../words.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";

export const chapter = defineChapter({
  id: "4.2",
  title: { en: "The derivatives of a convolution", fa: "مشتق‌های کانولوشن" },
  question: {
    en: "Let $y=w\\star x+b$ and let $g=\\partial L/\\partial y$ be known. What are $\\partial L/\\partial w$, $\\partial L/\\partial x$ and $\\partial L/\\partial b$?",
    fa: "فرض کنید $y=w\\star x+b$ و $g=\\partial L/\\partial y$ معلوم باشد. $\\partial L/\\partial w$ و $\\partial L/\\partial x$ و $\\partial L/\\partial b$ چه هستند؟",
  },
  claim: {
    en: "With $y=Ax=Xw$ the derivatives are $\\partial L/\\partial x=A^\\top g$, $\\partial L/\\partial w=X^\\top g$ and $\\partial L/\\partial b=\\sum_i g_i$.",
    fa: "با $y=Ax=Xw$ مشتق‌ها $\\partial L/\\partial x=A^\\top g$ و $\\partial L/\\partial w=X^\\top g$ و $\\partial L/\\partial b=\\sum_i g_i$ هستند.",
  },
  text: { en, fa },
  verdict: "holds",
  parameters: {
    ...convolutionParameters,
    g: cotangentParameter,
    reading: choice({
      label: { en: "w as it stands, or turned round", fa: "هسته به همان صورت، یا وارونه" },
      choices: ["correlation", "convolution"],
      default: "correlation",
    }),
  },
  async run({ reading, g, ...values }) {
    const { input, kernel, geometry } = readConvolution(values);
    const out = outputLength(geometry);
    const dy = readCotangent(g, out);
    if (out === 0) return emptyOutput(geometry);
    const products = await productsOf(geometry, reading);
    const ways = {
      autodiff: await byAutodiff(geometry, input, kernel, dy, reading),
      matrices: await byMatrices(geometry, input, kernel, dy, reading),
      differences: await byDifferences(geometry, input, kernel, dy, reading),
    };
    const { dx, dw, db } = ways.autodiff;
    const scale = 1 + Math.max(...[...input, ...kernel, ...dy].map(Math.abs)) ** 2;
    const off = (other: Derivatives): number =>
      largestDifference([...dx, ...dw, db], [...other.dx, ...other.dw, other.db]) / scale;
    const agreement = { matrices: off(ways.matrices), differences: off(ways.differences) };
    return {
      results: {
        outputLength: out,
        y: await convolve(geometry, input, kernel, reading),
        g: dy,
        dx,
        dw,
        db,
        matricesAgainstAutodiff: agreement.matrices,
        differencesAgainstAutodiff: agreement.differences,
      },
      symbolic: symbolicDerivatives(geometry, out, products),
      matrices: [
        {
          name: {
            en: "$A^\\top$, so that $\\partial L/\\partial x=A^\\top g$",
            fa: "$A^\\top$، که $\\partial L/\\partial x=A^\\top g$",
          },
          rows: symbolicMatrix(geometry.n, out, products, (p) => [p.x, p.y, subscripted("w", p.w)]),
        },
        {
          name: {
            en: "$X^\\top$, so that $\\partial L/\\partial w=X^\\top g$",
            fa: "$X^\\top$، که $\\partial L/\\partial w=X^\\top g$",
          },
          rows: symbolicMatrix(geometry.k, out, products, (p) => [p.w, p.y, subscripted("x", p.x)]),
        },
      ],
      tables: [
        {
          title: { en: "Three ways to each derivative", fa: "سه راه برای هر مشتق" },
          columns: [
            { en: "derivative", fa: "مشتق" },
            { en: "reverse mode", fa: "مشتق‌گیری خودکار معکوس" },
            { en: "by the matrices", fa: "با ماتریس‌ها" },
            { en: "central differences", fa: "تفاضل مرکزی" },
          ],
          rows: [
            ...kernel.map((_, j) => [
              symbol(`dL/d${subscripted("w", j)}`),
              dw[j]!,
              ways.matrices.dw[j]!,
              ways.differences.dw[j]!,
            ]),
            ...input.map((_, m) => [
              symbol(`dL/d${subscripted("x", m)}`),
              dx[m]!,
              ways.matrices.dx[m]!,
              ways.differences.dx[m]!,
            ]),
            [symbol("dL/db"), db, ways.matrices.db, ways.differences.db],
          ],
        },
      ],
      verdict: {
        status: "holds",
        text: {
          en: `The transposed matrices agree with reverse mode (largest difference, relative to the numbers: ${spell(agreement.matrices).en}), and so do central differences (${spell(agreement.differences).en}). A weight, which all outputs share, collects from every output in which it meets an input; an input collects only from the outputs that read it.`,
          fa: `ماتریس‌های ترانهاده با مشتق‌گیری خودکار معکوس یکی هستند (بیشترین اختلاف نسبت به اندازهٔ عددها: ${spell(agreement.matrices).fa}) و تفاضل مرکزی هم همین‌طور (${spell(agreement.differences).fa}). وزن میان همهٔ خروجی‌ها مشترک است و از هر خروجی‌ای که در آن با یک ورودی ضرب می‌شود سهم می‌گیرد؛ هر ورودی تنها از خروجی‌هایی سهم می‌گیرد که آن را می‌خوانند.`,
        },
      },
    };
  },
});

interface Derivatives {
  readonly dx: readonly number[];
  readonly dw: readonly number[];
  readonly db: number;
}

async function byAutodiff(
  geometry: Geometry,
  x: readonly number[],
  w: readonly number[],
  g: readonly number[],
  reading: Reading,
): Promise<Derivatives> {
  const { dx, dw, db } = await evaluate(
    (x, w, b, g, turn) => {
      const y = add(conv2d(x, kernels(w, turn), layerGeometry(geometry)), b);
      const [dx, dw, db] = gradientsOf(y, [x, w, b], g);
      return { dx: dx!, dw: dw!, db: db! };
    },
    [rowMaps(vector(x)), matrix([w]), tensor([1], [0]), rowMaps(vector(g)), turnOf(geometry.k, reading)],
  );
  return { dx: [...dx.data], dw: [...dw.data], db: db.data[0]! };
}

async function byMatrices(
  geometry: Geometry,
  x: readonly number[],
  w: readonly number[],
  g: readonly number[],
  reading: Reading,
): Promise<Derivatives> {
  const a = await convolutionMatrix(geometry, w, reading);
  const units = w.map((_, j) => w.map((_, i) => (i === j ? 1 : 0)));
  const columns = await Promise.all(units.map((unit) => convolve(geometry, x, unit, reading)));
  return {
    dx: await times(turned(a), g),
    dw: await times(columns, g),
    db: g.reduce((sum, value) => sum + value, 0),
  };
}

/** L = ⟨g, y⟩ is linear in each of x, w and b, so central differences have no error but rounding, whatever the step. */
async function byDifferences(
  geometry: Geometry,
  x: readonly number[],
  w: readonly number[],
  g: readonly number[],
  reading: Reading,
): Promise<Derivatives> {
  const loss = async (x: readonly number[], w: readonly number[]): Promise<number> =>
    (await convolve(geometry, x, w, reading)).reduce((sum, y, i) => sum + y * g[i]!, 0);
  const step = 0.5;
  const moved = (v: readonly number[], at: number, by: number): number[] =>
    v.map((value, i) => (i === at ? value + by : value));
  const slope = async (of: (by: number) => Promise<number>): Promise<number> =>
    ((await of(step)) - (await of(-step))) / (2 * step);
  return {
    dx: await Promise.all(x.map((_, m) => slope((by) => loss(moved(x, m, by), w)))),
    dw: await Promise.all(w.map((_, j) => slope((by) => loss(x, moved(w, j, by))))),
    db: await slope(async (by) => g.reduce((sum, value) => sum + value * by, 0)),
  };
}

/** Each derivative as a sum of products of g with what it meets. */
function symbolicDerivatives({ n, k }: Geometry, out: number, products: readonly Product[]): SymbolicRow[] {
  if (n > 12 || k > 12) return [];
  const partial = (of: string): string => String.raw`\frac{\partial L}{\partial ${of}}`;
  const termsOf = (chosen: (p: Product) => boolean, term: (p: Product) => string): string =>
    sumTex(products.filter(chosen).map(term));
  const derivative = (of: string, index: number, sum: string): SymbolicRow => ({
    label: { en: `derivative to ${subscripted(of, index)}`, fa: `مشتق نسبت به ${subscripted(of, index)}` },
    tex: `${partial(subscriptedTex(of, index))} = ${sum}`,
  });
  return [
    ...Array.from({ length: k }, (_, j) =>
      derivative(
        "w",
        j,
        termsOf(
          (p) => p.w === j,
          (p) => subscriptedTex("g", p.y) + subscriptedTex("x", p.x),
        ),
      ),
    ),
    ...Array.from({ length: n }, (_, m) =>
      derivative(
        "x",
        m,
        termsOf(
          (p) => p.x === m,
          (p) => subscriptedTex("g", p.y) + subscriptedTex("w", p.w),
        ),
      ),
    ),
    {
      label: { en: "derivative to b", fa: "مشتق نسبت به b" },
      tex: `${partial("b")} = ${out > 12 ? String.raw`\sum_i g_i` : sumTex(Array.from({ length: out }, (_, i) => subscriptedTex("g", i)))}`,
    },
  ];
}
