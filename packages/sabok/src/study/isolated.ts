// Formulas written as plain characters inside right-to-left text: "۱/n" and "(1 − ε²)^B" must not be turned round. Each is put
// between the marks of Unicode that isolate left-to-right text (UAX 9).
import type { Language } from "../report/index.ts";

const [leftToRight, rightToLeft, popped] = ["\u2066", "\u2067", "\u2069"];

/** What formulas and Latin names are made of. */
const latin = String.raw`(?:[A-Za-z0-9Α-Ωα-ωϵ∂√ΣΠ∞ℓ½¼¾⁰-₟²³¹′'·×/÷=<>≤≥≈≠±−+*^_|‖⟨⟩()[\]{},.;:!?@~%→⋆&\s-]|\u0302)`;
/** A Persian number belongs to the formula where a sign of arithmetic or comparison ties it to the rest: "t = ۱", "۱/n". */
const number = String.raw`[۰-۹]+(?:٫[۰-۹]+)?`;
const ties = String.raw`[=<>≤≥≈≠±−+×·/÷^]`;
const run = new RegExp(
  `(?:${number}(?=\\s*${ties}))?${latin}+(?:(?<=${ties}\\s*)${number}(?:${latin}+)?)*`,
  "gu",
);

/** Formulas and code of the text writer, which knows their direction itself. */
const written = /(\$[^$]+\$|`[^`]+`)/u;

/** Persian text with every run of Latin letters, formulas and their signs kept from left to right; English as it is. */
export function isolated(text: string, lang: Language): string {
  if (lang === "en") return text;
  return text
    .split(written)
    .map((part) => (written.test(part) ? part : part.replaceAll(run, isolateRun)))
    .join("");
}

/** A whole label in its language's direction, for places that know none, such as the text of an SVG. */
export function directed(text: string, lang: Language): string {
  return lang === "fa" ? `${rightToLeft}${isolated(text, lang)}${popped}` : text;
}

function isolateRun(found: string): string {
  const [, before, middle, after] = /^([\s,.;:!?]*)(.*?)([\s,.;:!?]*)$/su.exec(found)!;
  const [open, core, close] = balanced(middle!);
  if (core.length < 2 || !/[A-Za-zΑ-Ωα-ω0-9∂√Σ]/u.test(core)) return found;
  return `${before}${open}${leftToRight}${core}${popped}${close}${after}`;
}

/** Brackets without a partner in the run belong to the text around it. */
function balanced(text: string): [string, string, string] {
  const pairs = new Map([
    [")", "("],
    ["]", "["],
    ["}", "{"],
  ]);
  const opened: { sign: string; at: number }[] = [];
  const alone = new Set<number>();
  Array.from(text).forEach((sign, at) => {
    if ([...pairs.values()].includes(sign)) opened.push({ sign, at });
    else if (pairs.has(sign)) {
      if (opened.at(-1)?.sign === pairs.get(sign)) opened.pop();
      else alone.add(at);
    }
  });
  for (const { at } of opened) alone.add(at);
  const signs = Array.from(text);
  let [begin, end] = [0, signs.length];
  while (begin < end && (alone.has(begin) || /\s/u.test(signs[begin]!))) begin++;
  while (end > begin && (alone.has(end - 1) || /\s/u.test(signs[end - 1]!))) end--;
  if ([...alone].some((at) => at >= begin && at < end)) return [text, "", ""];
  return [signs.slice(0, begin).join(""), signs.slice(begin, end).join(""), signs.slice(end).join("")];
}
