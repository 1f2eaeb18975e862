// Loss, accuracy and learning rate by epoch.
import { figure } from "../figure.ts";
import { html, type Html } from "../html.ts";
import { numberWriter } from "../language.ts";
import { lineLegend, linePlot, type Series } from "../linePlot.ts";
import type { Section } from "../page.ts";
import type { Plotting } from "../plot.ts";
import { table, type Column } from "../table.ts";
import type { FitEpoch, FitReport } from "./fitReport.ts";

const write = numberWriter("en");
const epochAxis = { label: "epoch", whole: true, format: (epoch: number) => String(epoch) };

export function curvesSection(plotting: Plotting, { history }: FitReport): Section {
  return {
    id: "training",
    title: "Training",
    body: history.length === 0 ? html`<p>No epoch was trained.</p>` : curves(plotting, history),
  };
}

function curves(plotting: Plotting, history: readonly FitEpoch[]): Html {
  const validated = history.some(({ validation }) => validation !== undefined);
  const series = (value: (epoch: FitEpoch) => number | undefined, name: string): Series => ({
    name,
    points: history.flatMap((epoch) => {
      const y = value(epoch);
      return y === undefined ? [] : [[epoch.epoch, y] as const];
    }),
  });
  const pair = (
    train: (epoch: FitEpoch) => number,
    validation: (epoch: FitEpoch) => number | undefined,
  ): Series[] => [series(train, "training"), ...(validated ? [series(validation, "validation")] : [])];
  const losses = pair(
    ({ loss }) => loss,
    ({ validation }) => validation?.loss,
  );
  const accuracies = pair(
    ({ accuracy }) => accuracy,
    ({ validation }) => validation?.accuracy,
  );
  const rates = [series(({ learningRate }) => learningRate, "learning rate")];
  const percent = (share: number): string => write.significant(100 * share, 4);
  const plots = [
    linePlot(plotting, {
      label: `Loss by epoch. ${spoken(losses, (value) => write.significant(value, 3))}`,
      x: epochAxis,
      y: { label: "loss (nats)" },
      series: losses,
    }),
    linePlot(plotting, {
      label: `Accuracy by epoch. ${spoken(accuracies, (value) => write.percent(value, 1))}`,
      x: epochAxis,
      y: { label: "accuracy (%)", format: percent },
      series: accuracies,
    }),
    linePlot(plotting, {
      label: `Learning rate by epoch. ${spoken(rates, (value) => write.significant(value, 3))}`,
      x: epochAxis,
      y: { label: "learning rate at the epoch's end", format: (rate) => write.significant(rate, 3) },
      series: rates,
    }),
  ];
  return figure({
    lang: "en",
    legend: lineLegend(losses.map(({ name }) => name)),
    picture: html`<div class="plots">${plots}</div>`,
    caption: html`Training loss and accuracy are those of the batches as they were trained on, with
    augmentation and label smoothing and with the weights of the
    moment${
      validated
        ? ", so validation, on plain images with the weights that are kept, may well lie on the better side."
        : ". No images were set aside for validation."
    }`,
    data: table({ caption: "Training by epoch", columns: columns(validated), rows: history }),
  });
}

/** "training: 1.2 to 0.3, validation: …". */
function spoken(series: readonly Series[], format: (value: number) => string): string {
  const sentences = series.map(({ name, points }) => {
    const [first, last] = [points[0]?.[1] ?? NaN, points.at(-1)?.[1] ?? NaN];
    return `${name}: ${points.length > 1 ? `${format(first)} to ${format(last)}` : format(last)}`;
  });
  return `${sentences.join(", ")}.`;
}

function columns(validated: boolean): Column<FitEpoch>[] {
  const column = (title: string, value: (epoch: FitEpoch) => string): Column<FitEpoch> => ({
    title,
    value,
    numeric: true,
  });
  return [
    column("Epoch", ({ epoch }) => String(epoch)),
    column("Training loss", ({ loss }) => write.decimals(loss, 4)),
    ...(validated
      ? [column("Validation loss", ({ validation }) => write.decimals(validation?.loss ?? NaN, 4))]
      : []),
    column("Training accuracy", ({ accuracy }) => write.percent(accuracy, 2)),
    ...(validated
      ? [column("Validation accuracy", ({ validation }) => write.percent(validation?.accuracy ?? NaN, 2))]
      : []),
    column("Learning rate", ({ learningRate }) => write.significant(learningRate, 3)),
    column("Images/s", ({ imagesPerSecond }) => write.integer(imagesPerSecond)),
    column("Seconds", ({ seconds }) => write.decimals(seconds, 1)),
  ];
}
