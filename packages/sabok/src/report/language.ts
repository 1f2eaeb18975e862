// The two languages a page can be in: direction, the words of the page itself, and how numbers are written.

export type Language = "en" | "fa";
export type Direction = "ltr" | "rtl";

/** The page builder's own words; everything else on a page is its author's. */
export interface Words {
  readonly skip: string;
  readonly contents: string;
  readonly data: string;
  readonly copy: string;
  readonly copied: string;
}

const wordsByLanguage: Readonly<Record<Language, Words>> = {
  en: {
    skip: "Skip to the content",
    contents: "Contents",
    data: "The numbers as a table",
    copy: "Copy",
    copied: "Copied",
  },
  fa: {
    skip: "پرش به متن",
    contents: "فهرست",
    data: "عددها در جدول",
    copy: "رونوشت",
    copied: "رونوشت شد",
  },
};

export function wordsOf(language: Language): Words {
  return wordsByLanguage[language];
}

export function directionOf(language: Language): Direction {
  return language === "fa" ? "rtl" : "ltr";
}

/** Writes numbers in a language. A number that is not finite becomes a dash. */
export interface NumberWriter {
  /** 2986432 → "2,986,432". */
  integer(value: number): string;
  /** With exactly `digits` decimals: 0.5 → "0.5000". */
  decimals(value: number, digits: number): string;
  /** With `digits` significant digits, scientific below 1e-4: 0.00123 → "0.00123", 1.2e-6 → "1.2e-6". */
  significant(value: number, digits: number): string;
  /** A share of 1 with `digits` decimals: 0.8872 → "88.7 %". Never rounded up to 100 % or down to 0 %. */
  percent(share: number, digits: number): string;
  /** 154 → "2 min 34 s" (English) in whole seconds, with a decimal under 10 s. */
  duration(seconds: number): string;
}

const narrowSpace = "\u202f";
const missing = "–";

/** The number writer of a language: Latin digits in English, Persian digits in Persian. */
export function numberWriter(language: Language): NumberWriter {
  const locale = language === "fa" ? "fa-IR" : "en-US";
  const write = (value: number, options: Intl.NumberFormatOptions): string =>
    Number.isFinite(value) ? new Intl.NumberFormat(locale, options).format(value) : missing;
  const percentSign = language === "fa" ? "٪" : `${narrowSpace}%`;
  const units =
    language === "fa"
      ? { hour: "ساعت", minute: "دقیقه", second: "ثانیه" }
      : { hour: "h", minute: "min", second: "s" };
  const whole = (value: number): string => write(value, { maximumFractionDigits: 0, useGrouping: false });

  return {
    integer: (value) => write(value, { maximumFractionDigits: 0 }),
    decimals: (value, digits) =>
      write(value, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false }),
    significant(value, digits) {
      if (value !== 0 && Math.abs(value) < 1e-4 && Number.isFinite(value)) {
        const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
        return `${write(Number(mantissa), { maximumSignificantDigits: digits })}e${write(Number(exponent), {})}`;
      }
      return write(value, { maximumSignificantDigits: digits });
    },
    percent(share, digits) {
      const step = 10 ** -digits;
      const percent = 100 * share;
      const decimals = { minimumFractionDigits: digits, maximumFractionDigits: digits };
      if (percent < 100 && percent > 100 - step / 2)
        return `>${narrowSpace}${write(100 - step, decimals)}${percentSign}`;
      if (percent > 0 && percent < step / 2) return `<${narrowSpace}${write(step, decimals)}${percentSign}`;
      return Number.isFinite(share) ? `${write(percent, decimals)}${percentSign}` : missing;
    },
    duration(seconds) {
      if (!Number.isFinite(seconds)) return missing;
      if (seconds < 9.95) return `${write(seconds, { maximumFractionDigits: 1 })} ${units.second}`;
      const total = Math.round(seconds);
      const hours = Math.floor(total / 3600);
      const minutes = Math.floor((total % 3600) / 60);
      const rest = total % 60;
      if (hours > 0) return `${whole(hours)} ${units.hour} ${whole(minutes)} ${units.minute}`;
      return minutes > 0
        ? `${whole(minutes)} ${units.minute} ${whole(rest)} ${units.second}`
        : `${whole(rest)} ${units.second}`;
    },
  };
}
