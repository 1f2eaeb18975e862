// A table with scoped headers that scrolls inside its own container; a numeric cell may carry a bar behind its text.
import { html, type Html, type HtmlPart } from "./html.ts";

export interface Column<Row> {
  readonly title: HtmlPart;
  readonly value: (row: Row, index: number) => HtmlPart;
  readonly numeric?: boolean;
  /** A bar behind the text: its length as a share of 1, and its colour, 1 or 2. */
  readonly bar?: { readonly share: (row: Row) => number; readonly colour: 1 | 2 };
}

export interface Table<Row> {
  readonly caption: string;
  /** The first column heads its rows. */
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  /** The cells of a last row of totals, one a column. */
  readonly total?: readonly HtmlPart[];
}

/** The table, captioned, in a container that scrolls when it is wider than the page. */
export function table<Row>({ caption, columns, rows, total }: Table<Row>): Html {
  const cell = (column: Column<Row>, first: boolean, content: HtmlPart, share?: number): Html => {
    const bar = column.bar !== undefined && share !== undefined ? column.bar.colour : undefined;
    const kind = [column.numeric && "numeric", bar !== undefined && "bar"].filter(Boolean).join(" ");
    const attributes = html`${kind !== "" && html` class="${kind}"`}${bar !== undefined && html` style="${barStyle(bar, share!)}"`}`;
    return first
      ? html`<th scope="row" ${attributes}>${content}</th>`
      : html`<td${attributes}>${content}</td>`;
  };
  return html`<div class="scroll" role="group" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map(({ title, numeric }) => html`<th scope="col" ${numeric === true && html` class="numeric"`}>${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row, index) =>
            html`<tr>
              ${columns.map((column, i) => cell(column, i === 0, column.value(row, index), column.bar?.share(row)))}
            </tr> `,
        )}
      </tbody>
      ${
        total !== undefined &&
        html`<tfoot>
          <tr>
            ${columns.map((column, i) => cell(column, i === 0, total[i]))}
          </tr>
        </tfoot> `
      }
    </table>
  </div> `;
}

export interface Bar {
  readonly name: string;
  /** The bar's length as a share of 1. */
  readonly share: number;
  readonly text: string;
}

/** A list of named bars, in as many columns as fit. */
export function barList(bars: readonly Bar[]): Html {
  return html`<ul class="bars">
    ${bars.map(({ name, share, text }) => html`<li><bdi class="name" title="${name}">${name}</bdi> <span class="bar" style="${barStyle(1, share)}">${text}</span></li> `)}
  </ul> `;
}

function barStyle(colour: 1 | 2, share: number): string {
  const length = Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
  return `--bar:var(--bar-${colour});--share:${(100 * length).toFixed(2)}%`;
}
