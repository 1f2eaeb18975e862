// A chapter and one run of it as a self-contained page, in English or in Persian.
import {
  codeBlock,
  figure,
  html,
  languageStyle,
  lineLegend,
  linePlot,
  loadPlotting,
  loadTextWriter,
  numberWriter,
  page,
  table,
  type Html,
  type HtmlPart,
  type Language,
  type Plotting,
  type Section,
  type TextWriter,
} from "../report/index.ts";
import type { Chapter, ChapterResult, Matrix, ParameterValues, Series, Table, Text } from "./chapter.ts";
import { directed, isolated } from "./isolated.ts";
import { axisNumber, cellPart, numbered, plainNumber } from "./pageNumbers.ts";
import { readParameters } from "./parameters.ts";

/** The words of a study page that are not the chapter's. */
export const studyWords = {
  chapter: { en: "Chapter", fa: "فصل" },
  claim: { en: "Claim", fa: "ادعا" },
  experiment: { en: "The experiment", fa: "آزمایش" },
  parameter: { en: "parameter", fa: "پارامتر" },
  meaning: { en: "meaning", fa: "معنا" },
  value: { en: "value", fa: "مقدار" },
  range: { en: "range", fa: "بازه" },
  parameters: { en: "Parameters of this run", fa: "پارامترهای این اجرا" },
  name: { en: "name", fa: "نام" },
  results: { en: "All results by name", fa: "همهٔ نتیجه‌ها با نام" },
  again: { en: "To run it again:", fa: "برای اجرای دوباره:" },
  command: { en: "command", fa: "دستور" },
  yes: { en: "yes", fa: "بله" },
  no: { en: "no", fa: "خیر" },
  over: { en: "over", fa: "بر حسب" },
  holds: { en: "Holds", fa: "درست است" },
  conditional: { en: "Holds under a condition", fa: "با شرط درست است" },
  false: { en: "False as commonly stated", fa: "به صورتی که معمولاً گفته می‌شود نادرست است" },
  footer: { en: "Made by sabok study", fa: "ساخته‌شده با sabok study" },
} as const satisfies Record<string, Text>;

interface Setting {
  readonly lang: Language;
  readonly writer: TextWriter;
  readonly plotting: Plotting;
}

/** The page of one run; `given` are the parameters it was run with. */
export async function studyPage(
  chapter: Chapter,
  given: ParameterValues,
  result: ChapterResult,
  lang: Language,
): Promise<string> {
  const [writer, plotting, fonts] = await Promise.all([
    loadTextWriter(),
    loadPlotting(),
    languageStyle(lang),
  ]);
  const setting: Setting = { lang, writer, plotting };
  const [why, ...others] = textSections(chapter.text[lang], writer);
  const experiment: Section = {
    id: "experiment",
    title: studyWords.experiment[lang],
    body: [
      experimentBody(setting, result),
      parametersPart(setting, chapter, given),
      namedResults(setting, result),
    ],
  };
  const { status, text } = result.verdict;
  return page({
    title: `${numbered(chapter.id, lang)} ${chapter.title[lang]}`,
    lang,
    lead: html`<p class="question">${writer.line(isolated(chapter.question[lang], lang))}</p>
      <p><b>${studyWords.claim[lang]}:</b> ${writer.line(isolated(chapter.claim[lang], lang))}</p>
      <div class="verdict ${status}">
        <p><b>${studyWords[status][lang]}</b></p>
        <p>${writer.line(isolated(text[lang], lang))}</p>
      </div> `,
    sections: [...(why ? [why] : []), experiment, ...others],
    style: [writer.style, fonts, studyStyle].join("\n"),
    footer: studyWords.footer[lang],
  });
}

