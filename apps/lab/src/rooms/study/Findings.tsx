// What an experiment found: formulas, tables, matrices, plots, and every named result.
import type * as PlotModule from "@observablehq/plot";
import type { ChapterResult, Matrix, Table as ResultTable, Text } from "sabok/study";
import { useCallback } from "preact/hooks";
import { Plot } from "../../shared/plot.tsx";
import { Table } from "../../shared/table.tsx";
import { Prose, Tex } from "../../shared/tex.tsx";
import { language, useNumbers, useWords } from "../../shared/words.ts";
import { axisNumber, Cell } from "./Cell.tsx";
import { axisLabel, colorAt, dashes, figuresOf, plotOptions, type Figure } from "./figures.ts";
import { studyWords } from "./words.ts";

export function Findings({ result }: { readonly result: ChapterResult }) {
  const lang = language.value;
  const { symbolic, tables, matrices, series, results } = result;
  const figures = figuresOf(series);
  return (
    <div class="findings">
      {figures.length > 0 && (
        <div class="plots">
          {figures.map((figure) => (
            <FigureView key={figure.key} figure={figure} />
          ))}
        </div>
      )}
      {symbolic.length > 0 && (
        <dl class="symbolic">
          {symbolic.map(({ label, tex }, i) => (
            <div key={i}>
              <dt>
                <Prose text={label[lang]} inline />
              </dt>
              <dd>
                <Tex tex={tex} display />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {matrices.length > 0 && (
        <div class="matrices">
          {matrices.map((matrix, i) => (
            <MatrixView key={i} matrix={matrix} />
          ))}
        </div>
      )}
      {tables.map((table, i) => (
        <TableView key={i} table={table} />
      ))}
      <NamedResults results={results} />
    </div>
  );
}

function FigureView({ figure }: { readonly figure: Figure }) {
  const words = useWords(studyWords);
  const numbers = useNumbers();
  const lang = language.value;
  const first = figure.series[0]!;
  const text = (one: Text): string => one[lang];
  const title = words.over(axisLabel(first.yLabel, first.unit, { text }), text(first.xLabel));
  const build = useCallback(
    (library: typeof PlotModule, width: number) =>
      plotOptions(library, figure, width, { text, number: (value) => axisNumber(value, numbers) }),
    [figure.series, lang],
  );
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <ul class="legend">
        {figure.series.map(({ name }, place) => (
          <li key={place}>
            <svg viewBox="0 0 28 8" aria-hidden="true">
              <line
                x1="1"
                x2="27"
                y1="4"
                y2="4"
                stroke={colorAt(place)}
                stroke-width="2.5"
                stroke-dasharray={dashes[place % dashes.length]}
              />
            </svg>
            <Prose text={name[lang]} inline />
          </li>
        ))}
      </ul>
      <Plot
        label={`${title}: ${figure.series.map(({ name }) => name[lang]).join(", ")}`}
        height={260}
        build={build}
      />
    </figure>
  );
}

function MatrixView({ matrix: { name, rows } }: { readonly matrix: Matrix }) {
  const label = name[language.value];
  return (
    <figure>
      <figcaption>
        <Prose text={label} inline />
      </figcaption>
      <div class="scroll" role="region" aria-label={label} tabIndex={0}>
        <table class="matrix">
          <tbody>
            {rows.map((row, i) => (
              <tr key={i}>
                {row.map((value, j) => (
                  <td key={j} class={value === 0 || value === "0" ? "zero" : undefined}>
                    <Cell value={value} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

function TableView({ table: { title, columns, rows } }: { readonly table: ResultTable }) {
  const lang = language.value;
  return (
    <Table
      caption={title[lang]}
      rows={rows}
      columns={columns.map((column, at) => ({
        title: column[lang],
        numeric: at > 0 && rows.some((row) => typeof row[at] === "number"),
        cell: (row: ResultTable["rows"][number]) => {
          const value = row[at] ?? "";
          return typeof value === "object" ? value[lang] : <Cell value={value} />;
        },
      }))}
    />
  );
}

const mostShown = 64;

function NamedResults({ results }: Pick<ChapterResult, "results">) {
  const words = useWords(studyWords);
  const lang = language.value;
  return (
    <details>
      <summary>{words.results}</summary>
      <Table
        caption={words.results}
        quiet
        rows={Object.entries(results)}
        keyOf={([name]) => name}
        columns={[
          { title: words.name, cell: ([name]) => <code>{name}</code> },
          {
            title: words.value,
            cell: ([, value]) => {
              if (typeof value === "boolean") return value ? words.yes : words.no;
              if (typeof value === "string" || typeof value === "number") return <Cell value={value} />;
              return value.slice(0, mostShown).map((one, i) => (
                <>
                  {i > 0 && (lang === "fa" ? "، " : ", ")}
                  <Cell value={one} />
                  {i === mostShown - 1 && value.length > mostShown && " …"}
                </>
              ));
            },
          },
        ]}
      />
    </details>
  );
}
