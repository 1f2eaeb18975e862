// What the pages of this room share: tiles of figures, long names that break, the last line.
import { html, numberWriter, type Html } from "../../report/index.ts";

/** Numbers as the pages write them. */
export const write = numberWriter("en");

/** A figure that stands out: its name, its number, and a line about it. */
export type Tile = readonly [title: string, number: string, note: string];

export function tileList(tiles: readonly Tile[]): Html {
  return html`<dl class="tiles">
    ${tiles.map(
      ([title, number, note]) =>
        html`<div>
          <dt>${title}</dt>
          <dd class="number">${number}</dd>
          <dd class="note">${note}</dd>
        </div> `,
    )}
  </dl>`;
}

export function footerOf(version: string): Html {
  return html`Written by sabok ${version}. This page needs no network: save it, print it, send it.`;
}

/** A layer's name: dots are places to break it at. */
export function breakable(name: string): Html[] {
  return name.split(/(?<=\.)/).map((part) => html`<wbr />${part}`);
}
