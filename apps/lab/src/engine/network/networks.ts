// The networks that the engine holds: files that were read, and the last few networks that were asked for.
import { SabokError, type Graph, type Tensor } from "sabok";
import { blockStringNetwork, models, namedNetwork } from "sabok/models";
import { keyOf, type NetworkSpec } from "./spec.ts";

export interface OpenNetwork {
  readonly graph: Graph;
  /** Drawn when first asked for, unless they come from a file. */
  readonly weights: ReadonlyMap<string, Tensor>;
  /** Whether the weights come from a file. */
  readonly trained: boolean;
}

type FileNetwork = Omit<OpenNetwork, "trained"> & { readonly name: string };

const files = new Map<string, FileNetwork>();
const weightFiles = new Map<string, ReadonlyMap<string, Tensor>>();
const opened = new Map<string, OpenNetwork>();
const mostOpened = 6;

export function keepFile(id: string, network: FileNetwork): void {
  files.set(id, network);
}

export function keepWeights(id: string, weights: ReadonlyMap<string, Tensor>): void {
  weightFiles.set(id, weights);
}

/** The network of a spec, made if need be. Throws SabokError as the library does. */
export function openNetwork(spec: NetworkSpec): OpenNetwork {
  const key = keyOf(spec);
  const found = opened.get(key) ?? make(spec);
  opened.delete(key);
  opened.set(key, found); // the newest last
  if (opened.size > mostOpened) opened.delete(opened.keys().next().value!);
  return found;
}

function make(spec: NetworkSpec): OpenNetwork {
  const network = build(spec);
  const loaded = spec.weights === undefined ? undefined : weightFiles.get(spec.weights);
  if (!loaded) return lazily(network, spec.kind === "file");
  return { graph: network.graph, weights: merged(network, loaded), trained: true };
}

/** Keeps `weights` a getter: drawing millions of numbers waits until somebody looks at them. */
function lazily(network: Pick<OpenNetwork, "graph" | "weights">, trained: boolean): OpenNetwork {
  return {
    graph: network.graph,
    trained,
    get weights() {
      return network.weights;
    },
  };
}

function build(spec: NetworkSpec): Pick<OpenNetwork, "graph" | "weights"> {
  if (spec.kind === "file") {
    const file = files.get(spec.id);
    if (!file) throw new SabokError("The engine does not have this file any more; drop it again.");
    return file;
  }
  const { width, size, classes } = spec;
  const options = { classes, input: [3, size, size] as const, ...(width === 1 ? {} : { width }) };
  if (spec.kind === "blocks") return blockStringNetwork(spec.text, options);
  const hasWidth = models.find(({ name }) => name === spec.name)?.hasWidth ?? false;
  const { width: _, ...plain } = options;
  return namedNetwork(spec.name, { ...(hasWidth ? options : plain), strides: "fitted" });
}

/** The network's own weights, those of the file put in their place. The file was checked when it was read. */
function merged(
  network: Pick<OpenNetwork, "graph" | "weights">,
  loaded: ReadonlyMap<string, Tensor>,
): Map<string, Tensor> {
  const weights = new Map(network.weights);
  for (const [name, tensor] of loaded)
    if (weights.get(name)?.shape.join() === tensor.shape.join()) weights.set(name, tensor);
  return weights;
}
