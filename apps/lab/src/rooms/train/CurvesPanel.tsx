// Loss and accuracy of the current run, and of another one beside it.
import { useComputed, type ReadonlySignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { LiveCurve, type CurveData, type CurveSeries } from "../../shared/liveCurve.tsx";
import { Panel } from "../../shared/panel.tsx";
import { language, useNumbers, useWords } from "../../shared/words.ts";
import { overlaid, smoothed, type Gathered, type Line } from "./curves.ts";
import type { TrainingRun } from "./TrainingRun.ts";
import { trainWords } from "./words.ts";

export interface CurvesPanelProps {
  readonly run: TrainingRun;
  readonly other: TrainingRun | undefined;
}

type Measure = "loss" | "accuracy";

export function CurvesPanel({ run, other }: CurvesPanelProps) {
  const words = useWords(trainWords);
  return (
    <Panel title={words.curves} lead={words.curvesLead}>
      <div class="train-curves">
        <Curve key={`loss-${other?.number}`} run={run} other={other} measure="loss" />
        <Curve key={`accuracy-${other?.number}`} run={run} other={other} measure="accuracy" />
        <RateCurve key={`rate-${other?.number}`} run={run} other={other} />
      </div>
    </Panel>
  );
}

/** The learning rate as it was used: the schedule, and what the reader changed. */
function RateCurve({ run, other }: CurvesPanelProps) {
  const words = useWords(trainWords);
  const numbers = useNumbers();
  const shown = other ? [run, other] : [run];
  const series = useMemo(
    () =>
      shown.map(({ number }, i): CurveSeries => ({
        label: other ? words.ofRun(words.rateSeries, words.run(numbers.integer(number))) : words.rateSeries,
        color: i === 0 ? "--series-1" : "--series-2",
      })),
    [language.value, run, other],
  );
  const data: ReadonlySignal<CurveData> = useComputed(() => {
    for (const { drawn } of shown) void drawn.value;
    return overlaid(
      shown.map(({ curve }) => ({ points: curve.all.map(({ x, rate }) => [x, rate] as const) })),
    );
  });
  return (
    <div>
      <h3>{words.rateCurve}</h3>
      <LiveCurve label={words.rateCurve} xLabel={words.epochAxis} series={series} data={data} height={240} />
    </div>
  );
}

function Curve({ run, other, measure }: CurvesPanelProps & { readonly measure: Measure }) {
  const words = useWords(trainWords);
  const numbers = useNumbers();
  const series = useMemo((): CurveSeries[] => {
    const named = (what: string, { number }: TrainingRun): string =>
      other ? words.ofRun(what, words.run(numbers.integer(number))) : what;
    const pair = (
      of: TrainingRun,
      color: CurveSeries["color"],
      validation: CurveSeries["color"],
    ): CurveSeries[] => [
      { label: named(words.trained, of), color },
      { label: named(words.validated, of), color: validation, dashed: true },
    ];
    if (other) return [...pair(run, "--series-1", "--series-1"), ...pair(other, "--series-2", "--series-2")];
    return [{ label: words.eachBatch, color: "--line-strong" }, ...pair(run, "--series-1", "--series-2")];
  }, [language.value, run, other]);
  const data: ReadonlySignal<CurveData> = useComputed(() => {
    const lines = (of: TrainingRun, withBatches: boolean): Line[] => {
      void of.drawn.value;
      const points = of.curve.all;
      const value = (point: Gathered): number => point[measure];
      const means = smoothed(points.map(value));
      const line = (values: readonly number[]): Line => ({
        points: points.map(({ x }, i) => [x, values[i]!] as const),
      });
      return [
        ...(withBatches ? [line(points.map(value))] : []),
        line(means),
        { points: of.validation((metrics) => metrics[measure]), holds: true },
      ];
    };
    return overlaid(other ? [...lines(run, false), ...lines(other, false)] : lines(run, true));
  });
  return (
    <div>
      <h3>{words[measure]}</h3>
      <LiveCurve
        label={`${words[measure]}: ${series.map(({ label }) => label).join(", ")}`}
        xLabel={words.epochAxis}
        series={series}
        data={data}
        height={240}
      />
    </div>
  );
}
