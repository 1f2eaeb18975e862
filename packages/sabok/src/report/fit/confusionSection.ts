// Who is taken for whom, and how well each class is recognised.
import { figure } from "../figure.ts";
import { html, type Html } from "../html.ts";
import { numberWriter } from "../language.ts";
import type { Section } from "../page.ts";
import type { Plotting } from "../plot.ts";
import { barList, table } from "../table.ts";
import { confusionLevels, confusionPlot } from "./confusionPlot.ts";
import type { FitReport } from "./fitReport.ts";

const write = numberWriter("en");
const confusionsListed = 10;
/** More are listed below the matrix, in columns, instead of beside it. */
const fewClasses = 20;

export function confusionSection(
  plotting: Plotting,
  { data: { classes }, test: { confusion } }: FitReport,
): Section {
  const totals = confusion.map((row) => row.reduce((a, b) => a + b, 0));
  const matrix = figure({
    lang: "en",
    legend: levelLegend(),
    picture: html`<div class="scroll" role="group" aria-label="Confusion matrix" tabindex="0">
      ${confusionPlot(plotting, classes, confusion)}
    </div>`,
    caption:
      "Rows are what the images show, columns what the network said; the diagonal is right. The colour is the share of the row, so classes of different size compare.",
    data: table({
      caption: "Test images by actual class (rows) and predicted class (columns)",
      columns: [
        { title: "Actual", value: (_row, actual) => classes[actual] },
        ...classes.map((name, predicted) => ({
          title: name,
          value: (row: readonly number[]) => row[predicted],
          numeric: true,
        })),
      ],
      rows: confusion,
    }),
  });
  const accuracies = html`<h3>Accuracy of each class, lowest first</h3>
    ${perClass(classes, confusion, totals)}`;
  const mistakes = mostConfused(classes, confusion, totals);
  const few = classes.length <= fewClasses;
  return {
    id: "confusion",
    title: "Right and wrong by class",
    body: html`<div class="beside">
        <div>
          <h3>Confusion matrix</h3>
          ${matrix}
        </div>
        <div>${few && accuracies}${mistakes}</div>
      </div>
      ${!few && accuracies}`,
  };
}

function perClass(
  classes: readonly string[],
  confusion: FitReport["test"]["confusion"],
  totals: readonly number[],
): Html {
  const bars = classes.map((name, k) => {
    const right = confusion[k]![k]!;
    const share = right / totals[k]!;
    const text =
      totals[k] === 0
        ? "no test images"
        : `${write.percent(share, 1)} (${write.integer(right)} of ${write.integer(totals[k]!)})`;
    return { name, share, text };
  });
  const known = (share: number): number => (Number.isFinite(share) ? share : Infinity);
  return barList(bars.sort((a, b) => known(a.share) - known(b.share) || 0));
}

function mostConfused(
  classes: readonly string[],
  confusion: FitReport["test"]["confusion"],
  totals: readonly number[],
): Html | undefined {
  const pairs = confusion
    .flatMap((row, actual) => row.map((count, predicted) => ({ actual, predicted, count })))
    .filter(({ actual, predicted, count }) => actual !== predicted && count > 0)
    .sort((a, b) => b.count - a.count)
    .slice(0, confusionsListed);
  if (pairs.length === 0) return undefined;
  return html`<h3>Most frequent mistakes</h3>
    ${table({
      caption: "Pairs of classes by number of mistakes",
      columns: [
        { title: "Actual", value: ({ actual }) => classes[actual] },
        { title: "Said", value: ({ predicted }) => classes[predicted] },
        { title: "Images", value: ({ count }) => write.integer(count), numeric: true },
        {
          title: "Of the class",
          value: ({ actual, count }) => write.percent(count / totals[actual]!, 1),
          numeric: true,
        },
      ],
      rows: pairs,
    })}`;
}

function levelLegend(): Html {
  const row = (title: string, kind: "right" | "wrong"): Html =>
    html`<tr>
      <th scope="row">${title}</th>
      ${confusionLevels.map((_, i) => html`<td><span class="swatch" style="background:var(--${kind}-${i + 1})"></span></td>`)}
    </tr>`;
  return html`<table class="levels">
    <caption class="unseen">
      Colours by share of the actual class
    </caption>
    <thead>
      <tr>
        <th scope="col">Share of row</th>
        ${confusionLevels.map(({ text }) => html`<th scope="col">${text}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${row("Right", "right")}${row("Wrong", "wrong")}
    </tbody>
  </table> `;
}
