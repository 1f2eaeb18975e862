// A network: the graph of its training form and the weights it begins with.
import type { Shape, Tensor } from "../core/index.ts";
import { verifyGraph, type Graph, type Value } from "../graph/index.ts";
import { interpret } from "../backends/reference/index.ts";
import { opTable } from "../ops/index.ts";
import { withBuilder } from "./building.ts";
import { initialize, type Weights } from "./weights.ts";

export interface Network {
  /** The training graph: batch norm by the batch's statistics, dropout on. passes/toInference makes the other form. */
  readonly graph: Graph;
  /** The data of every parameter and buffer, by name. */
  readonly weights: Weights;
}

export interface NetworkOptions {
  /** How many images the shapes are inferred for; passes/withBatch changes it. Default 2: batch norm needs two values. */
  readonly batch?: number;
  /** What the first weights are drawn from. Default 0. */
  readonly seed?: number;
}

/** What a function of values may give: one value, or several by name. */
export type Results = Value | Readonly<Record<string, Value>>;

/**
 * Builds a network. `inputs` gives each input's shape without the batch, `build` makes the outputs from the values.
 * A single result is the output "logits". The weights are drawn when they are first asked for.
 */
export function network<const Inputs extends Readonly<Record<string, Shape>>>(
  inputs: Inputs,
  build: (values: { readonly [Name in keyof Inputs]: Value }) => Results,
  { batch = 2, seed = 0 }: NetworkOptions = {},
): Network {
  const graph = withBuilder((builder) => {
    const values = Object.entries(inputs).map(
      ([name, shape]) => [name, builder.input(name, [batch, ...shape])] as const,
    );
    const results = build(Object.fromEntries(values) as { [Name in keyof Inputs]: Value });
    return verifyGraph(builder.finish(isValue(results) ? { logits: results } : results), opTable, "network");
  });
  let weights: Weights | undefined;
  return {
    graph,
    get weights() {
      return (weights ??= initialize(graph, seed));
    },
  };
}

export interface EvaluateOptions {
  /** Default: the float64 reference. */
  readonly run?: (
    graph: Graph,
    feeds: Readonly<Record<string, Tensor>>,
    states: Weights,
  ) => Evaluation | Promise<Evaluation>;
  /** What parameters made inside the function are drawn from. Default 0. */
  readonly seed?: number;
}

interface Evaluation {
  readonly outputs: Readonly<Record<string, Tensor>>;
}

/**
 * Runs a function of values once on tensors, their shapes taken as they are: the quickest way to look at a layer.
 * Gives one tensor, or a record of them where `fn` does.
 */
export async function evaluate<const Tensors extends readonly Tensor[], const R extends Results>(
  fn: (...values: { readonly [I in keyof Tensors]: Value }) => R,
  tensors: Tensors,
  { run = interpret, seed = 0 }: EvaluateOptions = {},
): Promise<R extends Value ? Tensor : { readonly [Name in keyof R]: Tensor }> {
  const { graph, single } = withBuilder((builder) => {
    const values = tensors.map((tensor, i) => builder.input(`input${i}`, tensor.shape));
    const results = fn(...(values as { [I in keyof Tensors]: Value }));
    const single = isValue(results);
    return { graph: builder.finish(single ? { result: results } : results), single };
  });
  const feeds = Object.fromEntries(tensors.map((tensor, i) => [`input${i}`, tensor]));
  const { outputs } = await run(graph, feeds, initialize(graph, seed));
  return (single ? outputs["result"] : outputs) as R extends Value ? Tensor : { [Name in keyof R]: Tensor };
}

function isValue(results: Results): results is Value {
  return typeof results["op"] === "string";
}
