// A table that scrolls in its own frame, with a caption and row headings.
import type { ComponentChildren } from "preact";

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row, at: number) => ComponentChildren;
  /** Set at the end of the column, in figures of one width. */
  readonly numeric?: boolean;
}

export interface TableProps<Row> {
  /** What the table shows: its name. */
  readonly caption: string;
  /** The first column heads its row. */
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf?: (row: Row, at: number) => string | number;
  /** Draws the caption for screen readers only. */
  readonly quiet?: boolean;
}

export function Table<Row>({
  caption,
  columns,
  rows,
  keyOf = (_, at) => at,
  quiet = false,
}: TableProps<Row>) {
  return (
    <div class="scroll" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption class={quiet ? "unseen" : undefined}>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, numeric }) => (
              <th key={title} scope="col" class={numeric ? "numeric" : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={keyOf(row, at)}>
              {columns.map(({ title, cell, numeric }, column) =>
                column === 0 ? (
                  <th key={title} scope="row">
                    {cell(row, at)}
                  </th>
                ) : (
                  <td key={title} class={numeric ? "numeric" : undefined}>
                    {cell(row, at)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
