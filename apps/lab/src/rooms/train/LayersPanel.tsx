// What the layers carry: activations and gradients by layer, batch norm's running statistics against the images'.
import { useComputed, type ReadonlySignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { LiveCurve, type CurveData, type CurveSeries } from "../../shared/liveCurve.tsx";
import { Panel } from "../../shared/panel.tsx";
import { Table } from "../../shared/table.tsx";
import { language, useNumbers, useWords } from "../../shared/words.ts";
import type { Look } from "../../engine/jobs/trainLooks.ts";
import type { TrainingRun } from "./TrainingRun.ts";
import { trainWords } from "./words.ts";

interface PanelProps {
  readonly run: TrainingRun;
}

/** A curve over layers: as it is now, and as it was at the first look. */
function useByLayer(run: TrainingRun, values: (look: Look) => readonly number[]): ReadonlySignal<CurveData> {
  return useComputed(() => {
    const looks = run.looks.value;
    if (!looks) return [[], [], []];
    const now = values(looks.now);
    return [now.map((_, i) => i + 1), now, values(looks.first)];
  });
}

function useNowAndStart(color: CurveSeries["color"]): readonly CurveSeries[] {
  const words = useWords(trainWords);
  return useMemo(
    () => [
      { label: words.now, color },
      { label: words.atStart, color: "--line-strong", dashed: true },
    ],
    [language.value],
  );
}

export function LayersPanel({ run }: PanelProps) {
  const words = useWords(trainWords);
  const numbers = useNumbers();
  const activations = useByLayer(run, ({ layers }) => layers.map(({ meanSquare }) => Math.sqrt(meanSquare)));
  const gradients = useByLayer(run, ({ layers }) => layers.map(({ gradient }) => gradient));
  const [forward, backward] = [useNowAndStart("--series-1"), useNowAndStart("--series-3")];
  const now = run.looks.value?.now;
  return (
    <Panel title={words.layers} lead={words.layersLead}>
      <div class="train-curves">
        <div>
          <h3>{words.activations}</h3>
          <LiveCurve
            label={words.activations}
            xLabel={words.layerAxis}
            wholeX
            series={forward}
            data={activations}
            logarithmic
          />
        </div>
        <div>
          <h3>{words.gradients}</h3>
          <LiveCurve
            label={words.gradients}
            xLabel={words.layerAxis}
            wholeX
            series={backward}
            data={gradients}
            logarithmic
          />
        </div>
      </div>
      <details>
        <summary>{words.layerTable}</summary>
        <Table
          caption={words.layerTable}
          quiet
          rows={now?.layers ?? []}
          keyOf={({ name }, at) => `${at} ${name}`}
          columns={[
            { title: words.layer, cell: ({ name }) => <code>{name}</code> },
            {
              title: words.activation,
              numeric: true,
              cell: ({ meanSquare }) => numbers.significant(Math.sqrt(meanSquare), 3),
            },
            {
              title: words.gradient,
              numeric: true,
              cell: ({ gradient }) => numbers.significant(gradient, 3),
            },
            {
              title: words.relative,
              numeric: true,
              cell: ({ gradientToWeight }) =>
                gradientToWeight === null ? "–" : numbers.significant(gradientToWeight, 3),
            },
          ]}
        />
      </details>
      {now && <p class="note">{words.lookNote(numbers.significant(now.took, 2))}</p>}
    </Panel>
  );
}

export function NormsPanel({ run }: PanelProps) {
  const words = useWords(trainWords);
  const numbers = useNumbers();
  const byLayer = useByLayer(run, ({ norms }) => norms.map(({ shift }) => shift));
  const layerSeries = useNowAndStart("--series-4");
  const drift = useComputed((): CurveData => {
    const drifts = run.drifts.value;
    return [drifts.map(({ x }) => x), drifts.map(({ mean }) => mean), drifts.map(({ worst }) => worst)];
  });
  const driftSeries = useMemo(
    (): CurveSeries[] => [
      { label: words.driftMean, color: "--series-4" },
      { label: words.driftWorst, color: "--series-2", dashed: true },
    ],
    [language.value],
  );
  const now = run.looks.value?.now;
  if (now && now.norms.length === 0)
    return (
      <Panel title={words.norms}>
        <p class="muted">{words.noNorms}</p>
      </Panel>
    );
  return (
    <Panel title={words.norms} lead={words.normsLead}>
      <div class="train-curves">
        <div>
          <h3>{words.driftTime}</h3>
          <LiveCurve label={words.driftTime} xLabel={words.epochAxis} series={driftSeries} data={drift} />
        </div>
        <div>
          <h3>{words.driftLayers}</h3>
          <LiveCurve
            label={words.driftLayers}
            xLabel={words.layerAxis}
            wholeX
            series={layerSeries}
            data={byLayer}
          />
        </div>
      </div>
      <details>
        <summary>{words.normTable}</summary>
        <Table
          caption={words.normTable}
          quiet
          rows={now?.norms ?? []}
          keyOf={({ name }) => name}
          columns={[
            { title: words.layer, cell: ({ name }) => <code>{name}</code> },
            { title: words.shift, numeric: true, cell: ({ shift }) => numbers.significant(shift, 3) },
            { title: words.ratio, numeric: true, cell: ({ ratio }) => numbers.significant(ratio, 3) },
          ]}
        />
      </details>
    </Panel>
  );
}
