// How much memory a network's activations take: the arena that the planner really lays out, beside the least possible.
import { SabokError, type Tensor } from "../core/index.ts";
import {
  GraphBuilder,
  isState,
  makeGraph,
  shapeOf,
  statesOf,
  verifyGraph,
  type Graph,
  type Value,
} from "../graph/index.ts";
import { gradients } from "../autodiff/index.ts";
import { crossEntropy, mean, mul, opTable, sgdStep } from "../ops/index.ts";
import { foldBatchNorm, fuseActivation, toInference, withBatch } from "../passes/index.ts";
import { planGraph } from "../runtime/index.ts";

export interface MemoryPeak {
  /** Of the planned arena: activations and temporaries, weights not counted. */
  readonly bytes: number;
  /** The most that is alive at one step: no plan can do with less. */
  readonly lowerBound: number;
}

/** Inference as it is shipped: batch norm folded, activations fused. */
export function inferenceMemory(graph: Graph, batch = 1): MemoryPeak {
  const inference = withBatch(toInference(graph), batch);
  return peakOf(fuseActivation(foldBatchNorm(inference, shapesOnly(inference)).graph));
}

/**
 * One training step: forward, cross-entropy (or the mean square of outputs that are not [N,K]), gradients and plain SGD.
 * An optimiser's own states are kept beside the weights, so they are no part of it.
 */
export function trainingMemory(graph: Graph, batch: number): MemoryPeak {
  return peakOf(trainingStep(graph, batch));
}

function peakOf(graph: Graph): MemoryPeak {
  const { arenaBytes, arenaLowerBound } = planGraph(graph);
  return { bytes: arenaBytes, lowerBound: arenaLowerBound };
}

function trainingStep(graph: Graph, batch: number): Graph {
  const forward = fuseActivation(withBatch(graph, batch));
  const outputs = Object.values(forward.outputs);
  if (outputs.length !== 1)
    throw new SabokError(`A training step needs one output; this graph has ${outputs.length}.`);
  const g = new GraphBuilder();
  const rate = g.input("rate", []);
  const loss = g.at("loss", () => lossOf(g, outputs[0]!));
  const parameters = [...statesOf(forward, "parameter").values()];
  for (const [i, slope] of gradients(g, loss, parameters).entries()) {
    const parameter = parameters[i]!;
    g.update(parameter, g.apply(sgdStep, [parameter, slope, slope, rate], {}));
  }
  const own = g.finish({ loss });
  const step = makeGraph({
    inputs: { ...forward.inputs, ...own.inputs },
    outputs: { loss },
    updates: [...forward.updates, ...own.updates],
  });
  return verifyGraph(step, opTable, "trainingStep");
}

function lossOf(g: GraphBuilder, output: Value): Value {
  const shape = shapeOf(output);
  return shape.length === 2
    ? g.apply(crossEntropy, [output, g.input("target", shape)], {})
    : g.apply(mean, [g.apply(mul, [output, output])], {});
}

/** Stands in for weights where a pass is asked for its graph only: per-channel vectors are real, larger weights empty. */
export function shapesOnly(graph: Graph): Map<string, Tensor> {
  return new Map(
    graph.values.filter(isState).map((state) => {
      const shape = shapeOf(state);
      return [state.name, { shape, data: new Float32Array(shape.length > 1 ? 0 : (shape[0] ?? 1)) }] as const;
    }),
  );
}
