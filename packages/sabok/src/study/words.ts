// Numbers inside the sentences of verdicts, in both languages.
import { numberWriter } from "../report/index.ts";

const writers = { en: numberWriter("en"), fa: numberWriter("fa") };

/** A number with three significant digits (or as many as asked for) as English and as Persian prose writes it. */
export function spell(value: number, digits = 3): { readonly en: string; readonly fa: string } {
  return { en: writers.en.significant(value, digits), fa: writers.fa.significant(value, digits) };
}

/** A share of 1 as a percentage with one decimal. */
export function spellShare(share: number): { readonly en: string; readonly fa: string } {
  return { en: writers.en.percent(share, 1), fa: writers.fa.percent(share, 1) };
}

/** The same words in both languages: a symbol, or the name of a design. */
export function symbol(text: string): { readonly en: string; readonly fa: string } {
  return { en: text, fa: text };
}
