// Lines over a number: training curves, sweeps. Series differ by colour and by dash, so that no reader needs the colour.
import { html, type Html } from "./html.ts";
import { legend } from "./figure.ts";
import { renderPlot, type Plotting } from "./plot.ts";

export interface Series {
  readonly name: string;
  /** Points that are not finite are left out. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface LineAxis {
  /** With its unit: "loss (nats)". */
  readonly label: string;
  readonly format?: (value: number) => string;
  /** Ticks at whole numbers only. */
  readonly whole?: boolean;
  /** A logarithmic axis; values that are not positive are left out. */
  readonly log?: boolean;
}

export interface LinePlot {
  /** What the picture shows, in words. */
  readonly label: string;
  readonly x: LineAxis;
  readonly y: LineAxis;
  readonly series: readonly Series[];
}

const width = 360;
const height = 240;
const dashes = ["none", "6 3", "2 3", "8 3 2 3", "12 4", "4 2 1 2"];
const pointsWithDots = 40;

/** The lines as an SVG image; `lineLegend` names them. */
export function linePlot(plotting: Plotting, { label, x, y, series }: LinePlot): Html {
  const { Plot } = plotting;
  const shown = (value: number, { log }: LineAxis): boolean => Number.isFinite(value) && (!log || value > 0);
  const lines = series.map(({ points }) => points.filter(([px, py]) => shown(px, x) && shown(py, y)));
  const xs = lines.flatMap((points) => points.map(([px]) => px));
  const ys = lines.flatMap((points) => points.map(([, py]) => py));
  const axis = (
    { label: name, format, whole = false, log = false }: LineAxis,
    values: readonly number[],
  ) => ({
    label: name,
    domain: domainOf(values),
    ...(log && { type: "log" as const, ticks: 4 }),
    ...(format && { tickFormat: format }),
    ...(whole ? { ticks: wholeTicks(values) } : {}),
  });
  return renderPlot(plotting, {
    label,
    width,
    height,
    marginLeft: 58,
    marginRight: 18,
    marginTop: 28,
    marginBottom: 38,
    fontSize: 12,
    x: axis(x, xs),
    y: { ticks: 5, ...axis(y, ys), nice: true, grid: true },
    marks: [
      Plot.frame({ anchor: "bottom", stroke: "var(--muted)" }),
      lines.map((points, i) => {
        const stroke = `var(--series-${(i % 6) + 1})`;
        return [
          Plot.line(points, { stroke, strokeWidth: 2, strokeDasharray: dashes[i % dashes.length]! }),
          points.length <= pointsWithDots ? Plot.dot(points, { r: 2.5, fill: stroke }) : null,
        ];
      }),
    ],
  });
}

/** The legend of the series of one plot, or of several with the same names in the same order. */
export function lineLegend(names: readonly string[]): Html {
  return legend(
    names.map((name, i) => [
      html`<svg viewBox="0 0 32 12" aria-hidden="true">
        <line
          x1="1"
          x2="31"
          y1="6"
          y2="6"
          stroke="var(--series-${(i % 6) + 1})"
          stroke-width="2.5"
          stroke-dasharray="${dashes[i % dashes.length]}"
        />
      </svg>`,
      name,
    ]),
  );
}

/** Least to greatest; widened where that is nothing, so that a single point stands in the middle. */
function domainOf(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1];
  const least = values.reduce((a, b) => Math.min(a, b));
  const most = values.reduce((a, b) => Math.max(a, b));
  if (least < most) return [least, most];
  const margin = Math.abs(least) / 10 || 1;
  return [least - margin, most + margin];
}

/** At most 8 whole numbers, at steps of 1, 2 or 5 times a power of ten. */
function wholeTicks(values: readonly number[]): number[] {
  const [low, high] = domainOf(values);
  const step =
    [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((size) => (high - low) / size <= 8) ?? (high - low) / 4;
  const ticks: number[] = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) ticks.push(tick);
  return ticks;
}
