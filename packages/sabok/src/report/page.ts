// One self-contained HTML page: no network, no external font or script; its policy forbids both to the browser.
import { invariant } from "../core/index.ts";
import { html, trustedMarkup, type Html, type HtmlPart } from "./html.ts";
import { directionOf, wordsOf, type Direction, type Language } from "./language.ts";
import { pageStyle } from "./pageStyle.ts";

/** A part of a page with its heading; `id` is its anchor. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: HtmlPart;
}

export interface Page {
  readonly title: string;
  readonly lang: Language;
  /** Default: the language's own. */
  readonly dir?: Direction;
  /** Stands under the title, before the contents. */
  readonly lead?: HtmlPart;
  readonly sections: readonly Section[];
  /** Rules beside the page's own: those of formulas, say. */
  readonly style?: string;
  /** The last line of the page. */
  readonly footer?: HtmlPart;
}

// Nothing is fetched, whatever the data says; pictures are data URIs.
const policy =
  "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

// Without this script the page lacks the copy buttons and nothing else.
const copyScript = `
for (const button of document.querySelectorAll("button.copy")) {
  const code = button.parentElement.querySelector("code");
  const word = button.querySelector("span");
  const copy = word.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      getSelection().selectAllChildren(code);
      document.execCommand("copy");
    }
    word.textContent = button.dataset.copied;
    setTimeout(() => { word.textContent = copy; }, 2000);
  });
}`;

/** The page as one HTML document. Section ids must differ and be fit for an anchor. */
export function page({ title, lang, dir = directionOf(lang), lead, sections, style, footer }: Page): string {
  const words = wordsOf(lang);
  const ids = new Set(sections.map(({ id }) => id));
  invariant(
    ids.size === sections.length,
    `page: section ids repeat: ${sections.map(({ id }) => id).join(", ")}`,
  );
  for (const id of ids)
    invariant(/^[a-z][a-z0-9-]*$/.test(id) && id !== "content", `page: section id "${id}"`);
  return html`<!doctype html>
    <html lang="${lang}" dir="${dir}">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <style>
          ${trustedMarkup(pageStyle)} ${style !== undefined && trustedMarkup(style)}
        </style>
      </head>
      <body>
        <a class="skip" href="#content">${words.skip}</a>
        <header>
          <h1>${title}</h1>
          ${lead}
          <nav aria-label="${words.contents}">
            <ol>
              ${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li> `)}
            </ol>
          </nav>
        </header>
        <main id="content" tabindex="-1">${sections.map(sectionMarkup)}</main>
        ${footer !== undefined && html`<footer>${footer}</footer> `}
        <script>
          ${trustedMarkup(copyScript)};
        </script>
      </body>
    </html> `.markup;
}

function sectionMarkup({ id, title, body }: Section): Html {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${body}
  </section> `;
}
