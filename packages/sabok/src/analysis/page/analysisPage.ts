// The page of `sabok analyze`: what the network costs and sees, how its signal travels, what the lint says, all in one file.
import { html, loadPlotting, page, type Section } from "../../report/index.ts";
import type { Analysis } from "../analyze.ts";
import type { Measurements } from "../analysisDocument.ts";
import type { Verification } from "../receptiveField/verifyReceptiveField.ts";
import { costSection } from "./costSection.ts";
import { fieldSection } from "./fieldSection.ts";
import { graphPicture } from "./graphPicture.ts";
import { layerGraph } from "./layerGraph.ts";
import { layersSection } from "./layersSection.ts";
import { lintSection } from "./lintSection.ts";
import { footerOf } from "./parts.ts";
import { signalSection, type SignalRun } from "./signalSection.ts";

export interface AnalysisPage extends Measurements {
  /** Sabok's version. */
  readonly version: string;
  readonly verification?: Verification;
  readonly signals?: readonly SignalRun[];
}

/** The analysis as one self-contained HTML document. `document` is where plots are drawn; see loadPlotting. */
export async function analysisPage(
  analysis: Analysis,
  { version, verification, signals = [], effectiveStd, peaks }: AnalysisPage,
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
      costSection(analysis, peaks),
      fieldSection(plotting, analysis, {
        verification,
        effectiveStd: effectiveStd ?? verification?.effectiveStd,
      }),
      lintSection(analysis.lint),
      ...(signals.length > 0 ? [signalSection(plotting, signals)] : []),
      layersSection(analysis, peaks),
      await graphSection(analysis),
    ],
    footer: footerOf(version),
  });
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
        From the image downwards; a long graph goes on at the top of the next column, where its lines are
        dashed. The blue in a box is five times the layer's share of the MACs; circles are where branches
        meet.
      </p>
      <div class="scroll" role="group" aria-label="The graph" tabindex="0">${picture}</div>`,
  };
}
