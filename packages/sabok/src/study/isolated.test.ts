import { expect, test } from "vitest";
import { directed, isolated } from "./isolated.ts";

const shown = (text: string): string =>
  isolated(text, "fa").replaceAll("\u2066", "<").replaceAll("\u2069", ">");

test.each([
  ["بهره با 1/n", "بهره با <1/n>"],
  ["پایین، (1 − ε²)^B", "پایین، <(1 − ε²)^B>"],
  ["1 − (1 + m)/2^m", "<1 − (1 + m)/2^m>"],
  ["∂V/∂u از چپ", "<∂V/∂u> از چپ"],
  ["کف (x+½)·s", "کف <(x+½)·s>"],
  ["پیش‌فعال‌سازی (He ۲۰۱۶)", "پیش‌فعال‌سازی (<He> ۲۰۱۶)"],
  ["دسته‌های فرعی (ghost)", "دسته‌های فرعی <(ghost)>"],
  ["∂s_c/∂z_c′ (سطرها c)", "<∂s_c/∂z_c′> (سطرها c)"],
  ["R² است.", "<R²> است."],
  ["۱٫۳ و ۲", "۱٫۳ و ۲"],
  ["۱٫۰۳ در t = ۱ و ۰٫۳۸ در t = ۶)", "۱٫۰۳ در <t = ۱> و ۰٫۳۸ در <t = ۶>)"],
  ["۱/n بار", "<۱/n> بار"],
  ["با ۳ ReLU", "با ۳ <ReLU>"],
  ["۱۰ × ۱۰ است", "۱۰ × ۱۰ است"],
  ["با $a^{-1}$ و `--x 1,2` و 1/K²", "با $a^{-1}$ و `--x 1,2` و <1/K²>"],
])("%s", (text, expected) => expect(shown(text)).toBe(expected));

test("English stays as it is; a label for an SVG gets its direction", () => {
  expect(isolated("(1 − ε²)^B", "en")).toBe("(1 − ε²)^B");
  expect(directed("گام", "fa")).toBe("\u2067گام\u2069");
  expect(directed("stride", "en")).toBe("stride");
});
