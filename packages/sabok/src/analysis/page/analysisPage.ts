// The page of `sabok analyze`: what the network costs and sees, how its signal travels, what the lint says, all in one file.
import {
  figure,
  html,
  legend,
  lineLegend,
  linePlot,
  loadPlotting,
  numberWriter,
  page,
  table,
  type Html,
  type Plotting,
  type Section,
} from "../../report/index.ts";
import type { Analysis, AnalyzedLayer } from "../analyze.ts";
import type { Finding } from "../lint/rule.ts";
import type { ReceptiveField } from "../receptiveField/receptiveField.ts";
import type { Verification } from "../receptiveField/verifyReceptiveField.ts";
import type { LayerSignal } from "../signal/signal.ts";
import { fieldPicture, growthOf } from "./fieldPicture.ts";
import { graphPicture } from "./graphPicture.ts";
import { layerGraph } from "./layerGraph.ts";

/** A signal that was measured, and of what. */
export interface SignalRun {
  /** "at initialisation". */
  readonly name: string;
  readonly layers: readonly LayerSignal[];
}

export interface AnalysisPage {
  /** Sabok's version. */
  readonly version: string;
  readonly verification?: Verification;
  readonly signals?: readonly SignalRun[];
}

const write = numberWriter("en");

/** The analysis as one self-contained HTML document. `document` is where plots are drawn; see loadPlotting. */
export async function analysisPage(
  analysis: Analysis,
  { version, verification, signals = [] }: AnalysisPage,
  document?: Document,
): Promise<string> {
  const plotting = await loadPlotting(document);
  return page({
    title: analysis.model,
    lang: "en",
    lead: html`<p class="muted">
      What the network sees, costs and hides · input ${analysis.input.join("×")} · sabok ${version}
    </p>`,
    sections: [
      costSection(analysis),
      fieldSection(plotting, analysis, verification),
      lintSection(analysis.lint),
      ...(signals.length > 0 ? [signalSection(plotting, signals)] : []),
      layersSection(analysis),
      await graphSection(analysis),
    ],
    footer: html`Written by sabok ${version}. This page needs no network: save it, print it, send it.`,
  });
}

function costSection({ params, macs, flops, memory, elements, uncounted }: Analysis): Section {
  const { inference, training, batch } = memory;
  const least = (bytes: number, bound: number): string =>
    bound < bytes ? `least possible ${mebibytes(bound)}` : "the least possible";
  const tiles: readonly (readonly [title: string, number: string, note: string])[] = [
    ["Parameters", write.integer(params), `${mebibytes(4 * params)} as float32`],
    ["MACs per image", write.integer(macs), "multiply-accumulates of convolutions and linear layers"],
    ["FLOPs per image", write.integer(flops), "2 × MACs: a multiply and an add each"],
    [
      "Activations, inference",
      mebibytes(inference.bytes),
      `one image; ${least(inference.bytes, inference.lowerBound)}`,
    ],
    training
      ? [
          "Activations, training",
          mebibytes(training.bytes),
          `batch ${batch}; ${least(training.bytes, training.lowerBound)}`,
        ]
      : ["Activations, training", "–", "there is no training step"],
  ];
  const names: Readonly<Record<string, string>> = {
    bias: "bias",
    batchNorm: "batch norm",
    activation: "activations",
    pooling: "pooling",
    other: "skips, gates and the rest",
  };
  return {
    id: "cost",
    title: "Cost",
    body: html`<dl class="tiles">
        ${tiles.map(
          ([title, number, note]) =>
            html`<div>
              <dt>${title}</dt>
              <dd class="number">${number}</dd>
              <dd class="note">${note}</dd>
            </div>`,
        )}
      </dl>
      <p>
        Beside the MACs stand single operations, never mixed with them:
        ${Object.entries(elements)
          .filter(([, count]) => count > 0)
          .map(([kind, count]) => `${names[kind]} ${write.integer(count)}`)
          .join(", ")}.
      </p>
      ${uncounted.length > 0 && html`<p><strong>Partial:</strong> ${uncounted.map(({ name, op, reason }) => `${name === "" ? op : name}: ${reason}`).join("; ")}.</p>`}`,
  };
}

