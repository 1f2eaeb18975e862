// Vazirmatn, the Persian pages' font: its Arabic glyphs in every weight, as a data URI.
import arabic from "@fontsource-variable/vazirmatn/files/vazirmatn-arabic-wght-normal.woff2?inline";

export const persianFont = `
@font-face {
  font-family: Vazirmatn; font-weight: 100 900; src: url(${arabic}) format("woff2");
  unicode-range: U+0600-06FF, U+200C-200F, U+FB50-FDFF, U+FE70-FEFC;
}
[lang=fa] body { font-family: Vazirmatn, system-ui, "Segoe UI", Roboto, Tahoma, sans-serif; line-height: 1.85; }
`;
