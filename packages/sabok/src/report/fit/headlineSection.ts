// The numbers one looks for first. MACs and FLOPs stand beside each other, each under its own name.
import { html, type Html } from "../html.ts";
import { numberWriter } from "../language.ts";
import type { Section } from "../page.ts";
import type { FitReport } from "./fitReport.ts";

const write = numberWriter("en");

interface Tile {
  readonly title: string;
  readonly number: string;
  readonly note: string;
}

export function headlineSection({ data, model, test, history, seconds, backend, seed }: FitReport): Section {
  const right = Math.round(test.accuracy * test.count);
  const [low, high] = wilsonInterval(right, test.count);
  const { train, validation, test: tested } = data.counts;
  const tiles: Tile[] = [
    {
      title: "Test top-1",
      number: write.percent(test.accuracy, 2),
      note: `${write.integer(right)} of ${write.integer(test.count)} images; 95 % interval ${write.percent(low, 1)} to ${write.percent(high, 1)}`,
    },
    {
      title: "Time",
      number: write.duration(seconds),
      note: `of which training ${write.duration(history.reduce((sum, epoch) => sum + epoch.seconds, 0))}, ${history.length} ${history.length === 1 ? "epoch" : "epochs"}`,
    },
    {
      title: "Images per second",
      number: write.integer(meanSpeed(history)),
      note: "while training: forward, backward and update",
    },
    {
      title: "Parameters",
      number: write.integer(model.params),
      note: `${write.significant((4 * model.params) / 2 ** 20, 3)} MiB as float32`,
    },
    {
      title: "MACs per image",
      number: write.integer(model.macs),
      note: `multiply-accumulates${model.budget === undefined ? "" : `; the budget was ${write.integer(model.budget)}`}`,
    },
    {
      title: "FLOPs per image",
      number: write.integer(2 * model.macs),
      note: "2 × MACs: a multiply and an add each",
    },
  ];
  const facts: [string, string][] = [
    ["Data", `${data.name}: ${data.source}`],
    [
      "Images",
      `${write.integer(train)} training, ${validation === 0 ? "no" : write.integer(validation)} validation, ${write.integer(tested)} test`,
    ],
    ["Test loss", `${write.significant(test.loss, 4)} nats, mean cross-entropy without smoothing`],
    ["Backend", backend],
    ["Seed", String(seed)],
  ];
  return {
    id: "result",
    title: "Result",
    body: html`<dl class="tiles">${tiles.map(tileMarkup)}</dl>
      <div class="scroll" role="group" aria-label="The run" tabindex="0">
        <table class="facts">
          <caption class="unseen">
            The run
          </caption>
          <tbody>
            ${facts.map(
              ([name, value]) =>
                html`<tr>
                  <th scope="row">${name}</th>
                  <td>${value}</td>
                </tr> `,
            )}
          </tbody>
        </table>
      </div>`,
  };
}

function tileMarkup({ title, number, note }: Tile): Html {
  return html`<div>
    <dt>${title}</dt>
    <dd class="number">${number}</dd>
    <dd class="note">${note}</dd>
  </div> `;
}

/** Images per second over all epochs together. */
function meanSpeed(history: FitReport["history"]): number {
  const seconds = history.reduce((sum, epoch) => sum + epoch.seconds, 0);
  return history.reduce((sum, epoch) => sum + epoch.imagesPerSecond * epoch.seconds, 0) / seconds;
}

/** The 95 % interval of a share (Wilson, 1927): z²/n pulls it towards one half, so it never leaves [0, 1]. */
function wilsonInterval(successes: number, count: number): [number, number] {
  const z = 1.959964;
  const share = successes / count;
  const scale = 1 + z ** 2 / count;
  const centre = (share + z ** 2 / (2 * count)) / scale;
  const margin = (z / scale) * Math.sqrt((share * (1 - share)) / count + (z / (2 * count)) ** 2);
  return [Math.max(0, centre - margin), Math.min(1, centre + margin)];
}
