// A figure: picture, legend, caption, and the numbers behind it as a table that opens.
import { html, type Html, type HtmlPart } from "./html.ts";
import { wordsOf, type Language } from "./language.ts";

export interface Figure {
  readonly lang: Language;
  readonly picture: HtmlPart;
  readonly caption: HtmlPart;
  readonly legend?: HtmlPart;
  /** The same numbers as tables, for those who cannot see the picture or want to read it exactly. */
  readonly data: HtmlPart;
}

export function figure({ lang, picture, caption, legend, data }: Figure): Html {
  return html`<figure>
    ${legend}${picture}
    <figcaption>${caption}</figcaption>
    <details>
      <summary>${wordsOf(lang).data}</summary>
      ${data}
    </details>
  </figure> `;
}

/** A legend of `[swatch, text]` entries. */
export function legend(entries: readonly (readonly [swatch: Html, text: string])[]): Html {
  return html`<ul class="legend">
    ${entries.map(([swatch, text]) => html`<li>${swatch}<span>${text}</span></li>`)}
  </ul> `;
}
