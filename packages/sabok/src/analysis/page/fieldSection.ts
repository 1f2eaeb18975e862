// The page's receptive field: its figures, its frames over the image, its growth by layer, what a check said.
import {
  figure,
  html,
  legend,
  lineLegend,
  linePlot,
  table,
  type Html,
  type Plotting,
  type Section,
} from "../../report/index.ts";
import type { Pair } from "../../graph/index.ts";
import type { Analysis } from "../analyze.ts";
import type { Verification } from "../receptiveField/verifyReceptiveField.ts";
import { fieldPicture, growthOf } from "./fieldPicture.ts";
import { write } from "./parts.ts";

export function fieldSection(
  plotting: Plotting,
  analysis: Analysis,
  {
    verification,
    effectiveStd,
  }: { readonly verification: Verification | undefined; readonly effectiveStd: Pair | undefined },
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
        area.${stride !== null && offset !== null && html` Neighbouring outputs are ${stride.join("×")} pixels apart; output (0,0) begins at pixel (${offset.map((pixel) => String(pixel).replace("-", "−")).join(",\u00a0")}).`}
        ${coverage !== null && (coverage.share === 1 ? "Every pixel of the field is read." : html`Of the field, ${write.integer(coverage.pixels)} pixels (${write.percent(coverage.share, 1)}) are read${coverage.gridding && html`: it has <strong>holes</strong>`}.`)}
      </p>
      ${
        effectiveStd &&
        html`<p>
          The effective field is smaller: the gradient of one output, with plain means as kernels, has a
          standard deviation of ${effectiveStd.map((std) => write.significant(std, 3)).join(" and ")} pixels
          down and across.
        </p>`
      }
      ${verification && verificationText(verification)}
      ${figure({
        lang: "en",
        legend: legend([
          [swatch("var(--panel)", "var(--text)"), "the image"],
          [swatch("none", "var(--series-1)"), "fields of the layers, the last one thick"],
          ...(effectiveStd
            ? ([
                [swatch("var(--series-2)", "var(--series-2)"), "effective field: one deviation, two dashed"],
              ] as const)
            : []),
        ]),
        picture: html`<div class="plots">
          ${fieldPicture(analysis, effectiveStd)}
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
        caption: html`The fields around the middle of the image, to scale; and the same by
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

function verificationText({ agrees, formula, gradient, differing, input }: Verification): Html {
  return html`<p>
    Checked: on an input of ${input.join("×")} the gradient of one output is nonzero on ${gradient.join("×")}
    pixels, the formula says ${formula.join("×")};
    ${agrees ? html`<strong>they agree pixel by pixel</strong>` : html`<strong>they differ on ${write.integer(differing)} pixels</strong>`}.
  </p>`;
}

function swatch(fill: string, stroke: string): Html {
  return html`<svg viewBox="0 0 32 12" aria-hidden="true">
    <rect x="6" y="1" width="20" height="10" fill="${fill}" stroke="${stroke}" stroke-width="1.5" />
  </svg>`;
}
