// Which operation gives the derivatives of a convolution: candidates run beside reverse mode.
import { Random } from "../../core/index.ts";
import { convolve, outputLength, type Geometry } from "../4.1/convolution1d.ts";
import {
  convolutionParameters,
  cotangentParameter,
  emptyOutput,
  readConvolution,
  readCotangent,
} from "../4.1/convolutionParameters.ts";
import type { Table, Text, Verdict } from "../chapter.ts";
import { defineChapter } from "../defineChapter.ts";
import { dot, largestDifference, normalTensor } from "../draw.ts";
import { spell, symbol } from "../words.ts";
import en from "./en.md?raw";
import fa from "./fa.md?raw";
import {
  correlate,
  derivatives,
  inputGradientCorrelation,
  inputWithGradient,
  leftOver,
  transposedConvolution,
} from "./operations.ts";

export const chapter = defineChapter({
  id: "4.3",
  title: { en: "The operation behind the derivatives", fa: "عملی که مشتق‌ها را می‌دهد" },
  question: {
    en: "Which operation turns $g=\\partial L/\\partial y$ into $\\partial L/\\partial w$, and which into $\\partial L/\\partial x$?",
    fa: "کدام عمل از $g=\\partial L/\\partial y$ مشتق $\\partial L/\\partial w$ را می‌سازد و کدام عمل $\\partial L/\\partial x$ را؟",
  },
  claim: {
    en: "Both derivatives are convolutions again: $\\partial L/\\partial w$ is the padded $x$ correlated with $g$, and $\\partial L/\\partial x$ is $g$ correlated with the turned kernel, with $k-1-p$ zeros around it.",
    fa: "هر دو مشتق دوباره کانولوشن‌اند: $\\partial L/\\partial w$ همبستگی $x$ لایه‌گذاری‌شده با $g$ است، و $\\partial L/\\partial x$ همبستگی $g$ با هستهٔ وارونه، با $k-1-p$ صفر در هر سر.",
  },
  text: { en, fa },
  verdict: "holds",
  parameters: { ...convolutionParameters, g: cotangentParameter },
  async run({ g, ...values }) {
    const { input, kernel, geometry } = readConvolution(values);
    const out = outputLength(geometry);
    const dy = readCotangent(g, out);
    if (out === 0) return emptyOutput(geometry);
    const { dx, dw } = await derivatives(input, kernel, dy, geometry);
    const right = inputGradientCorrelation(geometry);
    const { before: around, between } = right;
    const { padding } = geometry;
    const at = (rule: Partial<typeof right>): Promise<number[]> =>
      correlate(dy, kernel, geometry, { ...right, ...rule });
    const candidates: Candidate[] = [
      {
        name: { en: "the forward operation again: w, padding p", fa: "همان عملِ پیشرو: w با لایه‌گذاری p" },
        got: await at({ turned: false, before: padding, after: padding, between: 0 }),
      },
      { name: { en: "w not turned", fa: "هستهٔ وارونه‌نشده" }, got: await at({ turned: false }) },
      {
        name: { en: "w turned, padding p", fa: "هستهٔ وارونه، لایه‌گذاری p" },
        got: await at({ before: padding, after: padding }),
      },
      {
        name: { en: "w turned, no zeros between", fa: "هستهٔ وارونه، بدون صفر در میان" },
        got: await at({ between: 0, after: around }),
      },
      {
        name: {
          en: "w turned, d(k−1)−p zeros, s−1 between",
          fa: "هستهٔ وارونه، d(k−1)−p صفر، s−1 صفر در میان",
        },
        got: await at({}),
      },
      {
        name: { en: "the library's transposed convolution", fa: "کانولوشن ترانهادهٔ کتابخانه" },
        got: await transposedConvolution(dy, kernel, geometry),
      },
    ];
    const dwCorrelation = await inputWithGradient(input, dy, geometry);
    const y = await convolve(geometry, input, kernel);
    const palindrome = kernel.every((value, i) => value === kernel.at(-1 - i));
    const notTurned = largestDifference(candidates[1]!.got, dx);
    const dxDifference = largestDifference(candidates[4]!.got, dx);
    const dwDifference = largestDifference(dwCorrelation, dw);
    const others = await otherGeometries();
    return {
      results: {
        dx,
        dw,
        dxByCorrelation: candidates[4]!.got,
        dwByCorrelation: dwCorrelation,
        dxDifference,
        dwDifference,
        transposedDifference: largestDifference(candidates[5]!.got, dx),
        notTurnedDifference: notTurned,
        palindrome,
        zerosAround: around,
        zerosBetween: between,
        outputPadding: leftOver(geometry),
        gy: dot(dy, y),
        xdx: dot(input, dx),
        wdw: dot(kernel, dw),
        otherGeometries: others.map(({ difference }) => difference),
      },
      tables: [
        candidateTable(candidates, dx),
        {
          title: { en: "The one form, read three ways", fa: "یک فرم، سه خوانش" },
          columns: [
            { en: "inner product", fa: "ضرب داخلی" },
            { en: "value", fa: "مقدار" },
          ],
          rows: [
            [symbol("⟨g, w⋆x⟩"), dot(dy, y)],
            [symbol("⟨dL/dx, x⟩"), dot(input, dx)],
            [symbol("⟨dL/dw, w⟩"), dot(kernel, dw)],
          ],
        },
        {
          title: {
            en: "Other geometries, drawn at random: the recipe against reverse mode",
            fa: "هندسه‌های دیگر با عددهای تصادفی: دستورالعمل در برابر مشتق‌گیری خودکار معکوس",
          },
          columns: [
            symbol("n"),
            symbol("k"),
            symbol("s"),
            symbol("p"),
            { en: "output padding", fa: "لایه‌گذاری خروجی" },
            { en: "largest difference", fa: "بیشترین اختلاف" },
          ],
          rows: others.map(({ geometry: { n, k, stride, padding }, extra, difference }) => [
            n,
            k,
            stride,
            padding,
            extra,
            difference,
          ]),
        },
      ],
      matrices: [
        { name: symbol("$\\partial L/\\partial x$"), rows: [dx] },
        { name: symbol("$\\partial L/\\partial w$"), rows: [dw] },
      ],
      verdict: verdictOf(geometry, { dxDifference, dwDifference, palindrome, notTurned, around }),
    };
  },
});

