// The network of a run that begins with weights learnt elsewhere: keys checked one by one, the head swapped for the data's classes.
import { SabokError, type Tensor } from "../core/index.ts";
import type { ChannelStatistics, Dataset } from "../data/index.ts";
import { makeValue, rewriteGraph, shapeOf, verifyGraph, type Graph } from "../graph/index.ts";
import { namedNetwork, blockStringNetwork } from "../nn/models/index.ts";
import type { FitOptions } from "../train/index.ts";
import type { ModelMetadata } from "../onnx/index.ts";
import { opTable } from "../ops/index.ts";
import { withInputShapes } from "../passes/index.ts";
import { costOf, describe, type ChosenNetwork, type NetworkChoice } from "./buildNetwork.ts";
import { headOf, statesOfHead, withClasses } from "./headOf.ts";
import { expectMatch, guessModel, matchWeights, mismatches, type Mismatch } from "./matchWeights.ts";
import type { Naming } from "./publishedNames.ts";

/** Weights that a run begins with, as they were read. */
export interface Pretrained {
  /** What the user called them: a path, "timm/mobilenetv2_100.ra_in1k". */
  readonly from: string;
  readonly weights: ReadonlyMap<string, Tensor>;
  /** The network they are of, where its file has it: a run's, an ONNX model's. */
  readonly graph?: Graph;
  readonly metadata: ModelMetadata;
  /** Of the file they were read from. */
  readonly sha256: string;
  /** Where it was downloaded from. */
  readonly address?: string;
}

export interface TransferRequest {
  readonly pretrained: Pretrained;
  /** Train the head alone: all other weights, and the norms' running statistics, stay as they are. */
  readonly freeze?: boolean;
}

/** What a run keeps of where its first weights came from. */
export interface TransferRecord {
  readonly from: string;
  readonly sha256: string;
  readonly address?: string;
  readonly naming: Naming | "own";
  readonly freeze: boolean;
  /** Keys that were taken. */
  readonly matched: number;
  /** The last layer; `swapped` says whether it was drawn anew. */
  readonly head: { readonly name: string; readonly swapped: boolean };
  /** Keys of the file that the network has no place for. */
  readonly unexpected: readonly string[];
  /** What images are normalised by: what the weights were trained with. */
  readonly statistics?: ChannelStatistics;
}

export interface Start {
  readonly network: { readonly graph: Graph; readonly weights: ReadonlyMap<string, Tensor> };
  readonly chosen: ChosenNetwork;
  readonly transfer: TransferRecord;
  readonly mismatches: readonly Mismatch[];
  /** What was assumed, as sentences. */
  readonly notes: readonly string[];
}

/** The statistics of ImageNet's training images, with which published weights are trained. */
const imageNet: ChannelStatistics = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/**
 * The network a run begins with. Without a choice it is the weights' own graph, or the model whose keys they have. Throws a SabokError
 * with a table of the keys that do not fit, and the model the weights look like.
 */
export function startFrom(
  { pretrained, freeze = false }: TransferRequest,
  choice: NetworkChoice | undefined,
  dataset: Dataset,
  seed: number,
): Start {
  const { from, graph, metadata, sha256, address } = pretrained;
  if (choice && choice.kind !== "model" && choice.kind !== "blocks")
    throw new SabokError(
      `--from ${from}: a network chosen by its budget or depth has no published weights; name one by --model, or leave that out.`,
    );
  const started =
    graph && !choice ? ownGraph(pretrained, graph, dataset, seed) : named(pretrained, choice, dataset, seed);
  const { mean, std } = metadata;
  const isKnown = mean?.length === dataset.channels && std?.length === dataset.channels;
  const statistics = isKnown ? { mean, std } : dataset.channels === 3 ? imageNet : undefined;
  const notes = isKnown
    ? []
    : [
        statistics
          ? `${from} does not say its normalisation: ImageNet's mean and deviation are taken.`
          : `${from} does not say its normalisation: that of the images is taken.`,
      ];
  return {
    ...started,
    notes: [...started.notes, ...notes],
    transfer: {
      ...started.transfer,
      from,
      sha256,
      freeze,
      ...(address !== undefined && { address }),
      ...(statistics && { statistics }),
    },
  };
}

/** The options of training that follow from where the weights came from. */
export function transferOptions(
  transfer: TransferRecord | undefined,
  graph: Graph,
): Pick<FitOptions, "trainable" | "freezeStatistics" | "statistics"> {
  if (!transfer) return {};
  const { freeze, statistics } = transfer;
  const head = new Set(statesOfHead(headOf(graph)!));
  return {
    ...(statistics && { statistics }),
    ...(freeze && { freezeStatistics: true, trainable: (name: string) => head.has(name) }),
  };
}

