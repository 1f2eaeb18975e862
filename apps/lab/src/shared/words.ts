// The language of the page: its words, its digits and its direction.
import { computed, signal, type Signal } from "@preact/signals";
import { directionOf, numberWriter, type Direction, type Language, type NumberWriter } from "sabok/report";

import { keepPreference, readPreference } from "./preferences.ts";

export type { Language };

/** The language the page is in; the router sets it before anything is drawn. Setting it turns the whole page over. */
export const language: Signal<Language> = signal<Language>("en");

export const direction = computed<Direction>(() => directionOf(language.value));

/** A language from the URL, else the last one chosen, else the browser's. */
export function readLanguage(text: string | undefined): Language {
  const wished = text ?? readPreference("language") ?? navigator.language;
  return wished.startsWith("fa") ? "fa" : "en";
}

/** Sets the language and keeps it for the next visit. */
export function chooseLanguage(chosen: Language): void {
  keepPreference("language", chosen);
  language.value = chosen;
}

/** A text, or a function that makes one, in both languages. The Persian table must have every key of the English one. */
export interface WordTable<T> {
  readonly en: T;
  readonly fa: T;
}

/** Declares a room's words: `export const words = defineWords({ en: { … }, fa: { … } })`. */
export function defineWords<T>(words: { readonly en: T; readonly fa: NoInfer<T> }): WordTable<T> {
  return words;
}

/** The words in the page's language; a component that calls it is drawn again when the language changes. */
export function useWords<T>(words: WordTable<T>): T {
  return words[language.value];
}

/** The library's number writer and what the Lab needs besides. */
export interface Numbers extends NumberWriter {
  /** Three significant digits with a letter: 300774272 → "301 M". */
  compact(value: number): string;
  /** 14208 → "13.9 KiB". */
  bytes(value: number): string;
  /** A text with its Latin digits in the language's own: "3×3". For names and shapes, not for quantities. */
  digits(text: string): string;
  /** "3×224×224" in the language's digits, always read from left to right. */
  shape(shape: readonly number[]): string;
}

const writers: Record<Language, Numbers> = { en: makeNumbers("en"), fa: makeNumbers("fa") };

/** How numbers are written in the page's language. */
export function useNumbers(): Numbers {
  return writers[language.value];
}

function makeNumbers(lang: Language): Numbers {
  const writer = numberWriter(lang);
  const units = lang === "fa" ? ["", "هزار", "میلیون", "میلیارد", "هزار میلیارد"] : ["", "k", "M", "G", "T"];
  const scaled = (value: number, base: number, names: readonly string[]): string => {
    let scale = 0;
    while (Math.abs(value) >= base * 0.9995 && scale < names.length - 1) {
      value /= base;
      scale++;
    }
    const number = Math.abs(value) >= 1000 ? writer.integer(value) : writer.significant(value, 3);
    return names[scale] ? `${number}\u00a0${names[scale]}` : number;
  };
  const digits = (text: string): string =>
    lang === "fa" ? text.replaceAll(/[0-9]/g, (digit) => "۰۱۲۳۴۵۶۷۸۹"[Number(digit)]!) : text;
  return {
    ...writer,
    compact: (value) => scaled(value, 1000, units),
    bytes: (value) => scaled(value, 1024, ["B", "KiB", "MiB", "GiB"]),
    digits,
    shape: (shape) => `\u2066${digits(shape.join("×"))}\u2069`,
  };
}
