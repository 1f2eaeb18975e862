// The plot of cost against receptive field, with the frontier and the numbers behind it.
import {
  figure,
  html,
  legend,
  numberWriter,
  renderPlot,
  table,
  type Html,
  type Plotting,
  type Section,
} from "../../report/index.ts";
import type { DesignResult } from "./designResult.ts";
import { measured } from "./infeasible.ts";
import { seenShare } from "./problem.ts";
import { stackText } from "./stack.ts";

const write = numberWriter("en");

export function frontierSection(
  plotting: Plotting,
  { cheapestByField, frontier, best, leastReceptiveField, problem }: DesignResult,
): Section {
  const title = "Cost against receptive field";
  if (cheapestByField.length === 0)
    return {
      id: "frontier",
      title,
      body: html`<p>No stack keeps the rules, whatever its receptive field.</p>`,
    };
  const { Plot } = plotting;
  const [width, height] = [460, 290];
  const steps = frontier.map(({ receptiveField, macs }) => [receptiveField, macs] as const);
  const curve = cheapestByField.map(({ receptiveField, macs }) => [receptiveField, macs] as const);
  const first = curve[0]![0];
  const least = steps[0]!;
  const picture = renderPlot(plotting, {
    label: `Fewest MACs by receptive field, ${curve.length} fields from ${first} to ${curve.at(-1)![0]}; ${frontier.length} on the frontier.`,
    width,
    height,
    marginLeft: 62,
    marginRight: 16,
    marginTop: 28,
    marginBottom: 38,
    fontSize: 12,
    x: { label: "receptive field (pixels)", nice: true, ticks: 8 },
    y: { label: "MACs", zero: true, nice: true, ticks: 6, grid: true, tickFormat: "~s" },
    marks: [
      Plot.frame({ anchor: "bottom", stroke: "var(--muted)" }),
      leastReceptiveField === null
        ? null
        : Plot.ruleX([leastReceptiveField], { stroke: "var(--muted)", strokeDasharray: "4 3" }),
      Plot.line(curve, { stroke: "var(--series-1)", strokeWidth: 1.25 }),
      curve.length <= 150 ? Plot.dot(curve, { r: 2, fill: "var(--series-1)" }) : null,
      Plot.line([[first, least[1]], ...steps], {
        stroke: "var(--series-2)",
        strokeWidth: 2.5,
        strokeDasharray: "6 3",
        curve: "step-before",
      }),
      Plot.dot(steps, { r: 3.5, fill: "var(--series-2)" }),
      best
        ? Plot.dot([[best.receptiveField, best.macs]], { r: 7, stroke: "var(--series-3)", strokeWidth: 2.5 })
        : null,
    ],
  });
  const line = (colour: number, dash: string): Html =>
    html`<svg viewBox="0 0 32 12" aria-hidden="true">
      <line
        x1="1"
        x2="31"
        y1="6"
        y2="6"
        stroke="${colour === 0 ? "var(--muted)" : `var(--series-${colour})`}"
        stroke-width="2.5"
        stroke-dasharray="${dash}"
      />
    </svg>`;
  const ring = html`<svg viewBox="0 0 32 12" aria-hidden="true">
    <circle cx="16" cy="6" r="4.5" fill="none" stroke="var(--series-3)" stroke-width="2.5" />
  </svg>`;
  const on = new Set(frontier.map(({ receptiveField }) => receptiveField));
  return {
    id: "frontier",
    title,
    body: figure({
      lang: "en",
      legend: legend([
        [line(1, "none"), "fewest MACs for exactly this receptive field"],
        [line(2, "6 3"), "frontier: fewest MACs for at least this receptive field"],
        ...(best ? [[ring, "the answer"] as const] : []),
        ...(leastReceptiveField === null
          ? []
          : [[line(0, "4 3"), `least receptive field asked for (${leastReceptiveField})`] as const]),
      ]),
      picture,
      caption: html`Over all depths, under the same rules but for the
      threshold.${
        problem.cost === "valid"
          ? " Without padding seeing more can cost less, since the maps shrink: the frontier skips every field that a larger one undercuts."
          : " With padding cost depends on kernels and strides alone, so the frontier is a staircase."
      }`,
      data: html`${table({
        caption: "The frontier",
        columns: [
          { title: "Receptive field", value: ({ receptiveField }) => receptiveField, numeric: true },
          {
            title: `Share of ${measured(problem)}`,
            value: ({ receptiveField }) => write.percent(seenShare(problem, receptiveField), 1),
            numeric: true,
          },
          { title: "MACs", value: ({ macs }) => write.integer(macs), numeric: true },
          { title: "Stack", value: ({ layers }) => stackText(layers) },
        ],
        rows: frontier,
      })}
      ${table({
        caption: "Fewest MACs for exactly each receptive field",
        columns: [
          { title: "Receptive field", value: ({ receptiveField }) => receptiveField, numeric: true },
          { title: "MACs", value: ({ macs }) => write.integer(macs), numeric: true },
          { title: "Layers", value: ({ layers }) => layers, numeric: true },
          { title: "On the frontier", value: ({ receptiveField }) => (on.has(receptiveField) ? "yes" : "") },
        ],
        rows: cheapestByField,
      })}`,
    }),
  };
}