interface Candidate {
  readonly name: Text;
  readonly got: readonly number[];
}

/** The largest difference, or a dash for a list of another length. */
function differenceOf(got: readonly number[], expected: readonly number[]): number | "–" {
  return got.length === expected.length ? largestDifference(got, expected) : "–";
}

function candidateTable(candidates: readonly Candidate[], dx: readonly number[]): Table {
  return {
    title: {
      en: "What g is correlated with, against dL/dx of reverse mode (– : another length)",
      fa: "آنچه g با آن همبسته می‌شود، در برابر مشتق معکوس نسبت به x (نشان – : طول دیگر)",
    },
    columns: [
      { en: "operation", fa: "عمل" },
      { en: "length", fa: "طول" },
      { en: "largest difference", fa: "بیشترین اختلاف" },
    ],
    rows: candidates.map(({ name, got }) => [name, got.length, differenceOf(got, dx)]),
  };
}

/** Strides that leave inputs over, kernels of even length: the recipe on random numbers. */
async function otherGeometries() {
  const random = new Random(1);
  const listed = [
    [7, 3, 2, 1, 1],
    [8, 3, 2, 1, 1],
    [9, 4, 3, 0, 1],
    [11, 3, 2, 3, 2],
    [10, 2, 3, 4, 1],
  ] as const;
  return Promise.all(
    listed.map(async ([n, k, stride, padding, dilation]) => {
      const geometry: Geometry = { n, k, stride, padding, dilation };
      const [x, w, g] = [n, k, outputLength(geometry)].map((length) => [
        ...normalTensor(random, [length]).data,
      ]) as [number[], number[], number[]];
      const { dx, dw } = await derivatives(x, w, g, geometry);
      const byCorrelation = await correlate(g, w, geometry, inputGradientCorrelation(geometry));
      const difference = Math.max(
        largestDifference(byCorrelation, dx),
        largestDifference(await inputWithGradient(x, g, geometry), dw),
      );
      return { geometry, extra: leftOver(geometry), difference };
    }),
  );
}

function verdictOf(
  { stride, padding }: Geometry,
  found: {
    dxDifference: number;
    dwDifference: number;
    palindrome: boolean;
    notTurned: number;
    around: number;
  },
): Verdict {
  const exact = spell(Math.max(found.dxDifference, found.dwDifference));
  const trap = found.palindrome
    ? {
        en: " This kernel reads the same from both ends, so a forgotten turn cannot be seen with it: test with another.",
        fa: " این هسته از هر دو سر یکسان خوانده می‌شود؛ پس فراموش‌کردن وارونه‌سازی با آن دیده نمی‌شود: با هستهٔ دیگری بیازمایید.",
      }
    : {
        en: ` Without turning the kernel the result is off by ${spell(found.notTurned).en}.`,
        fa: ` اگر هسته وارونه نشود، نتیجه ${spell(found.notTurned).fa} خطا دارد.`,
      };
  const agree = {
    en: `Both recipes agree with reverse mode (largest difference ${exact.en}).`,
    fa: `هر دو دستورالعمل با مشتق‌گیری خودکار معکوس یکی هستند (بیشترین اختلاف ${exact.fa}).`,
  };
  if (stride === 1 && found.around >= 0)
    return {
      status: "holds",
      text: {
        en: `${agree.en} A forward correlation has a true convolution as its backward operation, and the other way round.${trap.en}`,
        fa: `${agree.fa} اگر عمل پیشرو همبستگی باشد عمل پسرو کانولوشن واقعی است، و برعکس.${trap.fa}`,
      },
    };
  const why =
    stride > 1
      ? {
          en: `With stride ${spell(stride).en} the claim needs two additions: $s-1$ zeros between the entries of $g$, and zeros at its end for the inputs that the last window does not reach; in $\\partial L/\\partial w$ stride and dilation change places.`,
          fa: `با گام ${spell(stride).fa} ادعا دو افزوده می‌خواهد: $s-1$ صفر میان درایه‌های $g$، و صفرهایی در پایان آن برای ورودی‌هایی که پنجرهٔ آخر به آن‌ها نمی‌رسد؛ در $\\partial L/\\partial w$ گام و اتساع جای خود را عوض می‌کنند.`,
        }
      : {
          en: `With padding ${spell(padding).en} the number of zeros around $g$ is negative: that many results are cut off instead.`,
          fa: `با لایه‌گذاری ${spell(padding).fa} تعداد صفرهای پیرامون $g$ منفی می‌شود: به‌جای آن همان تعداد از نتیجه‌ها بریده می‌شود.`,
        };
  return {
    status: "conditional",
    text: { en: `${why.en} Then: ${agree.en}${trap.en}`, fa: `${why.fa} آن‌گاه ${agree.fa}${trap.fa}` },
  };
}
