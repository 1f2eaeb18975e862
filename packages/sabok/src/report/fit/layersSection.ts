// What each layer costs, and whether folding batch norm kept the answers.
import { formatShape } from "../../core/index.ts";
import { html } from "../html.ts";
import { numberWriter } from "../language.ts";
import type { Section } from "../page.ts";
import { table } from "../table.ts";
import type { FitReport, LayerRow } from "./fitReport.ts";

const write = numberWriter("en");

export function layersSection({ model: { layers, params, macs }, folding }: FitReport): Section {
  const mostParams = layers.reduce((most, layer) => Math.max(most, layer.params), 0);
  const mostMacs = layers.reduce((most, layer) => Math.max(most, layer.macs), 0);
  return {
    id: "layers",
    title: "Layers and their cost",
    body: html`<p>
        A MAC is one multiply-accumulate of a convolution or a linear layer; bias, batch norm and activation
        are not counted. FLOPs are twice the MACs. A bar is as long as its number compared with the largest of
        its column.
      </p>
      ${table<LayerRow>({
        caption: "Layers for one image",
        columns: [
          { title: "Layer", value: ({ name }) => name.split(/(?<=\.)/).map((part) => html`<wbr />${part}`) },
          { title: "Operator", value: ({ op }) => op },
          { title: "Output", value: ({ output }) => html`<code>${formatShape(output)}</code>` },
          {
            title: "Parameters",
            value: (layer) => write.integer(layer.params),
            numeric: true,
            bar: { share: (layer) => layer.params / mostParams, colour: 2 },
          },
          {
            title: "MACs",
            value: (layer) => write.integer(layer.macs),
            numeric: true,
            bar: { share: (layer) => layer.macs / mostMacs, colour: 1 },
          },
          { title: "Share of MACs", value: (layer) => write.percent(layer.macs / macs, 1), numeric: true },
        ],
        rows: layers,
        total: ["Whole network", "", "", write.integer(params), write.integer(macs), write.percent(1, 1)],
      })}
      <h3>Folding of batch norm</h3>
      <p>
        The exported network has
        ${
          folding.layers === 0
            ? "no batch norm to fold"
            : `its ${write.integer(folding.layers)} batch ${folding.layers === 1 ? "norm" : "norms"} folded into the convolutions`
        }.
        On ${write.integer(folding.images)} real images its logits differ from the trained network’s by at
        most <strong>${write.significant(folding.largestDifference, 2)}</strong>; the largest logit is
        ${write.significant(folding.largestLogit, 3)}.
      </p>`,
  };
}
