// Markup that cannot be broken by its data: whatever stands in a template is escaped unless it is markup itself.

/** A piece of finished markup. Made by `html`, or by `trustedMarkup` from text that is markup already. */
export interface Html {
  readonly markup: string;
}

/** What may stand in a template. Nothing is printed for undefined and false; arrays are joined. */
export type HtmlPart = Html | string | number | undefined | false | readonly HtmlPart[];

/** The template tag that escapes its parts, in text and in quoted attributes. */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return { markup: strings.map((text, i) => text + (i < parts.length ? markupOf(parts[i]) : "")).join("") };
}

/** Marks text as markup, unescaped: only for what this library wrote itself. */
export function trustedMarkup(markup: string): Html {
  return { markup };
}

/** Escapes text for HTML, inside elements and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character]!);
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function markupOf(part: HtmlPart): string {
  if (part === undefined || part === false) return "";
  if (typeof part === "string") return escapeHtml(part);
  if (typeof part === "number") return String(part);
  return "markup" in part ? part.markup : part.map(markupOf).join("");
}
