// What to type to get the same run again.
import { codeBlock } from "../codeBlock.ts";
import { html } from "../html.ts";
import type { Section } from "../page.ts";
import { table } from "../table.ts";
import type { FitReport } from "./fitReport.ts";

export function reproduceSection({ command, options, seed, version, data }: FitReport): Section {
  return {
    id: "reproduce",
    title: "Reproduce this run",
    body: html`<p>
        With sabok ${version} and the same images (${data.source}), seed ${seed} gives the same network.
      </p>
      ${codeBlock("en", "the command", command)}${table({
        caption: "Every option, defaults included",
        columns: [
          { title: "Option", value: ([name]) => html`<code>${name}</code>` },
          { title: "Value", value: ([, value]) => String(value) },
        ],
        rows: Object.entries(options),
      })}`,
  };
}
