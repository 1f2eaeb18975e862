// The library's reasons why no stack will do, said in Persian: sentence by sentence, with the library's own numbers.
import type { Language } from "../../shared/words.ts";

/** A pattern for a part of a reason, and what it is in Persian; `$1` and so on are its groups. */
type Translation = readonly [pattern: RegExp, persian: string];

const layerWords = String.raw`(one layer|\d+ layers)`;
const outputWords = String.raw`(\d+ outputs?)`;
const strideAt = String.raw`(?: at the least stride of (\d+) in ${layerWords})?`;

const sentences: readonly Translation[] = [
  [
    /No receptive field sees more than the whole input, so nothing is above a threshold of ([\d.]+): ask for at least that\./,
    "هیچ میدان دیدی بیش از تمام ورودی را نمی‌بیند، پس هیچ‌چیز بالای آستانهٔ $1 نیست: به‌جای «بیش از»، «دست‌کم» بخواهید.",
  ],
  [
    /Without padding a receptive field is a square within the input: at most (\d+)x\d+ of (\d+)x(\d+), the ratio of its edges, ([\d.]+) of (.+?)\. The threshold of ([\d.]+) \((?:above|at least)\) needs (\d+)\./,
    "بدون لایه‌گذاری، میدان دید مربعی درون ورودی است: حداکثر $1 در $1 از $2 در $3، یعنی نسبت لبه‌هایش، $4 از $5. آستانهٔ $6 به $7 پیکسل نیاز دارد.",
  ],
  [
    /The last map cannot be (\d+) pixels or more on an edge when the input's shorter one has (\d+)\./,
    "نقشهٔ آخر نمی‌تواند در هر لبه $1 پیکسل یا بیشتر باشد، چون لبهٔ کوتاه‌تر ورودی $2 پیکسل دارد.",
  ],
  [
    new RegExp(
      String.raw`A receptive field of (\d+), the least that is enough, leaves ${outputWords} of (\d+) pixels${strideAt}; at least (\d+) are asked for\.`,
    ),
    "میدان دید $1 پیکسلی، که کمترینِ بسنده است، از $3 پیکسل $2 باقی می‌گذارد؛ دست‌کم $6 خواسته شده است.",
  ],
  [
    new RegExp(String.raw`(\d+) pixels leave ${outputWords}${strideAt}; at least (\d+) are asked for\.`),
    "$1 پیکسل $2 باقی می‌گذارد؛ دست‌کم $5 خواسته شده است.",
  ],
  [
    new RegExp(
      String.raw`Even the smallest kernel, (\d+), is too large: without padding ${layerWords} of it sees? (\d+) pixels, and (\d+) pixels with at least ${outputWords} leave room for (\d+)\.`,
    ),
    "حتی کوچک‌ترین هسته، $1، بیش از اندازه بزرگ است: بدون لایه‌گذاری $2 از آن $3 پیکسل می‌بیند و $4 پیکسل با دست‌کم $5 تنها برای $6 جا دارد.",
  ],
  [
    new RegExp(
      String.raw`No kernel is big enough: without holes ${layerWords} of kernel (\d+) sees? at most (?:\d+\^\d+ = )?(\d+) pixels; (\d+) are needed\.`,
    ),
    "هیچ هسته‌ای به اندازهٔ کافی بزرگ نیست: بدون حفره $1 با هستهٔ $2 حداکثر $3 پیکسل می‌بیند؛ $4 لازم است.",
  ],
  [
    new RegExp(
      String.raw`No kernel is big enough: ${layerWords} of kernel (\d+) at dilation (\d+)(?: and stride (\d+))? sees? at most (\d+) pixels; (\d+) are needed\.`,
    ),
    "هیچ هسته‌ای به اندازهٔ کافی بزرگ نیست: $1 با هستهٔ $2 و اتساع $3 حداکثر $5 پیکسل می‌بیند؛ $6 لازم است.",
  ],
  [
    /Stride against coverage: a stride of (\d+) skips pixels between the windows of a kernel of (\d+)\./,
    "گام در برابر پوشش: گام $1 از پیکسل‌های میان پنجره‌های هستهٔ $2 می‌پرد.",
  ],
  [
    new RegExp(String.raw`No stack of ${layerWords} without holes keeps all the rules at once\.`),
    "هیچ پشته‌ای از $1 بدون حفره همهٔ قاعده‌ها را با هم رعایت نمی‌کند.",
  ],
  [
    new RegExp(String.raw`No stack of ${layerWords} keeps all the rules at once\.`),
    "هیچ پشته‌ای از $1 همهٔ قاعده‌ها را با هم رعایت نمی‌کند.",
  ],
  [
    new RegExp(
      String.raw`Stacks of ${layerWords} without holes see at most (\d+) pixels, ([\d.]+) of (.+?); (\d+) are needed\.`,
    ),
    "پشته‌های $1 بدون حفره حداکثر $2 پیکسل می‌بینند، $3 از $4؛ $5 لازم است.",
  ],
  [
    new RegExp(
      String.raw`Stacks of ${layerWords} see at most (\d+) pixels, ([\d.]+) of (.+?); (\d+) are needed\.`,
    ),
    "پشته‌های $1 حداکثر $2 پیکسل می‌بینند، $3 از $4؛ $5 لازم است.",
  ],
  [
    /(?:Stride and dilation stand against coverage|Coverage is what forbids it): with holes allowed it would take ([\d,]+) MACs\./,
    "آنچه مانع است پوشش است: اگر حفره مجاز بود $1 ضرب‌وجمع لازم می‌شد.",
  ],
  [
    new RegExp(String.raw`No depth from (\d+) to (\d+) will do\. With ${layerWords}:`),
    "هیچ عمقی از $1 تا $2 بس نیست. با $3:",
  ],
  [new RegExp(String.raw`With ${layerWords}:`), "با $1:"],
  [
    /The search was stopped before it found a stack or could rule all out\./,
    "جست‌وجو پیش از آن‌که پشته‌ای بیابد یا همه را رد کند متوقف شد.",
  ],
  [/Not decided: the search was stopped\./, "معلوم نشد: جست‌وجو متوقف شد."],
];

const phrases: readonly Translation[] = [
  [/one layer/g, "یک لایه"],
  [/(\d+) layers/g, "$1 لایه"],
  [/(\d+) outputs?/g, "$1 خروجی"],
  [/the longer edge/g, "لبهٔ بلندتر"],
  [/each edge/g, "هر لبه"],
  [/the height/g, "ارتفاع"],
  [/the width/g, "پهنا"],
  [/the area/g, "مساحت"],
];

/** A reason in the page's language; `digits` writes its numbers. */
export function reasonIn(language: Language, reason: string, digits: (text: string) => string): string {
  if (language === "en") return reason;
  let text = reason;
  for (const [pattern, persian] of sentences) text = text.replaceAll(new RegExp(pattern, "g"), persian);
  for (const [pattern, persian] of phrases) text = text.replaceAll(pattern, persian);
  return digits(text.replaceAll(/(\d),(\d)/g, "$1٬$2").replaceAll(/(\d)\.(\d)/g, "$1٫$2"));
}