function fieldSection(
  plotting: Plotting,
  analysis: Analysis,
  verification: Verification | undefined,
): Section {
  const { receptiveField, coverage, at, input } = analysis;
  const { size, local, stride, offset, relative } = receptiveField;
  const [, height, width] = input as [number, number, number];
  const steps = growthOf(analysis);
  const points = analysis.layers.flatMap(({ receptiveField: field }, i) =>
    field?.local ? [[i + 1, field.local] as const] : [],
  );
  const square = points.every(([, [h, w]]) => h === w);
  const level = (name: string, pixels: number) => ({
    name,
    points: [
      [1, pixels],
      [analysis.layers.length, pixels],
    ] as const,
  });
  const series = [
    ...(square
      ? [{ name: "receptive field", points: points.map(([x, [h]]) => [x, h] as const) }]
      : [
          { name: "height of the field", points: points.map(([x, [h]]) => [x, h] as const) },
          { name: "width of the field", points: points.map(([x, [, w]]) => [x, w] as const) },
        ]),
    ...(height === width
      ? [level("image", height)]
      : [level("height of the image", height), level("width of the image", width)]),
  ];
  return {
    id: "receptive-field",
    title: "Receptive field",
    body: html`<p>
        An output of <code>${at}</code> sees
        ${size === "global" ? html`<strong>the whole image</strong>${local !== null && html`, through gates over the whole map; <strong>${local.join("×")}</strong> pixels without them`}` : html`<strong>${size.join("×")}</strong> pixels`}:
        ${write.percent(relative.h, 0)} of the height, ${write.percent(relative.w, 0)} of the width,
        ${write.percent(relative.area, 1)} of the
        area.${stride !== null && offset !== null && html` Neighbouring outputs are ${stride.join("×")} pixels apart; output (0,0) begins at pixel (${offset.join(", ")}).`}
        ${coverage !== null && (coverage.share === 1 ? "Every pixel of the field is read." : html`Of the field, ${write.integer(coverage.pixels)} pixels (${write.percent(coverage.share, 1)}) are read${coverage.gridding && html`: it has <strong>holes</strong>`}.`)}
      </p>
      ${verification && verificationText(verification)}
      ${figure({
        lang: "en",
        legend: legend([
          [swatch("var(--panel)", "var(--text)"), "the image"],
          [swatch("none", "var(--series-1)"), "fields of the layers, the last one thick"],
          ...(verification
            ? ([
                [swatch("var(--series-2)", "var(--series-2)"), "effective field: one deviation, two dashed"],
              ] as const)
            : []),
        ]),
        picture: html`<div class="plots">
          ${fieldPicture(analysis, verification?.effectiveStd)}
          <div>
            ${linePlot(plotting, {
              label: `Receptive field by layer, to ${steps.at(-1)?.size.join("x")} pixels.`,
              x: { label: "layer", whole: true },
              y: { label: "pixels" },
              series,
            })}
            ${lineLegend(series.map(({ name }) => name))}
          </div>
        </div>`,
        caption: html`Left: the fields around the middle of the image, to scale. Right: the same by
        layer${local && size === "global" ? ", gates over the whole map set aside" : ""}.`,
        data: table({
          caption: "Layers that see more than those before",
          columns: [
            { title: "Layer", value: (step) => step.layer },
            { title: "Receptive field", value: (step) => step.size.join("×"), numeric: true },
          ],
          rows: steps,
        }),
      })}`,
  };
}

function verificationText({ agrees, formula, gradient, differing, input, effectiveStd }: Verification): Html {
  return html`<p>
    Checked: on an input of ${input.join("×")} the gradient of one output is nonzero on ${gradient.join("×")}
    pixels, the formula says ${formula.join("×")};
    ${agrees ? html`<strong>they agree pixel by pixel</strong>` : html`<strong>they differ on ${write.integer(differing)} pixels</strong>`}.
    The effective field, the gradient's standard deviation with plain means as kernels, is
    ${effectiveStd.map((std) => write.significant(std, 3)).join(" and ")} pixels down and across.
  </p>`;
}

