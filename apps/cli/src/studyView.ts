// What `sabok study` shows: the list, and one run of a chapter, 80 columns wide.
import {
  studyWords,
  type Chapter,
  type ChapterResult,
  type Matrix,
  type ParameterValues,
  type Series,
  type Table,
} from "sabok/study";
import { wrap } from "./format.ts";
import { plainFormulas, plainTex } from "./plainTex.ts";
import { formatTable } from "./table.ts";
import type { Terminal } from "./terminal.ts";

export type StudyLanguage = "en" | "fa";

const width = 80;
const longestList = 4;

/** Every chapter with the verdict of a run with its defaults. */
export function showChapterList(terminal: Terminal, chapters: readonly Chapter[], lang: StudyLanguage): void {
  const { colors } = terminal;
  for (const { id, title, verdict } of chapters) {
    const lines = wrap(title[lang], width - 10);
    terminal.line(`${colors.bold(id.padEnd(8))}${lines.join(`\n${" ".repeat(8)}`)}`);
    terminal.line(`${" ".repeat(8)}${colors.dim(studyWords[verdict][lang])}`);
  }
  terminal.line("\nRun one by sabok study <chapter>; sabok study <chapter> --help shows its parameters.");
}

export function showChapter(
  terminal: Terminal,
  chapter: Chapter,
  values: ParameterValues,
  { results, series, matrices, tables, symbolic, verdict }: ChapterResult,
  lang: StudyLanguage,
): void {
  const { colors } = terminal;
  terminal.line(
    wrap(`${chapter.id} ${chapter.title[lang]}`, width)
      .map((line) => colors.bold(line))
      .join("\n"),
  );
  terminal.line();
  terminal.prose(plainFormulas(chapter.question[lang]));
  terminal.prose(`${studyWords.claim[lang]}: ${plainFormulas(chapter.claim[lang])}`);
  const parameters = chapter.parameters.map(({ name }) => `${name} ${values[name]}`).join(", ");
  if (parameters !== "")
    terminal.line(
      indented(wrap(parameters, width - 2))
        .map((line) => colors.dim(line))
        .join("\n"),
    );
  for (const { label, tex } of symbolic)
    terminal.line(
      `\n${indented([`${plainFormulas(label[lang])}:`, ...indented(wrap(plainTex(tex), width - 4))]).join("\n")}`,
    );
  for (const table of tables) showTable(terminal, table, lang);
  for (const matrix of matrices) showMatrix(terminal, matrix, lang);
  if (series.length > 0) showSeries(terminal, series, lang);
  heading(terminal, studyWords.results[lang]);
  terminal.line(
    formatTable(
      terminal,
      ["", ""],
      Object.entries(results).map(([name, value]) => [name, wrap(resultText(value), 44).join("\n")]),
      1,
    )
      .split("\n")
      .slice(1)
      .join("\n"),
  );
  heading(terminal, studyWords[verdict.status][lang]);
  terminal.prose(plainFormulas(verdict.text[lang]));
}

/** A title with an empty line before it, over as many lines as it needs. */
function heading(terminal: Terminal, text: string): void {
  const lines = wrap(text, width).map((line) => terminal.colors.bold(line));
  terminal.line(`\n${lines.join("\n")}`);
}

