// The receptive field seen from the other side: the gradient of one output to the image says what really reaches it.
import { forEachIndex, invariant, type Tensor } from "../../core/index.ts";
import { GraphBuilder, makeGraph, shapeOf, type Graph, type Value } from "../../graph/index.ts";
import { vectorJacobianProduct } from "../../autodiff/index.ts";
import { interpret } from "../../backends/reference/index.ts";
import { createSession } from "../../runtime/index.ts";
import type { SpatialAxes } from "./edges.ts";

/** "wasm" in float32 for whole networks; "reference" in float64 for small graphs. */
export type Backend = "wasm" | "reference";

/** Σ over channels of |gradient| at each input pixel, row-major, for the sum of the outputs at one place of the map. */
export interface GradientMap {
  readonly height: number;
  readonly width: number;
  readonly data: Float64Array;
}

/** Makes the gradient graph once and measures as many places as are asked for. */
export async function gradientMaps(
  {
    graph,
    weights,
    image,
  }: { readonly graph: Graph; readonly weights: ReadonlyMap<string, Tensor>; readonly image: Tensor },
  axes: SpatialAxes,
  places: readonly (readonly [number, number])[],
  backend: Backend,
): Promise<GradientMap[]> {
  const map = graph.outputs["map"]!;
  const [[imageName, input]] = Object.entries(graph.inputs) as [[string, Value]];
  const g = new GraphBuilder();
  const cotangent = g.input("cotangent", shapeOf(map));
  const [slope] = vectorJacobianProduct(g, map, cotangent, [input]);
  const whole = makeGraph({ inputs: { [imageName]: input, cotangent }, outputs: { slope: slope! } });
  const run = await runner(whole, weights, backend);
  const results: GradientMap[] = [];
  for (const place of places) {
    const { slope: found } = await run({ [imageName]: image, cotangent: unitAt(map, axes, place) });
    results.push(overChannels(found!));
  }
  return results;
}

type Run = (feeds: Readonly<Record<string, Tensor>>) => Promise<Readonly<Record<string, Tensor>>>;

async function runner(graph: Graph, weights: ReadonlyMap<string, Tensor>, backend: Backend): Promise<Run> {
  if (backend === "reference") return (feeds) => Promise.resolve(interpret(graph, feeds, weights).outputs);
  const session = await createSession(graph);
  session.setStates(weights);
  return (feeds) => session.run(feeds);
}

/** So large that the smallest product of weights along a path stays a normal float32. */
const seed = 1e30;

function unitAt(map: Value, axes: SpatialAxes, place: readonly [number, number]): Tensor {
  const shape = shapeOf(map);
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  forEachIndex(shape, (index, position) => {
    if (axes.every((axis, k) => axis < 0 || index[axis] === place[k])) data[position] = seed;
  });
  return { shape, data };
}

function overChannels({ shape, data }: Tensor): GradientMap {
  const [batch, channels, height, width] = shape as [number, number, number, number];
  invariant(batch === 1, "a gradient map is of one image");
  const sums = new Float64Array(height * width);
  for (let c = 0; c < channels; c++)
    for (let i = 0; i < sums.length; i++) sums[i]! += Math.abs(data[c * sums.length + i]!) / seed;
  return { height, width, data: sums };
}

/** The standard deviation of a gradient map down and across, in input pixels: how far an output looks, by weight. */
export function spreadOf({ height, width, data }: GradientMap): [vertical: number, horizontal: number] {
  const rows = new Float64Array(height);
  const columns = new Float64Array(width);
  data.forEach((weight, i) => {
    rows[Math.floor(i / width)]! += weight;
    columns[i % width]! += weight;
  });
  return [deviation(rows), deviation(columns)];
}

function deviation(weights: Float64Array): number {
  const total = weights.reduce((a, b) => a + b, 0);
  const mean = weights.reduce((sum, weight, i) => sum + weight * i, 0) / total;
  return Math.sqrt(weights.reduce((sum, weight, i) => sum + weight * (i - mean) ** 2, 0) / total);
}