const studyStyle = `
.question { font-size: 1.125rem; max-width: 46rem; }
.verdict { border-inline-start: .375rem solid var(--muted); background: var(--panel); border-radius: .25rem; padding: .75rem 1rem; margin: 1rem 0; max-width: 46rem; }
.verdict p { margin: 0; }
.verdict.holds { border-color: var(--series-3); } .verdict.conditional { border-color: var(--series-5); } .verdict.false { border-color: var(--series-2); }
section > ul, section > ol { max-width: 46rem; padding-inline-start: 1.5rem; } section > ul > li, section > ol > li { margin: 0 0 .4rem; }
.matrices { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin: 0 0 1rem; }
.matrices figure { margin: 0; max-width: 100%; }
div.matrix { width: fit-content; max-width: 100%; overflow-x: auto; }
.matrices figcaption { margin: 0 0 .35rem; }
table.matrix { width: auto; border-inline: 2px solid var(--text); border-radius: .4rem; direction: ltr; font-variant-numeric: tabular-nums; }
table.matrix td { border: 0; padding: .15rem .6rem; text-align: right; white-space: nowrap; position: static; }
table.matrix td.zero { color: var(--muted); }
section > table { margin: 0 0 1rem; }
[dir=rtl] .numeric { text-align: right; }
.symbolic { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 1.5rem; align-items: center; margin: 0 0 1rem; }
.symbolic p { margin: 0; }
@media (min-width: 40rem) { .symbolic { grid-template-columns: fit-content(20rem) minmax(0, 1fr); } .symbolic .katex-display > .katex { text-align: left; } [dir=rtl] .symbolic .katex-display > .katex { text-align: right; } }
`;

