// The receptive field growing over the input: each size that layers reach as a frame around the middle of the image.
import { html, type Html } from "../../report/index.ts";
import type { Analysis } from "../analyze.ts";

export interface FieldStep {
  readonly layer: string;
  readonly size: readonly [number, number];
}

/** The layers whose field is larger than all before, gates over the whole map set aside. */
export function growthOf({ layers }: Analysis): FieldStep[] {
  const steps: FieldStep[] = [];
  for (const { name, receptiveField } of layers) {
    const size = receptiveField?.local;
    const before = steps.at(-1)?.size;
    if (size && (!before || size[0] > before[0] || size[1] > before[1])) steps.push({ layer: name, size });
  }
  return steps;
}

const longest = 340;

/** Frames of the fields over the image, to scale; the dots are one and two deviations of the effective field. */
export function fieldPicture(analysis: Analysis, effectiveStd: readonly [number, number] | undefined): Html {
  const [, height, width] = analysis.input as [number, number, number];
  const steps = growthOf(analysis);
  const [tallest, widest] = steps.reduce(
    ([h, w], { size }) => [Math.max(h, size[0]), Math.max(w, size[1])] as const,
    [height, width] as const,
  );
  const scale = longest / Math.max(tallest, widest);
  const [boxWidth, boxHeight] = [widest * scale + 20, tallest * scale + 20];
  const frame = (h: number, w: number, attributes: Html): Html =>
    html`<rect
      x="${round(boxWidth / 2 - (w * scale) / 2)}"
      y="${round(boxHeight / 2 - (h * scale) / 2)}"
      width="${round(w * scale)}"
      height="${round(h * scale)}"
      ${attributes}
    />`;
  const label = `The receptive field around the middle of a ${height}x${width} image, from ${steps[0]?.size.join("x")} to ${steps.at(-1)?.size.join("x")} pixels.`;
  const ellipse = (deviations: number): Html | false =>
    effectiveStd !== undefined &&
    html`<ellipse
      cx="${round(boxWidth / 2)}"
      cy="${round(boxHeight / 2)}"
      rx="${round(deviations * effectiveStd[1] * scale)}"
      ry="${round(deviations * effectiveStd[0] * scale)}"
      fill="var(--series-2)"
      fill-opacity="0.2"
      stroke="var(--series-2)"
      stroke-dasharray="${deviations === 2 ? "4 3" : "none"}"
    />`;
  return html`<svg
    class="plot"
    role="img"
    aria-label="${label}"
    viewBox="0 0 ${round(boxWidth)} ${round(boxHeight)}"
    style="max-width:${Math.round(1.3 * boxWidth)}px"
  >
    ${frame(height, width, html`fill="var(--panel)" stroke="var(--text)" stroke-width="2"`)}
    ${ellipse(2)}${ellipse(1)}
    ${steps.map(({ layer, size }, i) => frame(size[0], size[1], html`fill="none" stroke="var(--series-1)" stroke-width="${i === steps.length - 1 ? 2.5 : 1}" stroke-opacity="${round(0.35 + (0.65 * (i + 1)) / steps.length)}" data-layer="${layer}"`))}
  </svg>`;
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
