// Curves that grow while something runs, by uPlot: thousands of points redrawn in a frame.
import { useEffect, useRef } from "preact/hooks";
import type { ReadonlySignal } from "@preact/signals";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { theme } from "./theme.ts";
import { useWidth } from "./useWidth.ts";
import { useNumbers } from "./words.ts";

export interface CurveSeries {
  readonly label: string;
  /** A colour variable of the theme: "--series-1". */
  readonly color: string;
  readonly dashed?: boolean;
}

/** The x values, then one array a series; a gap is null. */
export type CurveData = readonly (readonly (number | null)[])[];

export interface LiveCurveProps {
  /** What the curve shows, in words: its text alternative. */
  readonly label: string;
  readonly xLabel: string;
  readonly series: readonly CurveSeries[];
  /** Set `data.value` to new arrays to draw; nothing is rendered again. */
  readonly data: ReadonlySignal<CurveData>;
  readonly height?: number;
  readonly logarithmic?: boolean;
  /** Ticks of x at whole numbers only. */
  readonly wholeX?: boolean;
}

export function LiveCurve({
  label,
  xLabel,
  series,
  data,
  height = 220,
  logarithmic = false,
  wholeX = false,
}: LiveCurveProps) {
  const numbers = useNumbers();
  const [frame, width] = useWidth<HTMLDivElement>();
  const plot = useRef<uPlot | undefined>(undefined);
  const colors = theme.value;
  const ready = width.value > 0;
  useEffect(() => {
    if (!frame.current || !ready) return;
    const style = getComputedStyle(frame.current);
    const color = (name: string): string => style.getPropertyValue(name).trim();
    const axis = {
      stroke: color("--muted"),
      grid: { stroke: color("--line"), width: 1 },
      ticks: { show: false },
      font: `12px ${style.fontFamily}`,
      values: (_: uPlot, ticks: number[]) =>
        ticks.map((tick) => (tick === null ? "" : numbers.significant(tick, 3))),
    };
    const drawn = new uPlot(
      {
        width: width.peek(),
        height,
        legend: { show: false },
        cursor: { y: false },
        scales: { x: { time: false }, y: logarithmic ? { distr: 3 } : {} },
        axes: [
          {
            ...axis,
            label: xLabel,
            labelSize: 20,
            labelFont: axis.font,
            size: 28,
            ...(wholeX ? { incrs: [1, 2, 5, 10, 20, 50, 100] } : {}),
          },
          { ...axis, size: 56 },
        ],
        series: [
          {},
          ...series.map((one) => ({
            label: one.label,
            stroke: color(one.color),
            width: 2,
            ...(one.dashed ? { dash: [6, 4] } : {}),
            points: { show: false },
          })),
        ],
      },
      data.peek() as uPlot.AlignedData,
      frame.current,
    );
    plot.current = drawn;
    const stopData = data.subscribe((next) => drawn.setData(next as uPlot.AlignedData));
    const stopWidth = width.subscribe((next) => next > 0 && drawn.setSize({ width: next, height }));
    return () => {
      stopData();
      stopWidth();
      drawn.destroy();
    };
  }, [ready, numbers, colors, series, height, logarithmic, wholeX, xLabel]);
  return (
    <figure class="curve">
      <ul class="legend">
        {series.map((one) => (
          <li key={one.label}>
            <i style={`--swatch:var(${one.color})`} class={one.dashed ? "dashed" : undefined} />
            {one.label}
          </li>
        ))}
      </ul>
      <div ref={frame} role="img" aria-label={label} dir="ltr" style={`min-height:${height}px`} />
    </figure>
  );
}
