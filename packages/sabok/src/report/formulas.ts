// Text with formulas: Markdown and KaTeX become markup when the page is built, so the page needs no script and no network.
import type katexModule from "katex";
import type * as markedModule from "marked";
import { html, trustedMarkup, type Html } from "./html.ts";

/** Writes the project's own texts as markup; what it is given is trusted. */
export interface TextWriter {
  /** A whole text: paragraphs, lists, tables, `$…$` within a line, `$$…$$` on lines of its own. */
  text(markdown: string): Html;
  /** One line of text, without a paragraph around it. */
  line(markdown: string): Html;
  /** A formula of its own, from left to right in every language. */
  formula(tex: string): Html;
  /** What the page's style sheet needs for formulas, fonts included. */
  readonly style: string;
}

/** Loads KaTeX and the Markdown parser. The writer throws, naming the formula, where one does not parse. */
export async function loadTextWriter(): Promise<TextWriter> {
  const [{ default: katex }, { Marked }, { formulaStyle }] = await Promise.all([
    import("katex"),
    import("marked"),
    import("./formulaStyle.ts"),
  ]);
  const write = (tex: string, displayMode: boolean): string => formulaMarkup(katex, tex, displayMode);
  const marked = new Marked({ extensions: [inlineFormula(write), displayFormula(write)] });
  return {
    text: (markdown) => trustedMarkup(marked.parse(markdown, { async: false })),
    line: (markdown) => trustedMarkup(marked.parseInline(markdown, { async: false })),
    formula: (tex) => trustedMarkup(write(tex, true)),
    style: formulaStyle,
  };
}

function formulaMarkup(katex: typeof katexModule, tex: string, displayMode: boolean): string {
  const markup = trustedMarkup(
    katex.renderToString(tex, { displayMode, strict: "error", output: "htmlAndMathml" }),
  );
  return displayMode
    ? html`<div class="formula" dir="ltr" tabindex="0">${markup}</div>`.markup
    : html`<span class="formula" dir="ltr">${markup}</span>`.markup;
}

type Extension = markedModule.TokenizerAndRendererExtension;
type Write = (tex: string, display: boolean) => string;

/** `$…$` within a line: no space after the first dollar, no dollar inside. */
function inlineFormula(write: Write): Extension {
  return {
    name: "inlineFormula",
    level: "inline",
    start: (source) => source.indexOf("$"),
    tokenizer(source) {
      const match = /^\$(?![\s$])((?:\\.|[^$\\])+?)\$/s.exec(source);
      return match ? { type: "inlineFormula", raw: match[0], tex: match[1]! } : undefined;
    },
    renderer: (token) => write(String(token["tex"]), false),
  };
}

/** `$$…$$` from the beginning of a line. */
function displayFormula(write: Write): Extension {
  return {
    name: "displayFormula",
    level: "block",
    start: (source) => /(^|\n)\$\$/.exec(source)?.index,
    tokenizer(source) {
      const match = /^\n?\$\$(.+?)\$\$[ \t]*(?:\n|$)/s.exec(source);
      return match ? { type: "displayFormula", raw: match[0], tex: match[1]! } : undefined;
    },
    renderer: (token) => write(String(token["tex"]), true),
  };
}