/** The text's parts by their `##` headings; what stands before the first has no heading and joins it. */
function textSections(markdown: string, writer: TextWriter): Section[] {
  return markdown
    .split(/^## /m)
    .filter((part) => part.trim() !== "")
    .map((part, i) => {
      const [title = "", ...lines] = part.split("\n");
      return { id: `text-${i + 1}`, title: title.trim(), body: writer.text(lines.join("\n")) };
    });
}

function experimentBody(setting: Setting, { symbolic, tables, matrices, series }: ChapterResult): HtmlPart {
  const { lang, writer } = setting;
  const figures = new Map<string, Series[]>();
  for (const one of series) figures.set(one.figure, [...(figures.get(one.figure) ?? []), one]);
  return [
    symbolic.length > 0 &&
      html`<div class="symbolic">
        ${symbolic.map(
          ({ label, tex }) =>
            html`<p class="muted">${writer.line(isolated(label[lang], lang))}</p>
              ${writer.formula(tex)}`,
        )}
      </div> `,
    tables.map((one) => resultTable(setting, one)),
    matrices.length > 0 &&
      html`<div class="matrices">${matrices.map((one) => matrixPart(setting, one))}</div> `,
    figures.size > 0 &&
      html`<div class="plots">${[...figures.values()].map((group) => plotPart(setting, group))}</div> `,
  ];
}

function resultTable({ lang }: Setting, { title, columns, rows }: Table): Html {
  const numeric = columns.map((_, i) => i > 0 && rows.some((row) => typeof row[i] === "number"));
  return table({
    caption: isolated(title[lang], lang),
    columns: columns.map((name, i) => ({
      title: isolated(name[lang], lang),
      numeric: numeric[i]!,
      value: (row: Table["rows"][number]) => cellPart(row[i] ?? "", lang),
    })),
    rows,
  });
}

function matrixPart({ lang, writer }: Setting, { name, rows }: Matrix): Html {
  const cell = (value: number | string): Html =>
    html`<td${(value === 0 || value === "0") && html` class="zero"`}>${cellPart(value, lang)}</td>`;
  return html`<figure>
    <figcaption>${writer.line(isolated(name[lang], lang))}</figcaption>
    <div class="matrix" dir="ltr" role="group" aria-label="${name[lang].replaceAll("$", "")}" tabindex="0">
      <table class="matrix">
        <tbody>
          ${rows.map(
            (row) =>
              html`<tr>
                ${row.map(cell)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </figure> `;
}

function plotPart({ lang, plotting }: Setting, group: readonly Series[]): Html {
  const first = group[0]!;
  const write = numberWriter(lang);
  const unit = first.unit === "" ? "" : ` (${first.unit})`;
  const [xLabel, yLabel] = [first.xLabel[lang], `${first.yLabel[lang]}${unit}`];
  const title = isolated(`${yLabel} ${studyWords.over[lang]} ${xLabel}`, lang);
  const format = (value: number): string => axisNumber(value, lang);
  const log = first.logX ?? false;
  const picture = linePlot(plotting, {
    label: title,
    x: {
      label: directed(xLabel, lang),
      format,
      log,
      whole: !log && group.every(({ x }) => x.every(Number.isInteger)),
    },
    y: { label: directed(yLabel, lang), format, log: first.logY ?? false },
    series: group.map(({ name, x, y }) => ({
      name: name[lang],
      points: x.map((value, i) => [value, y[i]!] as const),
    })),
  });
  const data = group.map(({ name, x, y }) =>
    table({
      caption: isolated(name[lang], lang),
      columns: [
        {
          title: isolated(xLabel, lang),
          numeric: true,
          value: ([value]: readonly [number, number]) => write.significant(value, 6),
        },
        {
          title: isolated(yLabel, lang),
          numeric: true,
          value: ([, value]: readonly [number, number]) => cellPart(value, lang),
        },
      ],
      rows: x.map((value, i) => [value, y[i]!] as const),
    }),
  );
  return figure({
    lang,
    picture,
    caption: title,
    legend: lineLegend(group.map(({ name }) => isolated(name[lang], lang))),
    data,
  });
}

function parametersPart({ lang }: Setting, { id, parameters }: Chapter, given: ParameterValues): HtmlPart {
  if (parameters.length === 0) return false;
  const values = readParameters(id, parameters, given);
  const changed = parameters.filter(({ name, default: usual }) => values[name] !== usual);
  const command = ["sabok study", id, ...changed.map(({ name }) => `--${name} ${values[name]}`)].join(" ");
  return html`<details>
    <summary>${studyWords.parameters[lang]}</summary>
    ${table({
      caption: studyWords.parameters[lang],
      columns: [
        {
          title: studyWords.parameter[lang],
          value: ({ name }: Chapter["parameters"][number]) => html`<code>--${name}</code>`,
        },
        { title: studyWords.meaning[lang], value: ({ label }) => isolated(label[lang], lang) },
        { title: studyWords.value[lang], value: ({ name }) => cellPart(values[name]!, lang) },
        {
          title: studyWords.range[lang],
          value: (parameter) => html`<bdi>${rangePart(parameter, lang)}</bdi>`,
        },
      ],
      rows: parameters,
    })}
    <p>${studyWords.again[lang]}</p>
    ${codeBlock(lang, studyWords.command[lang], command)}
  </details> `;
}

function rangePart(parameter: Chapter["parameters"][number], lang: Language): string {
  if (parameter.kind === "choice") return parameter.choices.join(" | ");
  if (parameter.kind === "text") return parameter.example;
  const { least, most } = parameter;
  return `${plainNumber(least, lang)} … ${plainNumber(most, lang)}`;
}

function namedResults({ lang }: Setting, { results }: ChapterResult): Html {
  const write = (value: ChapterResult["results"][string]): HtmlPart => {
    if (typeof value === "boolean") return studyWords[value ? "yes" : "no"][lang];
    if (typeof value === "string" || typeof value === "number") return cellPart(value, lang);
    const shown = value.slice(0, 64).map((each) => html`<bdi>${cellPart(each, lang)}</bdi>`);
    return [
      shown.flatMap((each, i) => (i === 0 ? [each] : [lang === "fa" ? "، " : ", ", each])),
      value.length > 64 ? " …" : "",
    ];
  };
  return html`<details>
    <summary>${studyWords.results[lang]}</summary>
    ${table({
      caption: studyWords.results[lang],
      columns: [
        {
          title: studyWords.name[lang],
          value: ([name]: readonly [string, ChapterResult["results"][string]]) => html`<code>${name}</code>`,
        },
        { title: studyWords.value[lang], value: ([, value]) => write(value) },
      ],
      rows: Object.entries(results),
    })}
  </details> `;
}
