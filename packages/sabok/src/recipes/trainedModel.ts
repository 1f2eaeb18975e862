// A trained classifier as its files hold it: the network, its classes, and how an image becomes its input.
import { SabokError, type Tensor } from "../core/index.ts";
import type { ChannelStatistics } from "../data/index.ts";
import { isState, shapeOf, type Graph } from "../graph/index.ts";
import { fromOnnx, readModelJson, readSafetensors, type ModelMetadata } from "../onnx/index.ts";
import { keptWeights, readCheckpoint } from "./checkpoint.ts";
import { withoutSoftmax } from "./headOf.ts";
import { readText, runFiles, type RunStore } from "./runStore.ts";

export interface TrainedModel {
  /** Training or inference form. */
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, Tensor>;
  /** What its file says about it. */
  readonly metadata: ModelMetadata;
  /** The names of the classes, in the order of the logits. */
  readonly classes: readonly string[];
  readonly statistics: ChannelStatistics;
  /** Of an image. */
  readonly shape: { readonly channels: number; readonly height: number; readonly width: number };
  /** What the user should know, in sentences: what was assumed, or that the run is not finished. */
  readonly notes: readonly string[];
}

/**
 * The model of a run: the finished one, or, while the run is not finished, the weights it would keep at its checkpoint.
 * Throws a SabokError where the store has neither, or its files do not fit together.
 */
export async function loadRun(store: RunStore): Promise<TrainedModel> {
  const document = await readText(store, runFiles.graph);
  const bytes = await store.read(runFiles.weights);
  if (document !== undefined && bytes) {
    const { graph, metadata } = readModelJson(document);
    const { tensors } = readSafetensors(bytes);
    const states = graph.values.filter(isState);
    const missing = states.find(({ name, type }) => tensors.get(name)?.shape.join() !== type.shape.join());
    if (missing)
      throw new SabokError(
        `${store.name}: ${runFiles.weights} is of another network than ${runFiles.graph}: it has no "${missing.name}" of shape [${shapeOf(missing)}].`,
      );
    return trainedModel(graph, tensors, metadata, store.name);
  }
  const saved = await readCheckpoint(store);
  if (!saved)
    throw new SabokError(
      `${store.name}: holds neither a model (${runFiles.graph}, ${runFiles.weights}) nor a checkpoint.`,
    );
  const { graph, checkpoint, record } = saved;
  const note = `The run in ${store.name} is not finished: these are its weights after ${checkpoint.epoch} of ${record.options.epochs} epochs.`;
  return trainedModel(graph, keptWeights(graph, checkpoint.states), record.model, store.name, [note]);
}

/** The model of an ONNX file; what its metadata does not say is assumed, and said. */
export function loadOnnx(bytes: Uint8Array, name: string): TrainedModel {
  return loadClassifier(fromOnnx(bytes), name);
}

/**
 * A model that was read from a file of any format as a classifier of images; a softmax at its end falls away, as its outputs are taken for
 * logits. What its metadata does not say is assumed, and said. Throws a SabokError where it is no such classifier.
 */
export function loadClassifier(
  {
    graph,
    weights,
    metadata,
  }: {
    readonly graph: Graph;
    readonly weights: ReadonlyMap<string, Tensor>;
    readonly metadata: ModelMetadata;
  },
  name: string,
): TrainedModel {
  return trainedModel(withoutSoftmax(graph), weights, metadata, name);
}

function trainedModel(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  metadata: ModelMetadata,
  name: string,
  notes: readonly string[] = [],
): TrainedModel {
  const inputs = Object.values(graph.inputs);
  const outputs = Object.values(graph.outputs);
  const [input, output] = [inputs[0], outputs[0]];
  if (
    inputs.length !== 1 ||
    outputs.length !== 1 ||
    shapeOf(input!).length !== 4 ||
    shapeOf(output!).length !== 2
  )
    throw new SabokError(
      `${name}: not an image classifier of one input [N,C,H,W] and one output [N,classes]: ` +
        `it has ${inputs.map((value) => `${value.name} [${shapeOf(value)}]`).join(", ")} and ${outputs.map((value) => `[${shapeOf(value)}]`).join(", ")}.`,
    );
  const [, channels, height, width] = shapeOf(input!) as [number, number, number, number];
  const count = shapeOf(output!)[1]!;
  const assumed: string[] = [];
  const { classes, mean, std } = metadata;
  const knowsClasses = classes?.length === count;
  if (!knowsClasses) assumed.push(`no names for its ${count} classes: they are numbered`);
  const knowsStatistics = mean?.length === channels && std?.length === channels;
  if (!knowsStatistics)
    assumed.push("no normalisation: mean 0.5 and deviation 0.5 are assumed, pixels from −1 to 1");
  return {
    graph,
    weights,
    metadata,
    classes: knowsClasses ? classes : Array.from({ length: count }, (_, i) => String(i)),
    statistics: knowsStatistics
      ? { mean, std }
      : {
          mean: Array.from({ length: channels }, () => 0.5),
          std: Array.from({ length: channels }, () => 0.5),
        },
    shape: { channels, height, width },
    notes: [...notes, ...assumed.map((what) => `${name} gives ${what}.`)],
  };
}