function lintSection(findings: readonly Finding[]): Section {
  const rules = [...new Set(findings.map(({ rule }) => rule))];
  return {
    id: "lint",
    title: "Lint",
    body:
      findings.length === 0
        ? html`<p>Nothing was found.</p>`
        : html`${rules.map((rule) => {
            const own = findings.filter((finding) => finding.rule === rule);
            const [first] = own;
            return html`<h3>
                ${rule}
                <span class="muted">· ${first!.severity}${own.length > 1 && `, ${own.length} times`}</span>
              </h3>
              <p>${first!.message}</p>
              ${table<Finding>({
                caption: `Where, and how much it matters`,
                columns: [
                  { title: "Layer", value: ({ node }) => breakable(node) },
                  { title: "Effect", value: ({ effect }) => effect },
                ],
                rows: own,
              })}
              <p><strong>Fix.</strong> ${first!.fix}</p>`;
          })}`,
  };
}

function signalSection(plotting: Plotting, runs: readonly SignalRun[]): Section {
  const log = (value: number): number => Math.log10(value);
  const plot = (label: string, pick: (layer: LayerSignal) => number | null): Html =>
    linePlot(plotting, {
      label: `${label} by layer, ${runs.map(({ name }) => name).join(" and ")}.`,
      x: { label: "layer", whole: true },
      y: { label, format: power },
      series: runs.map(({ name, layers }) => ({
        name,
        points: layers.flatMap((layer, i) => {
          const value = pick(layer);
          return value === null || value <= 0 ? [] : [[i + 1, log(value)] as const];
        }),
      })),
    });
  return {
    id: "signal",
    title: "Signal",
    body: html`<p>
        One training step of standard normal images and random labels. A variance that grows or shrinks by the
        same factor each layer, or a gradient that does, means that depth will hurt.
      </p>
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

function layersSection({ layers, params, macs }: Analysis): Section {
  const mostMacs = Math.max(...layers.map((layer) => layer.macs));
  return {
    id: "layers",
    title: "Layers",
    body: table<AnalyzedLayer>({
      caption: "For one image; a bar is as long as its number compared with the largest of its column",
      columns: [
        { title: "Layer", value: ({ name }) => breakable(name) },
        { title: "Operator", value: ({ op }) => op.replace("batch norm", "BN") },
        { title: "Output", value: ({ output }) => output.join("×") },
        { title: "Parameters", value: (layer) => write.integer(layer.params), numeric: true },
        {
          title: "MACs",
          value: (layer) => write.integer(layer.macs),
          numeric: true,
          bar: { share: (layer) => layer.macs / mostMacs, colour: 1 },
        },
        { title: "Share", value: ({ share }) => write.percent(share, 1), numeric: true },
        {
          title: "MACs/byte",
          value: (layer) => write.significant(layer.macs / layer.bytes, 3),
          numeric: true,
        },
        { title: "Sees", value: ({ receptiveField }) => seenText(receptiveField), numeric: true },
      ],
      rows: layers,
      total: [
        "Whole network",
        "",
        "",
        write.integer(params),
        write.integer(macs),
        write.percent(1, 1),
        "",
        "",
      ],
    }),
  };
}

async function graphSection(analysis: Analysis): Promise<Section> {
  const graph = layerGraph(analysis);
  const picture = await graphPicture(
    graph,
    `The graph of ${analysis.model}: ${graph.nodes.length} nodes from the image to the output.`,
  );
  return {
    id: "graph",
    title: "The graph as it flows",
    body: html`<p>
        From the image downwards. The blue in a box is five times the layer's share of the MACs; circles are
        where branches meet.
      </p>
      <div class="scroll" role="group" aria-label="The graph" tabindex="0">${picture}</div>`,
  };
}

function seenText(field: ReceptiveField | null): string {
  if (!field) return "";
  if (field.size === "global") return field.local ? `all (${field.local.join("×")})` : "all";
  return field.size.join("×");
}

/** Dots are places to break a long name at. */
function breakable(name: string): Html[] {
  return name.split(/(?<=\.)/).map((part) => html`<wbr />${part}`);
}

function swatch(fill: string, stroke: string): Html {
  return html`<svg viewBox="0 0 32 12" aria-hidden="true">
    <rect x="6" y="1" width="20" height="10" fill="${fill}" stroke="${stroke}" stroke-width="1.5" />
  </svg>`;
}

function power(exponent: number): string {
  return Number.isInteger(exponent)
    ? Math.abs(exponent) <= 3
      ? String(10 ** exponent)
      : `1e${exponent}`
    : write.significant(10 ** exponent, 2);
}

function mebibytes(bytes: number): string {
  return `${write.significant(bytes / 2 ** 20, 3)} MiB`;
}
