// Everything that can be said about a network without running it, in one object.
import { SabokError, type Shape, type Tensor } from "../core/index.ts";
import { shapeOf, type Graph, type Value } from "../graph/index.ts";
import { withInputShapes } from "../passes/index.ts";
import { inferenceMemory, trainingMemory, type MemoryPeak } from "./activationMemory.ts";
import { layerTable, layersOf } from "./cost.ts";
import { elementOperations, type ElementOperations, type Uncounted } from "./elementOperations.ts";
import { lint, type LintOptions } from "./lint/lint.ts";
import type { Finding } from "./lint/rule.ts";
import { fieldsOf, type Fields } from "./receptiveField/fields.ts";
import {
  coverageOf,
  lastMap,
  receptiveFieldOf,
  valueNamed,
  type Coverage,
  type ReceptiveField,
} from "./receptiveField/receptiveField.ts";
import { trafficOf } from "./roofline.ts";

export interface AnalyzeOptions extends Omit<LintOptions, "weights"> {
  /** What to call the network. Default "network". */
  readonly model?: string;
  /** The layer whose receptive field is the network's figure. Default: the last map before the pooling. */
  readonly at?: string;
  /** Another image size, [C,H,W]. */
  readonly input?: readonly [number, number, number];
  /** Whether the weights are trained ones, which the lint may judge. Default false. */
  readonly trained?: boolean;
}

export interface AnalyzedLayer {
  readonly name: string;
  readonly op: string;
  /** Of one image. */
  readonly output: Shape;
  readonly params: number;
  readonly macs: number;
  /** Of the network's MACs. */
  readonly share: number;
  /** Bytes it moves at least, for one image in float32, weights included. */
  readonly bytes: number;
  /** Null where it does not see the image. */
  readonly receptiveField: ReceptiveField | null;
}

export interface Analysis {
  readonly model: string;
  /** [C,H,W]. */
  readonly input: Shape;
  readonly params: number;
  readonly macs: number;
  /** 2 · macs. */
  readonly flops: number;
  /** Whether everything could be counted; `uncounted` says what not. */
  readonly complete: boolean;
  readonly uncounted: readonly Uncounted[];
  readonly elements: ElementOperations;
  /** Of one image in inference, and of a training batch; training is null where there is no training step. */
  readonly memory: {
    readonly inference: MemoryPeak;
    readonly training: MemoryPeak | null;
    readonly batch: number;
  };
  /** Whose receptive field `receptiveField` is. */
  readonly at: string;
  readonly receptiveField: ReceptiveField;
  readonly coverage: Coverage | null;
  readonly layers: readonly AnalyzedLayer[];
  readonly lint: readonly Finding[];
  /** What every value sees, for further questions. */
  readonly fields: Fields;
  /** The value that `at` names. */
  readonly map: Value;
}

/**
 * Analyses a network. Throws SabokError where it has no image input or no layer of the asked name, and ShapeError, which
 * names the layer, where the image is too small for it.
 */
export function analyze(
  network: { readonly graph: Graph; readonly weights?: ReadonlyMap<string, Tensor> },
  options: AnalyzeOptions = {},
): Analysis {
  const { model = "network", at, input, trained = false, batch = 32, ...lintOptions } = options;
  const graph = input ? withImageSize(network.graph, input) : network.graph;
  const fields = fieldsOf(graph);
  const inference = fields.graph;
  const map = at === undefined ? lastMap(fields) : valueNamed(fields, at);
  const { rows, parameters, macs } = layerTable(inference);
  const { counted, uncounted } = elementOperations(inference);
  const training = trainingOf(graph, batch);
  const missing = "reason" in training ? [...uncounted, training] : uncounted;
  const layers = layersOf(inference).map((layer, i): AnalyzedLayer => {
    const { name, op, shape, parameters: params, macs: own } = rows[i]!;
    const value = layer.values.at(-1)!;
    const seen = fields.seen.get(value);
    return {
      name,
      op,
      output: shape,
      params,
      macs: own,
      share: macs > 0 ? own / macs : 0,
      bytes: trafficOf(inference, layer),
      receptiveField: seen && seen.unknown === undefined ? receptiveFieldOf(fields, value) : null,
    };
  });
  const weights = trained ? network.weights : undefined;
  return {
    model,
    input: shapeOf(fields.image).slice(1),
    params: parameters,
    macs,
    flops: 2 * macs,
    complete: missing.length === 0,
    uncounted: missing,
    elements: counted,
    memory: {
      inference: inferenceMemory(inference),
      training: "reason" in training ? null : training,
      batch,
    },
    at: map.name === "" ? map.op : map.name,
    receptiveField: receptiveFieldOf(fields, map),
    coverage: coverageOf(fields, map),
    layers,
    lint: lint(graph, fields, { ...lintOptions, batch, ...(weights && { weights }) }),
    fields,
    map,
  };
}

/**
 * The same network for images of another size, [C,H,W]. Throws SabokError where it takes other channels, and ShapeError,
 * which names the layer, where the image is too small for it.
 */
export function withImageSize(graph: Graph, input: readonly [number, number, number]): Graph {
  const [name, image] = Object.entries(graph.inputs).find(([, value]) => shapeOf(value).length === 4) ?? [];
  if (name === undefined || !image) return graph;
  const [batch, channels] = shapeOf(image) as [number, number];
  if (channels !== input[0])
    throw new SabokError(
      `The network takes images of ${channels} channels, got an input of ${input.join("x")}; give ${channels}x${input[1]}x${input[2]}.`,
    );
  return withInputShapes(graph, { [name]: [batch, ...input] });
}

/** The memory of a training step, or why there is none. */
function trainingOf(graph: Graph, batch: number): MemoryPeak | Uncounted {
  try {
    return trainingMemory(graph, batch);
  } catch (error) {
    if (!(error instanceof SabokError)) throw error;
    return { name: "training step", op: "gradient", reason: error.message };
  }
}
