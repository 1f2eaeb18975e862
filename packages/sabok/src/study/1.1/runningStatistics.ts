// Running statistics after many identical batches: the library's own, which keeps PyTorch's convention, and Keras's.
import { tensor, type Tensor } from "../../core/index.ts";
import { interpret } from "../../backends/reference/index.ts";
import { GraphBuilder, type Value } from "../../graph/index.ts";
import { evaluate, type Network } from "../../nn/index.ts";
import { movingAverage } from "../../ops/index.ts";
import type { ChapterContext, Series } from "../chapter.ts";
import { batchStatistics } from "../normalizing.ts";

/** Runs the training graph `steps` times on the same batch, each run with the states the one before left. */
export function seenOften(
  net: Network,
  x: Tensor,
  steps: number,
  { onProgress, signal }: ChapterContext,
): { output: Tensor; states: Map<string, Tensor>; path: number[] } {
  let states = new Map<string, Tensor>(net.weights);
  const path = [0];
  let output = x;
  for (let step = 0; step < steps; step++) {
    signal?.throwIfAborted();
    onProgress?.(step / steps, "batches");
    const run = interpret(net.graph, { x }, states);
    states = new Map([...states, ...run.states]);
    output = run.outputs["logits"]!;
    path.push(states.get("norm.running_mean")!.data[0]!);
  }
  return { output, states, path };
}

/** Keras: r ← m·r + (1 − m)·statistic with the biased variance (its fused kernel takes the unbiased one). */
export async function kerasRunning(
  x: Tensor,
  steps: number,
  momentum: number,
): Promise<{ mean: number[]; variance: number[] }> {
  const channels = [x.shape[1]!];
  const own = await evaluate((x) => ({ ...batchStatistics(x) }), [x]);
  let running = [new Float64Array(channels[0]!), new Float64Array(channels[0]!).fill(1)];
  for (let step = 0; step < steps; step++) {
    const next = await evaluate(
      (mean, variance, ownMean, ownVariance) => {
        const g = new GraphBuilder();
        const move = (state: Value, statistic: Value) =>
          g.apply(movingAverage, [state, statistic], { momentum: 1 - momentum });
        return { mean: move(mean, ownMean), variance: move(variance, ownVariance) };
      },
      [tensor(channels, running[0]!), tensor(channels, running[1]!), own.mean, own.variance],
    );
    running = [Float64Array.from(next.mean.data), Float64Array.from(next.variance.data)];
  }
  return { mean: [...running[0]!], variance: [...running[1]!] };
}

export function runningSeries(path: readonly number[], mean: number, momentum: number): Series[] {
  const x = path.map((_, t) => t);
  const common = {
    x,
    xLabel: { en: "batches seen t", fa: "دسته‌های دیده‌شده t" },
    yLabel: { en: "running mean of the first channel", fa: "میانگین جاری کانال اول" },
    unit: "",
    figure: "running",
  };
  return [
    { ...common, name: { en: "measured", fa: "اندازه‌گیری" }, y: [...path] },
    { ...common, name: { en: "formula", fa: "فرمول" }, y: x.map((t) => (1 - (1 - momentum) ** t) * mean) },
  ];
}
