// Whether running statistics are those of the data at hand: each batch norm's input, measured on fresh images.
import { shapeOf, isState, makeGraph, GraphBuilder, type Graph } from "../../graph/index.ts";
import type { Tensor } from "../../core/index.ts";
import { mean, mul } from "../../ops/index.ts";
import { toInference, withBatch } from "../../passes/index.ts";
import { createSession } from "../../runtime/index.ts";
import type { StatisticsShift } from "../lint/rule.ts";

export interface StatisticsProbe {
  /**
   * By batch norm, how far the mean and variance of its input on these images [count,C,H,W], normalised as in training,
   * lie from its running statistics.
   */
  measure(weights: ReadonlyMap<string, Tensor>, images: Float32Array): Promise<Map<string, StatisticsShift>>;
  close(): void;
}

/** Compiled once for `count` images, read as often as one likes. */
export async function statisticsProbe(graph: Graph, count: number): Promise<StatisticsProbe> {
  const inference = withBatch(toInference(graph), count);
  const norms = inference.values.filter(
    ({ op, inputs }) => op === "batchNorm" && isState(inputs[3]!) && isState(inputs[4]!),
  );
  const g = new GraphBuilder();
  const outputs = Object.fromEntries(
    norms.flatMap(({ inputs: [x] }, i) => {
      const axes = shapeOf(x!).flatMap((_, axis) => (axis === 1 ? [] : [axis]));
      return [
        [`mean.${i}`, g.apply(mean, [x!], { axes })],
        [`square.${i}`, g.apply(mean, [g.apply(mul, [x!, x!])], { axes })],
      ];
    }),
  );
  const session = await createSession(makeGraph({ inputs: inference.inputs, outputs }));
  return {
    close: () => session.close(),
    async measure(weights, images) {
      session.setStates(weights);
      const found = await session.run({ [Object.keys(inference.inputs)[0]!]: images });
      return new Map(
        norms.map((norm, i) => {
          const [runningMean, runningVariance] = [
            weights.get(norm.inputs[3]!.name)!.data,
            weights.get(norm.inputs[4]!.name)!.data,
          ];
          const epsilon = norm.attrs["epsilon"] as number;
          const channels = runningMean.length;
          let [shift, ratio] = [0, 0];
          for (let c = 0; c < channels; c++) {
            const fresh = found[`mean.${i}`]!.data[c]!;
            const variance = Math.max(0, found[`square.${i}`]!.data[c]! - fresh ** 2);
            shift += (fresh - runningMean[c]!) ** 2 / (runningVariance[c]! + epsilon);
            ratio += Math.log((variance + epsilon) / (runningVariance[c]! + epsilon));
          }
          return [
            norm.name,
            { shift: Math.sqrt(shift / channels), ratio: Math.exp(ratio / channels) },
          ] as const;
        }),
      );
    },
  };
}

/** One reading of a network as it stands; see StatisticsProbe. */
export async function statisticsShifts(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  images: Float32Array,
  count: number,
): Promise<Map<string, StatisticsShift>> {
  const probe = await statisticsProbe(graph, count);
  try {
    return await probe.measure(weights, images);
  } finally {
    probe.close();
  }
}