type Started = Omit<Start, "transfer"> & {
  readonly transfer: Pick<TransferRecord, "naming" | "matched" | "head" | "unexpected">;
};

/** The weights' own network for these images and classes. */
function ownGraph(
  { from, weights, metadata }: Pretrained,
  graph: Graph,
  { classes, channels, height, width }: Dataset,
  seed: number,
): Started {
  const [input, ...others] = Object.keys(graph.inputs);
  const head = headOf(graph);
  if (others.length > 0 || !head)
    throw new SabokError(
      `${from}: not a classifier of one image whose last layer makes the classes; its head cannot be swapped.`,
    );
  const [, own] = shapeOf(graph.inputs[input!]!);
  if (own !== channels)
    throw new SabokError(
      `${from}: its images have ${own} channels, the data's ${channels}; they cannot be fed to it.`,
    );
  const keeps = metadata.classes?.join("\n") === classes.join("\n");
  const batch = shapeOf(graph.inputs[input!]!)[0]!;
  const network = keeps ? { graph, weights } : withClasses({ graph, weights }, classes.length, seed);
  const resized = withInputShapes(network.graph, { [input!]: [batch, channels, height, width] });
  return {
    network: { graph: resized, weights: network.weights },
    chosen: costOf(
      { graph: resized },
      metadata.description?.split(", trained on ")[0] ?? `the network of ${from}`,
    ),
    transfer: {
      naming: "own",
      matched: weights.size - (keeps ? 0 : statesOfHead(head).length),
      head: { name: head.name, swapped: !keeps },
      unexpected: [],
    },
    mismatches: [],
    notes: hasFixedNorms(graph)
      ? [`${from} is an inference graph: its batch norms keep their running statistics.`]
      : [],
  };
}

function hasFixedNorms({ values, updates }: Graph): boolean {
  return updates.length === 0 && values.some(({ op }) => op === "batchNorm");
}

/** A model of the list with the weights in it. */
function named(
  { from, weights }: Pretrained,
  given: (NetworkChoice & { kind: "model" | "blocks" }) | undefined,
  { classes, channels, height, width }: Dataset,
  seed: number,
): Started {
  const guess = given ? undefined : guessModel(weights);
  if (!given && !guess)
    throw new SabokError(
      `${from}: its keys are those of none of sabok's models (sabok models lists them); name the network by --model or --blocks.`,
    );
  const choice = given ?? {
    kind: "model" as const,
    name: guess!.name,
    ...(guess!.width !== undefined && { width: guess!.width }),
  };
  const options = {
    classes: classes.length,
    input: [channels, height, width] as const,
    seed,
    // Other strides would show the layers another scale than the one they learnt.
    strides: "published" as const,
    ...(choice.width !== undefined && { width: choice.width }),
    ...(choice.dropout !== undefined && { dropout: choice.dropout }),
  };
  const built =
    choice.kind === "model" ? namedNetwork(choice.name, options) : blockStringNetwork(choice.blocks, options);
  const match = matchWeights(built.graph, weights);
  const description = describe(choice);
  if (channels === 1 && match.wrongShape.some(({ got }) => got[1] === 3))
    throw new SabokError(
      `${from}: the weights are for colour images, and the data's are grey; give colour images.`,
    );
  expectMatch(match, weights, from, description);
  // timm trains its MobileNetV3 with PyTorch's ε, torchvision with the paper's.
  const epsilon = match.naming === "timm" ? 1e-5 : undefined;
  const graph = epsilon === undefined ? built.graph : withEpsilon(built.graph, epsilon);
  const network = { graph, weights: new Map([...built.weights, ...match.matched]) };
  return {
    network,
    chosen: costOf(network, description),
    transfer: {
      naming: match.naming,
      matched: match.matched.size,
      head: { name: match.head.name, swapped: true },
      unexpected: match.unexpected,
    },
    mismatches: mismatches(match),
    notes: guess ? [`${from} has the keys of ${description}, which is taken.`] : [],
  };
}

function withEpsilon(graph: Graph, epsilon: number): Graph {
  const changed = rewriteGraph(graph, opTable, ({ value, inputs }) => {
    if (value.op !== "batchNorm") return null;
    const { name, op, type, attrs } = value;
    return makeValue({ name, op, type, inputs, attrs: { ...attrs, epsilon } });
  });
  return verifyGraph(changed, opTable, "withEpsilon");
}
