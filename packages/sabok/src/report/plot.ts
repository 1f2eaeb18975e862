// Observable Plot at build time: a plot becomes an SVG string that needs no script, and takes its colours from the page.
import type * as PlotModule from "@observablehq/plot";
import { html, trustedMarkup, type Html } from "./html.ts";

/** Observable Plot and the document it draws in; both are loaded only when something is plotted. */
export interface Plotting {
  readonly Plot: typeof PlotModule;
  readonly document: Document;
}

/** Loads Observable Plot. Draws in the given document, else in the page's own, else (Node, workers) in linkedom's. */
export async function loadPlotting(document?: Document): Promise<Plotting> {
  const Plot = await import("@observablehq/plot");
  return { Plot, document: document ?? globalThis.document ?? (await emptyDocument()) };
}

async function emptyDocument(): Promise<Document> {
  const { parseHTML } = await import("linkedom/worker"); // the build that does not look for a canvas package
  return parseHTML("<!doctype html><html><body></body></html>").document;
}

export interface PlotPicture extends Omit<PlotModule.PlotOptions, "style"> {
  /** What the picture shows, in words: its text alternative. */
  readonly label: string;
  /** Natural size in pixels; the page shows it at up to 1.6 times this width, and at its own width at least where `rigid`. */
  readonly width: number;
  readonly height: number;
  readonly rigid?: boolean;
  /** Of all its text, in pixels of its natural size. */
  readonly fontSize: number;
}

/** The plot as an SVG image. Constant colours may be `var(--…)` of pageStyle.ts. */
export function renderPlot(
  { Plot, document }: Plotting,
  { label, rigid = false, fontSize, ...options }: PlotPicture,
): Html {
  const svg = Plot.plot({ ...options, document, className: "plot" });
  for (const style of Array.from(svg.querySelectorAll("style"))) style.remove(); // pageStyle.ts has these rules
  for (const element of Array.from(svg.querySelectorAll("*"))) {
    element.removeAttribute("aria-label"); // the parts of an image have no names of their own
    element.removeAttribute("aria-hidden");
    for (const attribute of geometry) {
      const value = element.getAttribute(attribute);
      if (value !== null) element.setAttribute(attribute, roundNumbers(value));
    }
  }
  svg.removeAttribute("font-family");
  svg.setAttribute("font-size", String(fontSize));
  const { width } = options;
  const style = `max-width:${Math.round(1.6 * width)}px${rigid ? `;min-width:${width}px` : ""}`;
  const opening = html`<svg role="img" aria-label="${label}" style="${style}"`; // linkedom leaves & in attributes as it is
  return trustedMarkup(`${svg.outerHTML.replace("<svg", () => opening.markup)}\n`);
}

const geometry = "d transform x y x1 x2 y1 y2 cx cy r width height dx dy".split(" ");

/** Coordinates to a hundredth of a pixel. */
function roundNumbers(text: string): string {
  return text.replaceAll(/-?\d+\.\d{3,}(e-?\d+)?/g, (number) =>
    String(Math.round(Number(number) * 100) / 100),
  );
}
