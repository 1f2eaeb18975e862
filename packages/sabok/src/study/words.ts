// Numbers inside the sentences of verdicts, in both languages.
import { numberWriter, type Language } from "../report/index.ts";

const writers = { en: numberWriter("en"), fa: numberWriter("fa") };

/**
 * A number with three significant digits (or as many as asked for) as English and as Persian prose writes it; a power of
 * ten where it is very large or very small.
 */
export function spell(value: number, digits = 3): { readonly en: string; readonly fa: string } {
  return { en: spellIn("en", value, digits), fa: spellIn("fa", value, digits) };
}

function spellIn(lang: Language, value: number, digits: number): string {
  const write = writers[lang];
  const size = Math.abs(value);
  if (value === 0 || !Number.isFinite(value) || (size >= 1e-4 && size < 1e6))
    return write.significant(value, digits);
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e") as [string, string];
  return isolated(
    `${write.significant(Number(mantissa), digits)}×${powerOfTen(Number(exponent), lang)}`,
    lang,
  );
}

/** "10⁻⁶": Unicode has raised digits in one form only, so both languages share them. */
export function powerOfTen(exponent: number, lang: Language): string {
  const raised = String(exponent).replaceAll(/[-\d]/g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)]!));
  return `${writers[lang].integer(10)}${raised}`;
}

/** Keeps its order from left to right among Persian words. */
function isolated(text: string, lang: Language): string {
  return lang === "fa" ? `\u2066${text}\u2069` : text;
}

/** A share of 1 as a percentage with one decimal. */
export function spellShare(share: number): { readonly en: string; readonly fa: string } {
  return { en: writers.en.percent(share, 1), fa: writers.fa.percent(share, 1) };
}

/** The same words in both languages: a symbol, or the name of a design. */
export function symbol(text: string): { readonly en: string; readonly fa: string } {
  return { en: text, fa: text };
}
