// The page's signal: variances and gradients layer by layer, as curves and as numbers.
import {
  figure,
  html,
  lineLegend,
  linePlot,
  table,
  type Html,
  type Plotting,
  type Section,
} from "../../report/index.ts";
import type { LayerSignal } from "../signal/signalProbe.ts";
import { streamOf } from "../signal/stream.ts";
import { breakable, write } from "./parts.ts";

/** A signal that was measured, and of what. */
export interface SignalRun {
  /** "at initialisation". */
  readonly name: string;
  readonly layers: readonly LayerSignal[];
}

export function signalSection(plotting: Plotting, runs: readonly SignalRun[]): Section {
  const plot = (label: string, pick: (layer: LayerSignal) => number | null): Html =>
    linePlot(plotting, {
      label: `${label} by layer, ${runs.map(({ name }) => name).join(" and ")}.`,
      x: { label: "layer or sum", whole: true },
      y: { label, format: power, log: true },
      series: runs.map(({ name, layers }) => ({
        name,
        points: layers.flatMap((layer, i) => {
          const value = pick(layer);
          return value === null ? [] : [[i + 1, value] as const];
        }),
      })),
    });
  const streams = runs.flatMap(({ name, layers }) => {
    const stream = streamOf(layers);
    return stream ? [{ name, stream }] : [];
  });
  return {
    id: "signal",
    title: "Signal",
    body: html`<p>
        One training step, on noise and random labels unless images were given. A variance that grows or
        shrinks by the same factor each layer, or a gradient that does, means that depth will hurt.
      </p>
      ${streams.map(
        ({ name, stream }) =>
          html`<p>
            <strong>${name}</strong>: along the ${stream.sums} sums of branches the variance changes by a
            factor of ${write.significant(stream.variancePerSum, 3)} from one to the next, the gradient on its
            way back by ${write.significant(stream.gradientPerSum, 3)}.
          </p> `,
      )}
      ${figure({
        lang: "en",
        legend: lineLegend(runs.map(({ name }) => name)),
        picture: html`<div
          class="plots"
          style="grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr))"
        >
          ${plot("variance before the norm", ({ before }) => before)}
          ${plot("variance of the output", ({ variance }) => variance)}
          ${plot("gradient to the output", ({ gradient }) => gradient)}
          ${plot("gradient over weight", ({ gradientToWeight }) => gradientToWeight)}
        </div>`,
        caption: html`Logarithmic. The gradient is the root mean square of ∂L/∂y over the layer's output,
        times the batch; the last plot is ‖∂L/∂W‖/‖W‖.`,
        data: html`${runs.map(({ name, layers }) =>
          table<LayerSignal>({
            caption: `Signal, ${name}`,
            columns: [
              { title: "Layer", value: (layer) => breakable(layer.name) },
              ...(["before", "variance", "gradient", "gradientToWeight"] as const).map((key) => ({
                title: {
                  before: "Variance before",
                  variance: "Variance",
                  gradient: "Gradient",
                  gradientToWeight: "Gradient/weight",
                }[key],
                value: (layer: LayerSignal) => (layer[key] === null ? "" : write.significant(layer[key], 3)),
                numeric: true,
              })),
            ],
            rows: layers,
          }),
        )}`,
      })}`,
  };
}

/** 0.1, 10, 1e-4. */
function power(value: number): string {
  const exponent = Math.round(Math.log10(value));
  return Math.abs(exponent) <= 2
    ? write.significant(value, 2)
    : `${write.significant(value / 10 ** exponent, 2)}e${exponent}`;
}