/** A table within the width: heads and the first column's words are broken over lines where they must be. */
function showTable(terminal: Terminal, { title, columns, rows }: Table, lang: StudyLanguage): void {
  heading(terminal, plainFormulas(title[lang]));
  const cells = (digits: number): string[][] =>
    rows.map((row) =>
      row.map((cell) =>
        typeof cell === "object" ? cell[lang] : typeof cell === "number" ? numberText(cell, digits) : cell,
      ),
    );
  const leftColumns = Math.max(
    1,
    columns.findIndex((_, i) => i > 0 && rows.some((row) => typeof row[i] === "number")),
  );
  for (const digits of [6, 5, 4, 3]) {
    const body = cells(digits);
    const head = columns.map((column, i) => {
      const widest = Math.max(...body.map((row) => (row[i] ?? "").length));
      return wrap(plainFormulas(column[lang]), Math.max(widest, 7)).join("\n");
    });
    const widths = head.map((text, i) =>
      Math.max(...[...text.split("\n"), ...body.map((row) => row[i] ?? "")].map((line) => line.length)),
    );
    const others = widths.slice(1).reduce((sum, each) => sum + each + 2, 2);
    const first = Math.max(16, width - others - 2);
    if (others + Math.min(first, widths[0]!) + 2 > width && digits > 3) continue;
    const broken = body.map(([name = "", ...rest]) => [wrap(name, first).join("\n"), ...rest]);
    terminal.line(formatTable(terminal, head, broken, leftColumns));
    return;
  }
}

function showMatrix(terminal: Terminal, { name, rows }: Matrix, lang: StudyLanguage): void {
  heading(terminal, plainFormulas(name[lang]));
  const most = 12;
  const cells = rows
    .slice(0, most)
    .map((row) =>
      row
        .slice(0, most)
        .map((cell) => (typeof cell === "number" ? numberText(cell, 5) : plainFormulas(cell))),
    );
  const widest = Math.max(0, ...cells.flat().map((cell) => cell.length));
  for (const row of cells)
    terminal.line(`  [ ${row.map((cell) => cell.padStart(widest)).join("  ")} ]`.slice(0, width));
  const [height, across] = [rows.length, rows[0]?.length ?? 0];
  if (height > most || across > most) terminal.line(`  (${height}x${across})`);
}

/** Each curve as a line of bars with where it begins and ends. */
function showSeries(terminal: Terminal, series: readonly Series[], lang: StudyLanguage): void {
  for (const figure of new Set(series.map((one) => one.figure))) {
    const group = series.filter((one) => one.figure === figure);
    const { xLabel, yLabel, unit, x } = group[0]!;
    heading(
      terminal,
      `${yLabel[lang]}${unit === "" ? "" : ` (${unit})`} ${studyWords.over[lang]} ${xLabel[lang]}: ${numberText(x[0]!, 4)} … ${numberText(x.at(-1)!, 4)}`,
    );
    const names = Math.min(26, Math.max(...group.map(({ name }) => name[lang].length)));
    const finite = group.flatMap(({ y }) => y.filter(Number.isFinite));
    const range = [Math.min(...finite), Math.max(...finite)] as const;
    for (const { name, y, logY } of group)
      terminal.line(
        `  ${name[lang].slice(0, names).padEnd(names)}  ${sparkline(y, range, logY ?? false)}  ${numberText(y[0]!, 4)} … ${numberText(y.at(-1)!, 4)}`,
      );
  }
}

const bars = "▁▂▃▄▅▆▇█";

/** At most 28 bars on the scale of the whole figure. */
function sparkline(
  values: readonly number[],
  [least, most]: readonly [number, number],
  log: boolean,
): string {
  const scale = (value: number): number => (log ? Math.log(Math.max(value, Number.MIN_VALUE)) : value);
  const [low, high] = [scale(least), scale(most)];
  const length = Math.min(28, values.length);
  return Array.from({ length }, (_, i) => {
    const value = values[Math.round((i * (values.length - 1)) / Math.max(1, length - 1))]!;
    if (!Number.isFinite(value)) return " ";
    return bars[Math.min(7, Math.max(0, Math.floor((8 * (scale(value) - low)) / (high - low || 1))))]!;
  }).join("");
}

function resultText(value: ChapterResult["results"][string]): string {
  if (typeof value === "number") return numberText(value, 8);
  if (typeof value !== "object") return String(value);
  const shown = value.slice(0, longestList).map((each) => numberText(each, 6));
  return `${shown.join(", ")}${value.length > longestList ? `, … (${value.length})` : ""}`;
}

function numberText(value: number, digits: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e12) return String(value);
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e9) return value.toExponential(Math.min(3, digits - 1));
  return String(Number(value.toPrecision(digits)));
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
