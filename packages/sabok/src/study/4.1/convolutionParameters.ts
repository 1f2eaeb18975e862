// The parameters that chapters 4.1 to 4.3 share, and what they answer where the kernel does not fit at all.
import type { Findings } from "../defineChapter.ts";
import { number, text } from "../parameters.ts";
import { spell, symbol } from "../words.ts";
import { spanOf, vectorOf, type Geometry } from "./convolution1d.ts";

export const longestInput = 32;
export const longestKernel = 16;

export const convolutionParameters = {
  x: text({
    label: { en: "input x, 1 to 32 numbers", fa: "ورودی x، ۱ تا ۳۲ عدد" },
    default: "1,2,3,4",
    example: "1,2,3,4",
  }),
  w: text({
    label: { en: "kernel w, 1 to 16 numbers", fa: "هستهٔ w، ۱ تا ۱۶ عدد" },
    default: "1,2,3",
    example: "1,2,3",
  }),
  padding: number({
    label: { en: "zeros at each end", fa: "لایه‌گذاری صفر در هر سر" },
    default: 1,
    least: 0,
    most: 16,
    whole: true,
  }),
  stride: number({ label: { en: "stride", fa: "گام" }, default: 1, least: 1, most: 8, whole: true }),
  dilation: number({ label: { en: "dilation", fa: "اتساع" }, default: 1, least: 1, most: 8, whole: true }),
} as const;

export const cotangentParameter = text({
  label: {
    en: "g = dL/dy; begun again or cut where its length is not the output's",
    fa: "بردار g = dL/dy؛ اگر هم‌طول خروجی نباشد تکرار یا بریده می‌شود",
  },
  default: "1,-1,2,0.5",
  example: "1,-1,2,0.5",
});

/** g as long as the output: begun again where it is too short, cut where it is too long. */
export function readCotangent(g: string, out: number): number[] {
  const given = vectorOf("g", g, 64, cotangentParameter.example);
  return Array.from({ length: out }, (_, i) => given[i % given.length]!);
}

export interface ConvolutionValues {
  readonly x: string;
  readonly w: string;
  readonly padding: number;
  readonly stride: number;
  readonly dilation: number;
}

/** The vectors and the geometry that the parameters describe. */
export function readConvolution({ x, w, padding, stride, dilation }: ConvolutionValues) {
  const input = vectorOf("x", x, longestInput, "1,2,3,4");
  const kernel = vectorOf("w", w, longestKernel, "1,2,3");
  const geometry: Geometry = { n: input.length, k: kernel.length, padding, stride, dilation };
  return { input, kernel, geometry };
}

/** What there is to say where the kernel spans more than the padded input: y has no entries, and nothing depends on x or w. */
export function emptyOutput(geometry: Geometry): Findings {
  const span = spanOf(geometry);
  const padded = geometry.n + 2 * geometry.padding;
  const least = Math.ceil((span - geometry.n) / 2);
  const [s, p, l] = [spell(span), spell(padded), spell(least)];
  return {
    results: { outputLength: 0, span, paddedLength: padded, leastPadding: least },
    tables: [
      {
        title: { en: "Why the output is empty", fa: "چرا خروجی تهی است" },
        columns: [
          { en: "length", fa: "طول" },
          { en: "value", fa: "مقدار" },
        ],
        rows: [
          [symbol("d(k − 1) + 1"), span],
          [symbol("n + 2p"), padded],
        ],
      },
    ],
    verdict: {
      status: "conditional",
      text: {
        en: `With these parameters there is nothing to look at: the kernel spans ${s.en} positions and the padded input has ${p.en}, so the output is empty, its matrix has no rows, and every derivative of it is zero. A padding of at least ${l.en} gives an output.`,
        fa: `با این پارامترها چیزی برای دیدن نیست: هسته ${s.fa} جایگاه را می‌پوشاند و ورودی لایه‌گذاری‌شده ${p.fa} جایگاه دارد؛ پس خروجی تهی است، ماتریسش سطری ندارد و همهٔ مشتق‌هایش صفرند. لایه‌گذاری دست‌کم ${l.fa} خروجی می‌دهد.`,
      },
    },
  };
}
