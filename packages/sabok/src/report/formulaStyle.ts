// KaTeX's style sheet with the fonts our formulas use as data URIs; the rules of its other fonts are left out.
import aMSRegular from "katex/dist/fonts/KaTeX_AMS-Regular.woff2?inline";
import caligraphicRegular from "katex/dist/fonts/KaTeX_Caligraphic-Regular.woff2?inline";
import mainBold from "katex/dist/fonts/KaTeX_Main-Bold.woff2?inline";
import mainItalic from "katex/dist/fonts/KaTeX_Main-Italic.woff2?inline";
import mainRegular from "katex/dist/fonts/KaTeX_Main-Regular.woff2?inline";
import mathItalic from "katex/dist/fonts/KaTeX_Math-Italic.woff2?inline";
import size1Regular from "katex/dist/fonts/KaTeX_Size1-Regular.woff2?inline";
import size2Regular from "katex/dist/fonts/KaTeX_Size2-Regular.woff2?inline";
import size3Regular from "katex/dist/fonts/KaTeX_Size3-Regular.woff2?inline";
import size4Regular from "katex/dist/fonts/KaTeX_Size4-Regular.woff2?inline";
import style from "katex/dist/katex.min.css?raw";

const fonts: Readonly<Record<string, string>> = {
  "AMS-Regular": aMSRegular,
  "Caligraphic-Regular": caligraphicRegular,
  "Main-Bold": mainBold,
  "Main-Italic": mainItalic,
  "Main-Regular": mainRegular,
  "Math-Italic": mathItalic,
  "Size1-Regular": size1Regular,
  "Size2-Regular": size2Regular,
  "Size3-Regular": size3Regular,
  "Size4-Regular": size4Regular,
};

const rule = /@font-face\{[^}]*?url\(fonts\/KaTeX_([\w-]+)\.woff2\)[^}]*\}/g;

export const formulaStyle =
  style.replaceAll(rule, (face, name: string) =>
    fonts[name] ? face.replace(/src:[^}]*/, () => `src:url(${fonts[name]}) format("woff2")`) : "",
  ) +
  `
.formula { unicode-bidi: isolate; }
div.formula { overflow-x: auto; overflow-y: hidden; margin: .75rem 0; max-width: 46rem; padding: .1rem 0; }
div.formula .katex-display { margin: .25rem 0; }
.katex { font-size: 1.1em; }
`;
