// The page's table of layers: cost, traffic, and what each sees.
import { table, type Section } from "../../report/index.ts";
import type { Pair } from "../../graph/index.ts";
import type { Peaks } from "../../runtime/index.ts";
import type { Analysis, AnalyzedLayer } from "../analyze.ts";
import type { ReceptiveField } from "../receptiveField/receptiveField.ts";
import { predictedTime, rooflineTime } from "../roofline.ts";
import { breakable, write } from "./parts.ts";

export function layersSection({ layers, params, macs }: Analysis, peaks: Peaks | undefined): Section {
  const mostMacs = Math.max(...layers.map((layer) => layer.macs));
  return {
    id: "layers",
    title: "Layers",
    body: table<AnalyzedLayer>({
      caption: `For one image; a bar is as long as its number compared with the largest of its column. dw: depthwise; BN: batch norm${layers.some(({ op }) => op.includes("hardSwish")) ? "; hswish: hard-swish" : ""}.${peaks ? " Time: at least, in microseconds; * where memory bounds it and not arithmetic." : ""}${layers.some(({ receptiveField }) => receptiveField?.size === "global" && receptiveField.local) ? " Sees: pixels of the image; with all, a gate over the whole map comes on top." : ""}`,
      columns: [
        { title: "Layer", value: ({ name }) => breakable(name) },
        { title: "Operator", value: ({ op }) => abbreviated(op) },
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
        ...(peaks
          ? [
              {
                title: "Time, µs",
                value: ({ macs: own, bytes }: AnalyzedLayer) => {
                  const { seconds, limit } = rooflineTime(own, bytes, peaks);
                  return `${write.significant(1e6 * seconds, 3)}${limit === "memory" ? " *" : ""}`;
                },
                numeric: true,
              },
            ]
          : []),
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
        ...(peaks ? [`${write.significant(1000 * predictedTime(layers, peaks).seconds, 3)} ms`] : []),
        "",
      ],
    }),
  };
}

function abbreviated(op: string): string {
  return op.replace("batch norm", "BN").replace("depthwise", "dw").replace("hardSwish", "hswish");
}

function seenText(field: ReceptiveField | null): string {
  if (!field) return "";
  if (field.size === "global") return field.local ? `${sidesOf(field.local)}, all` : "all";
  return sidesOf(field.size);
}

function sidesOf([height, width]: Pair): string {
  return height === width ? String(height) : `${height}×${width}`;
}
