// The network that `sabok analyze` is asked about: a model by name, blocks, a run's folder or a file.
import { existsSync } from "node:fs";
import type { Network } from "sabok";
import { withImageSize } from "sabok/analysis";
import { models, namedNetwork } from "sabok/models";
import type { ModelMetadata } from "sabok/onnx";
import { UsageError, numberOption } from "./command.ts";
import { openModelFile, readModelArgs } from "./modelFiles.ts";

export interface AnalyzedNetwork {
  readonly network: Network;
  /** Whether its weights are trained. */
  readonly trained: boolean;
  readonly metadata: ModelMetadata;
}

/** `input` is the image size of `imageSizeOption`; the options that make a network go with a name or blocks only. */
export async function openAnalyzed(
  model: string,
  given: {
    readonly width?: string | undefined;
    readonly minimal?: boolean | undefined;
    readonly classes?: string | undefined;
    readonly input?: string | undefined;
  },
  input: readonly [number, number, number] | undefined,
): Promise<AnalyzedNetwork> {
  const width = numberOption("--width", given.width, { least: 0, open: true });
  const classes = numberOption("--classes", given.classes, { least: 1, whole: true });
  const isFile = /[\\/]|\.(onnx|json|safetensors)$/.test(model) || existsSync(model);
  if (!models.some(({ name }) => name === model) && isFile) {
    for (const [flag, value] of Object.entries({ width, classes, minimal: given.minimal || undefined }))
      if (value !== undefined)
        throw new UsageError(`--${flag} goes with a model's name or blocks; ${model} is what it is.`);
    const { graph, weights, metadata } = await openModelFile(
      model,
      given.input?.includes("=") ? readModelArgs({ input: given.input }) : {},
    );
    return {
      network: { graph: input ? withImageSize(graph, input) : graph, weights },
      trained: true,
      metadata,
    };
  }
  if (given.minimal && !/^mobilenet_v3_(large|small)$/.test(model))
    throw new UsageError("--minimal goes with mobilenet_v3_large and mobilenet_v3_small.");
  const network = namedNetwork(given.minimal ? `${model}_minimal` : model, {
    ...(width !== undefined && { width }),
    ...(classes !== undefined && { classes }),
    ...(input && { input }),
  });
  return { network, trained: false, metadata: {} };
}

/** Reads "3x224x224"; undefined where nothing is given, or shapes by name, as files take them. */
export function imageSizeOption(text: string | undefined): readonly [number, number, number] | undefined {
  if (text === undefined || text.includes("=")) return undefined;
  const match = /^(\d+)x(\d+)x(\d+)$/.exec(text.trim());
  const size = match?.slice(1).map(Number) as [number, number, number] | undefined;
  if (!size || size.some((n) => n < 1))
    throw new UsageError(`--input: got "${text}"; expected channels x height x width, such as 3x224x224.`);
  return size;
}
