// Numbers and words in the cells, on the axes and in the titles of a study page, as its language writes them.
import { html, numberWriter, type HtmlPart, type Language } from "../report/index.ts";
import type { Text } from "./chapter.ts";
import { isolated } from "./isolated.ts";
import { powerOfTen, spell } from "./words.ts";

/** A number as its language writes it, counts in full, else a power of ten where it is very large or small; words as they are. */
export function cellPart(value: number | string | Text, lang: Language): HtmlPart {
  if (typeof value === "object") return isolated(value[lang], lang);
  if (typeof value === "string") return html`<bdi>${value}</bdi>`;
  const size = Math.abs(value);
  if (isCount(value) || !Number.isFinite(value) || (size >= 1e-4 && size < 1e7))
    return html`<bdi>${plainNumber(value, lang)}</bdi>`;
  const [mantissa, exponent] = value.toExponential(3).split("e") as [string, string];
  const write = (text: string): string => plainNumber(Number(text), lang);
  return html`<bdi dir="ltr">${write(mantissa)}×${write("10")}<sup>${write(exponent)}</sup></bdi>`;
}

/** Six significant digits, counts in full, the language's digits. */
export function plainNumber(value: number, lang: Language, digits = 6): string {
  const write = numberWriter(lang);
  return isCount(value) ? write.integer(value) : write.significant(value, digits);
}

/** Whole and short enough to be written out: 4,867,293,184 multiply-accumulates are exact. */
const isCount = (value: number): boolean => Number.isInteger(value) && Math.abs(value) < 1e12;

/** Short enough for an axis: powers of ten beyond five digits. */
export function axisNumber(value: number, lang: Language): string {
  const exponent = Math.log10(Math.abs(value));
  const far = exponent >= 5 || exponent <= -4;
  return far && Number.isInteger(exponent) ? powerOfTen(exponent, lang) : spell(value)[lang];
}

/** "1.3", or ۱٫۳. */
export function numbered(id: string, lang: Language): string {
  return lang === "en"
    ? id
    : id.replaceAll(/\d/g, (digit) => "۰۱۲۳۴۵۶۷۸۹"[Number(digit)]!).replaceAll(".", "٫");
}
