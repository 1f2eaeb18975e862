// The options of sabok fit, and what they ask for.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { ArgsDef, ParsedArgs } from "citty";
import { datasetNames } from "sabok/node";
import {
  parseCount,
  type DataSource,
  type FitRequest,
  type NetworkChoice,
  type TrainingChoices,
} from "sabok/recipes";
import { UsageError, numberOption, wordOption } from "../command.ts";
import { shellWord } from "../fitView.ts";
import { version } from "../version.ts";

export const fitArgs = {
  data: {
    type: "positional",
    required: false,
    valueHint: "data",
    description: `${datasetNames.join(", ")}, or a folder: one sub-folder of images a class, IDX files or CIFAR-10's binary batches`,
  },
  budget: {
    type: "string",
    valueHint: "MACs",
    description: "Take the largest network of at most so many multiply-accumulates an image: 300K, 3M, 1.5G",
  },
  model: {
    type: "string",
    valueHint: "name",
    description: "Take this network instead; sabok models lists them",
  },
  blocks: {
    type: "string",
    valueHint: "text",
    description: 'Take the network of these blocks in timm\'s notation: "ds_r1_k3_s1_c16 ir_r2_k3_s2_e4_c24"',
  },
  width: {
    type: "string",
    valueHint: "factor",
    description: "Factor of the channels, with --model, --blocks or --depth",
  },
  depth: {
    type: "string",
    valueHint: "factor",
    description: "Factor of the number of blocks, without --budget, --model and --blocks",
  },
  from: {
    type: "string",
    valueHint: "weights",
    description:
      "Begin with weights learnt elsewhere: a .safetensors file with torchvision's or timm's names, an .onnx file, a run's folder, or timm/<name> or " +
      "torchvision/<name>, which is downloaded and checked; the last layer is swapped for the data's classes",
  },
  freeze: {
    type: "boolean",
    description:
      "With --from: train the last layer alone; all else, the batch norms' statistics too, stays as it is",
  },
  dropout: {
    type: "string",
    valueHint: "share",
    description: "Dropout before the last layer, with --model or --blocks; the network's own if not given",
  },
  out: {
    type: "string",
    alias: "o",
    valueHint: "folder",
    description: "The run's folder; runs/<data> if not given",
  },
  force: { type: "boolean", description: "Replace the run that the folder holds" },
  resume: {
    type: "string",
    valueHint: "folder",
    description: "Go on with an interrupted run, with the options it was begun with",
  },
  epochs: { type: "string", valueHint: "n", description: "Passes over the training images" },
  batch: { type: "string", valueHint: "n", description: "Images a step" },
  optimizer: { type: "string", valueHint: "name", description: "sgd (Nesterov momentum) or adamw" },
  lr: {
    type: "string",
    valueHint: "rate",
    description: "Peak learning rate; it rises in the warm-up and falls as a cosine",
  },
  warmup: { type: "string", valueHint: "epochs", description: "Epochs of warm-up" },
  "weight-decay": {
    type: "string",
    valueHint: "factor",
    description: "On convolution and linear weights only",
  },
  smoothing: { type: "string", valueHint: "share", description: "Label smoothing" },
  ema: {
    type: "string",
    valueHint: "decay",
    description: "Decay of the averaged weights, which are the ones kept; 0 for none",
  },
  mixup: {
    type: "string",
    valueHint: "alpha",
    description: "Mix images by a Beta(alpha, alpha) weight; 0 for none",
  },
  shift: {
    type: "string",
    valueHint: "pixels",
    description: "Shift images by up to so many pixels; 0 for none",
  },
  flip: {
    type: "boolean",
    negativeDescription: "Do not mirror",
    description: "Mirror images at random; if not given, where the classes allow it",
  },
  seed: {
    type: "string",
    valueHint: "n",
    description: "Of splits, first weights, order and augmentation: the same seed gives the same bits",
  },
  threads: {
    type: "string",
    valueHint: "n",
    description:
      "Threads that share the work, as many as cores if not given; the weights are the same bits for any number",
  },
  size: { type: "string", valueHint: "pixels", description: "Resize images to this side" },
  val: {
    type: "string",
    valueHint: "share",
    description: "Share of the training images held out for validation",
  },
  "data-dir": { type: "string", valueHint: "folder", description: "Where the files of a named data set lie" },
  download: { type: "boolean", description: "Fetch a named data set that is not on this machine" },
  "skip-bad": { type: "boolean", description: "Go on without images that do not decode, and list them" },
} as const satisfies ArgsDef;

export type FitArgs = ParsedArgs<typeof fitArgs>;

