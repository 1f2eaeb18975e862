// The analysis as the JSON of `sabok analyze --json`: plain, documented in docs/analyze.md, its keys never renamed.
import type { Shape } from "../core/index.ts";
import type { Pair } from "../graph/index.ts";
import type { Peaks } from "../runtime/index.ts";
import type { Analysis } from "./analyze.ts";
import type { ElementOperations, Uncounted } from "./elementOperations.ts";
import type { Finding } from "./lint/rule.ts";
import type { ReceptiveField } from "./receptiveField/receptiveField.ts";
import { predictedTime, rooflineTime, type PredictedTime } from "./roofline.ts";

/** A receptive field as JSON has it. */
export interface ReceptiveFieldDocument {
  readonly size: Pair | "global";
  readonly stride: Pair | null;
  /** The first input pixel that output (0,0) sees. */
  readonly offset: Pair | null;
  readonly relative: ReceptiveField["relative"];
  /** The size with gates over the whole map set aside; null behind a global pooling. */
  readonly local: Pair | null;
}

/** A number for inference on one image and one for a training batch, null where there is no training step. */
export interface InferenceAndTraining {
  readonly inference: number;
  readonly training: number | null;
}

/** The stable shape of `sabok analyze --json`. */
export interface AnalysisDocument {
  readonly model: string;
  readonly input: Shape;
  readonly params: number;
  readonly macs: number;
  readonly flops: number;
  readonly complete: boolean;
  readonly activationPeakBytes: InferenceAndTraining;
  readonly receptiveField: ReceptiveFieldDocument & {
    /** The share of the field's pixels that one output reads; gates over the whole map set aside. 1: no holes. */
    readonly coverage: number;
    /** Standard deviation of the gradient, root mean square of both axes; null where it was not measured. */
    readonly effectiveStd: number | null;
    /** [top, left, bottom, right]: how far the outputs' fields reach out of the input. */
    readonly padding: ReceptiveField["padding"];
    /** The layer whose field this is. */
    readonly at: string;
  };
  readonly layers: readonly {
    readonly name: string;
    readonly op: string;
    readonly output: Shape;
    readonly params: number;
    readonly macs: number;
    readonly receptiveField: ReceptiveFieldDocument | null;
    /** Bytes it moves at least, weights included. */
    readonly bytes: number;
    /** The least seconds on the measured machine; null where none was measured. */
    readonly seconds: number | null;
  }[];
  readonly lint: readonly Finding[];
  /** No plan can do with less than this. */
  readonly activationLowerBoundBytes: InferenceAndTraining;
  /** Images in the training batch of the two above, and of the lint. */
  readonly batch: number;
  /** Single operations for one image, not counted in `macs`. */
  readonly elementOperations: ElementOperations;
  /** What is missing where `complete` is false. */
  readonly uncounted: readonly Uncounted[];
  /** By the roofline of the measured machine; null where none was measured. */
  readonly time: PredictedTime | null;
}

export interface Measurements {
  /** From effectiveField or verifyReceptiveField. */
  readonly effectiveStd?: Pair;
  /** From machinePeaks. */
  readonly peaks?: Peaks;
}

/** The analysis as plain data, with what was measured beside it. */
export function analysisDocument(
  analysis: Analysis,
  { effectiveStd, peaks }: Measurements = {},
): AnalysisDocument {
  const { model, input, params, macs, flops, complete, memory, layers, receptiveField } = analysis;
  return {
    model,
    input,
    params,
    macs,
    flops,
    complete,
    activationPeakBytes: { inference: memory.inference.bytes, training: memory.training?.bytes ?? null },
    receptiveField: {
      ...fieldDocument(receptiveField),
      coverage: analysis.coverage?.share ?? 1,
      effectiveStd: effectiveStd ? Math.sqrt((effectiveStd[0] ** 2 + effectiveStd[1] ** 2) / 2) : null,
      padding: receptiveField.padding,
      at: analysis.at,
    },
    layers: layers.map((layer) => ({
      name: layer.name,
      op: layer.op,
      output: layer.output,
      params: layer.params,
      macs: layer.macs,
      receptiveField: layer.receptiveField && fieldDocument(layer.receptiveField),
      bytes: layer.bytes,
      seconds: peaks ? rooflineTime(layer.macs, layer.bytes, peaks).seconds : null,
    })),
    lint: analysis.lint,
    activationLowerBoundBytes: {
      inference: memory.inference.lowerBound,
      training: memory.training?.lowerBound ?? null,
    },
    batch: memory.batch,
    elementOperations: analysis.elements,
    uncounted: analysis.uncounted,
    time: peaks ? predictedTime(layers, peaks) : null,
  };
}

function fieldDocument({ size, stride, offset, relative, local }: ReceptiveField): ReceptiveFieldDocument {
  return { size, stride, offset, relative, local };
}
