// How to run the trained network, with its own class names, sizes and normalisation filled in.
import { codeBlock } from "../codeBlock.ts";
import { html } from "../html.ts";
import type { Section } from "../page.ts";
import { numberWriter } from "../language.ts";
import type { FitReport } from "./fitReport.ts";
import { nodeRuntimeSnippet, sabokSnippet, webPageSnippet } from "./useSnippets.ts";

export function useSection(report: FitReport): Section {
  const { model, data, testImages } = report;
  const write = numberWriter("en");
  const constants = (values: readonly number[]): string =>
    values.map((value) => write.significant(value, 5)).join(", ");
  const { channels, height, width } = testImages;
  return {
    id: "use",
    title: "Use this model",
    body: html`<p>
        The network takes ${channels === 1 ? "grey" : "RGB"} images of ${width} × ${height} pixels, normalised
        as (pixel / 255 − mean) / std with mean ${constants(data.statistics.mean)} and std
        ${constants(data.statistics.std)}, in the shape [N, ${channels}, ${height}, ${width}]. It answers with
        ${data.classes.length} logits.
      </p>
      <h3>On the command line</h3>
      ${codeBlock("en", "predict on the command line", `sabok predict ${shellWord(model.folder)} photo.png`)}
      <h3>In Node, with sabok</h3>
      ${codeBlock("en", "predict in Node with sabok", sabokSnippet(report))}
      <h3>In Node, with onnxruntime-node and sharp</h3>
      ${codeBlock("en", "predict in Node with onnxruntime-node", nodeRuntimeSnippet(report))}
      <h3>In a web page, with onnxruntime-web</h3>
      <p>
        Save it beside <code>model.onnx</code>, run <code>npm install onnxruntime-web</code> there, and serve
        the folder.
      </p>
      ${codeBlock("en", "predict in a web page with onnxruntime-web", webPageSnippet(report))}`,
  };
}

/** A word as a POSIX shell reads it back. */
function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
