// From a network to something that answers: the inference form, folded, fused, planned, its weights set.
import type { Shape, Tensor } from "../core/index.ts";
import { shapeOf, type Graph } from "../graph/index.ts";
import {
  foldBatchNorm,
  fuseActivation,
  imageByImage,
  toInference,
  withInputShapes,
} from "../passes/index.ts";
import { createSession, type Session, type SessionOptions } from "./session.ts";

export interface CompileOptions extends SessionOptions {
  /** Images a run takes. Default 1. */
  readonly batch?: number;
  /** Another size for an input, without the batch: `{ image: [3, 96, 96] }`. */
  readonly shapes?: Readonly<Record<string, Shape>>;
}

/**
 * A session for inference: batch norm by running statistics and folded where that is exact, activations fused.
 * `network` is a training or inference graph with the data of its parameters and buffers by name.
 */
export async function compile(
  network: { readonly graph: Graph; readonly weights: ReadonlyMap<string, Tensor> },
  { batch = 1, shapes = {}, ...options }: CompileOptions = {},
): Promise<Session> {
  const inference = toInference(network.graph);
  const inputs = Object.entries(inference.inputs).map(([name, input]) => [
    name,
    [batch, ...(shapes[name] ?? shapeOf(input).slice(1))],
  ]);
  const { graph, weights } = foldBatchNorm(
    withInputShapes(inference, Object.fromEntries(inputs)),
    network.weights,
  );
  const session = await createSession(imageByImage(fuseActivation(graph)), options);
  session.setStates(weights);
  return session;
}