/** What the command line asks for, but the weights to begin with. Throws a UsageError for options that contradict each other. */
export function readRequest(given: FitArgs): FitRequest {
  if (given.data === undefined)
    throw new UsageError(
      `What should be learnt? Give a data set (${datasetNames.join(", ")}) or a folder of images.`,
    );
  return {
    source: readSource(given.data, given),
    ...readNetwork(given),
    training: readTraining(given),
    provenance: { command: commandLine(), version: version() },
  };
}

/** Folders as absolute paths, so that the run can be resumed from anywhere. */
function readSource(data: string, given: FitArgs): DataSource {
  const size = numberOption("--size", given.size, { least: 8, whole: true });
  const validation = numberOption("--val", given.val, { least: 0, most: 0.9 });
  return {
    data: (datasetNames as readonly string[]).includes(data) || !existsSync(data) ? data : resolve(data),
    ...(given["data-dir"] !== undefined && { dataDir: resolve(given["data-dir"]) }),
    ...(size !== undefined && { size }),
    ...(validation !== undefined && { validation }),
    ...(given["skip-bad"] && { skipBad: true }),
  };
}

function readNetwork(given: FitArgs): Pick<FitRequest, "network"> {
  const { budget, model, blocks, from, freeze } = given;
  if (from === undefined && freeze)
    throw new UsageError("--freeze goes with --from: drawn weights have learnt nothing yet.");
  const isSaid = (model ?? blocks ?? given.width ?? given.depth ?? budget) !== undefined;
  if (from !== undefined && !isSaid) {
    if (given.dropout !== undefined) throw new UsageError("--dropout goes with --model or --blocks.");
    return {};
  }
  if (from !== undefined && (model ?? blocks) === undefined)
    throw new UsageError(
      "--from takes --model or --blocks, or the network the weights are of; leave out --budget, --width and --depth.",
    );
  return { network: readChoice(given) };
}

function readChoice({ budget, model, blocks, ...given }: FitArgs): NetworkChoice {
  const width = numberOption("--width", given.width, { least: 0, open: true });
  const depth = numberOption("--depth", given.depth, { least: 0, open: true });
  const dropout = numberOption("--dropout", given.dropout, { least: 0, most: 0.9 });
  const sized = width === undefined ? {} : { width };
  if (model !== undefined && blocks !== undefined)
    throw new UsageError("Give --model or --blocks, not both.");
  if ((model ?? blocks) !== undefined) {
    if (depth !== undefined)
      throw new UsageError(
        "--depth goes with neither --model nor --blocks; it is for the family that --budget chooses from.",
      );
    const dropping = dropout === undefined ? {} : { dropout };
    return model !== undefined
      ? { kind: "model", name: model, ...sized, ...dropping }
      : { kind: "blocks", blocks: blocks!, ...sized, ...dropping };
  }
  if (dropout !== undefined) throw new UsageError("--dropout goes with --model or --blocks.");
  if (budget !== undefined) {
    if (width !== undefined || depth !== undefined)
      throw new UsageError("--budget chooses width and depth; leave it out, or them.");
    return { kind: "budget", macs: parseBudget(budget) };
  }
  if (width !== undefined || depth !== undefined)
    return { kind: "family", ...sized, ...(depth !== undefined && { depth }) };
  throw new UsageError(
    "Which network? Give a budget of multiply-accumulates (--budget 3M), or --model or --blocks.",
  );
}

function parseBudget(text: string): number {
  try {
    return parseCount(text);
  } catch (error) {
    throw new UsageError(`--budget: ${(error as Error).message}`);
  }
}

function readTraining(given: FitArgs): TrainingChoices {
  const numbers = {
    epochs: numberOption("--epochs", given.epochs, { least: 1, whole: true }),
    batch: numberOption("--batch", given.batch, { least: 1, whole: true }),
    learningRate: numberOption("--lr", given.lr, { least: 0, open: true }),
    warmupEpochs: numberOption("--warmup", given.warmup, { least: 0 }),
    weightDecay: numberOption("--weight-decay", given["weight-decay"], { least: 0 }),
    smoothing: numberOption("--smoothing", given.smoothing, { least: 0, most: 0.9 }),
    averageDecay: numberOption("--ema", given.ema, { least: 0, most: 0.999999 }),
    mixup: numberOption("--mixup", given.mixup, { least: 0 }),
    shift: numberOption("--shift", given.shift, { least: 0, whole: true }),
    seed: numberOption("--seed", given.seed, { least: 0, most: 2 ** 32 - 1, whole: true }),
    optimizer: wordOption("--optimizer", given.optimizer, ["sgd", "adamw"]),
    flip: given.flip,
  };
  return Object.fromEntries(
    Object.entries(numbers).filter(([, value]) => value !== undefined),
  ) as TrainingChoices;
}

function commandLine(): string {
  return ["sabok", ...process.argv.slice(2)].map(shellWord).join(" ");
}
