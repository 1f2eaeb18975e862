// A chapter's series as plots: those of one figure share one, each with its own colour and dash.
import type { PlotOptions } from "@observablehq/plot";
import type * as PlotModule from "@observablehq/plot";
import type { Series, Text } from "sabok/study";

export interface Figure {
  readonly key: string;
  readonly series: readonly Series[];
}

/** The series by figure, in their order. */
export function figuresOf(series: readonly Series[]): Figure[] {
  const figures = new Map<string, Series[]>();
  for (const one of series) figures.set(one.figure, [...(figures.get(one.figure) ?? []), one]);
  return [...figures].map(([key, own]) => ({ key, series: own }));
}

export interface FigureWords {
  readonly text: (text: Text) => string;
  readonly number: (value: number) => string;
}

export const dashes = ["none", "6 3", "2 3", "8 3 2 3", "12 4", "4 2 1 2"];
const pointsWithDots = 40;

/** The colour variable of the series at a place of its figure. */
export function colorAt(place: number): string {
  return `var(--series-${(place % 6) + 1})`;
}

/** Points that can be drawn: finite, and above zero on logarithmic axes. */
export function drawable({ x, y, logX = false, logY = false }: Series): [number, number][] {
  return x
    .map((value, i) => [value, y[i]!] as [number, number])
    .filter(
      ([px, py]) => Number.isFinite(px) && Number.isFinite(py) && (!logX || px > 0) && (!logY || py > 0),
    );
}

/** Axis label with its unit. */
export function axisLabel(text: Text, unit: string, { text: write }: Pick<FigureWords, "text">): string {
  return unit === "" ? write(text) : `${write(text)} (${unit})`;
}

export function plotOptions(
  Plot: typeof PlotModule,
  { series }: Figure,
  width: number,
  words: FigureWords,
): PlotOptions {
  const first = series[0]!;
  const axis = (log: boolean) => ({
    ...(log ? { type: "log" as const, ticks: 4 } : { ticks: Math.max(3, Math.round(width / 90)) }),
    tickFormat: (value: number) => words.number(value),
  });
  return {
    marginLeft: 58,
    marginRight: 14,
    marginTop: 12,
    marginBottom: 38,
    style: { fontSize: "12px" },
    x: { ...axis(first.logX ?? false), label: words.text(first.xLabel), labelArrow: false },
    y: {
      ...axis(first.logY ?? false),
      ...(first.logY ? {} : { ticks: 5 }),
      label: null, // the caption names it
      nice: true,
      grid: true,
    },
    marks: [
      Plot.frame({ anchor: "bottom", stroke: "var(--line-strong)" }),
      series.flatMap((one, place) => {
        const points = drawable(one);
        const stroke = colorAt(place);
        return [
          Plot.line(points, { stroke, strokeWidth: 2, strokeDasharray: dashes[place % dashes.length]! }),
          points.length <= pointsWithDots ? Plot.dot(points, { r: 2.5, fill: stroke }) : null,
        ];
      }),
    ],
  };
}
