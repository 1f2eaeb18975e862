// The data of a network's parameters and buffers, and how it is first drawn.
import { Random, hashName, mix32, sizeOf, type Tensor } from "../core/index.ts";
import { isState, shapeOf, type Graph, type Initializer } from "../graph/index.ts";

export type Float32Tensor = Tensor & { readonly data: Float32Array };

/** The data of every parameter and buffer, by name. */
export type Weights = ReadonlyMap<string, Tensor>;

/**
 * Draws every parameter and buffer of a graph by its initializer. Each has a generator of its own, from the seed and
 * its name, so the numbers depend on neither the order nor the presence of other layers.
 */
export function initialize(graph: Graph, seed: number): Map<string, Float32Tensor> {
  const weights = new Map<string, Float32Tensor>();
  for (const state of graph.values.filter(isState)) {
    const random = new Random(mix32(mix32(seed) ^ hashName(state.name)));
    const data = new Float32Array(sizeOf(shapeOf(state)));
    fill(data, state.attrs["init"] as Initializer, random);
    weights.set(state.name, { shape: shapeOf(state), data });
  }
  return weights;
}

function fill(data: Float32Array, init: Initializer, random: Random): void {
  switch (init.kind) {
    case "constant":
      data.fill(init.value);
      return;
    case "normal":
      for (let i = 0; i < data.length; i++) data[i] = init.std * random.normal();
      return;
    case "uniform":
      for (let i = 0; i < data.length; i++) data[i] = init.bound * (2 * random.uniform() - 1);
  }
}
