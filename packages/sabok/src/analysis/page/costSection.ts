// The page's figures of cost: parameters, multiply-accumulates, memory, the time that no run can beat.
import { html, type Section } from "../../report/index.ts";
import type { Peaks } from "../../runtime/index.ts";
import type { Analysis } from "../analyze.ts";
import { predictedTime, type PredictedTime } from "../roofline.ts";
import { tileList, write, type Tile } from "./parts.ts";

export function costSection(
  { params, macs, flops, memory, elements, uncounted, layers }: Analysis,
  peaks: Peaks | undefined,
): Section {
  const { inference, training, batch } = memory;
  const least = (bytes: number, bound: number): string =>
    mebibytes(bound) === mebibytes(bytes)
      ? `${bound < bytes ? "hardly more than " : ""}the least possible`
      : `least possible ${mebibytes(bound)}`;
  const tiles: readonly Tile[] = [
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
    ...(peaks ? [timeTile(predictedTime(layers, peaks))] : []),
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
    body: html`${tileList(tiles)}
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

function timeTile({ seconds, memoryShare, macsPerByte, flopsPerSecond }: PredictedTime): Tile {
  return [
    "Time, at least",
    `${write.significant(1000 * seconds, 3)} ms`,
    `one thread of this machine at ${write.significant(flopsPerSecond / 1e9, 2)} GFLOP/s; ${write.percent(memoryShare, 0)} of it bound by memory; ${write.significant(macsPerByte, 3)} MACs a byte`,
  ];
}

function mebibytes(bytes: number): string {
  return `${write.significant(bytes / 2 ** 20, 3)} MiB`;
}
