// sabok fit: from images to a trained network and its report.
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, resolve } from "node:path";
import type { ArgsDef, ParsedArgs } from "citty";
import {
  createRunFolder,
  datasetNames,
  openDataset,
  openRunFolder,
  type DataProgress,
  type RunFolder,
} from "sabok/node";
import {
  fitImages,
  parseCount,
  resumeFit,
  type DataSource,
  type FitOutcome,
  type FitRequest,
  type NetworkChoice,
  type OpenImages,
  type RunHooks,
  type TrainingChoices,
} from "sabok/recipes";
import { UsageError, defineCommand, numberOption, wordOption } from "../command.ts";
import { shellWord, showFitEvent, showResult } from "../fitView.ts";
import { formatBytes, formatInteger } from "../format.ts";
import { abortOnSignals, interruptedStatus } from "../interrupts.ts";
import type { Terminal } from "../terminal.ts";
import { version } from "../version.ts";

const args = {
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

type FitArgs = ParsedArgs<typeof args>;

export const fitCommand = defineCommand({
  name: "fit",
  summary: "train a network on images and write it out",
  description:
    "Trains a classifier on images and writes model.onnx, model.safetensors, model.json, metrics.jsonl, checkpoint/ and report.html into a folder. " +
    "Ctrl-C saves a checkpoint; --resume goes on from it to the same bits. " +
    'With --json, stdout has one JSON object a line: {"type":"epoch",…} after each epoch, {"type":"result",…} at the end ' +
    '({"type":"stopped",…} after Ctrl-C, {"type":"error",…} after a problem).',
  args,
  examples: [
    ["sabok fit fashion-mnist --budget 3M --out runs/first", "The largest network of 3 million MACs"],
    [
      "sabok fit photos --budget 20M --size 96 --epochs 40",
      "Your own images: photos/cat/1.jpg, photos/dog/1.jpg …",
    ],
    ["sabok fit cifar10 --model mobilenet_v2 --width 0.5 --download", "A network by name"],
    ["sabok fit --resume runs/first", "Go on with a run that was interrupted"],
  ],
  async run(given, terminal) {
    const controller = new AbortController();
    const release = abortOnSignals(
      controller,
      terminal,
      "Stopping after this step and saving a checkpoint …",
    );
    const hooks: RunHooks = {
      onEvent: (event) => showFitEvent(terminal, event),
      signal: controller.signal,
      threads:
        numberOption("--threads", given.threads, { least: 1, most: 64, whole: true }) ??
        Math.min(mostThreads, availableParallelism()),
    };
    try {
      const { outcome, folder } =
        given.resume === undefined
          ? await begin(given, terminal, hooks)
          : await resume(given.resume, given, terminal, hooks);
      return conclude(outcome, folder.name, terminal);
    } finally {
      release();
    }
  },
});

/** More do not make networks of this size faster. */
const mostThreads = 8;

interface Ended {
  readonly outcome: FitOutcome;
  readonly folder: RunFolder;
}

async function begin(given: FitArgs, terminal: Terminal, hooks: RunHooks): Promise<Ended> {
  const request = readRequest(given);
  const out = given.out ?? freeFolder(request.source.data);
  const folder = await createRunFolder(out, { replace: given.force ?? false });
  try {
    const outcome = await fitImages(request, imageOpener(terminal, given.download ?? false), folder, hooks);
    return { outcome, folder };
  } catch (error) {
    await folder.discard();
    throw error;
  }
}

/** What goes with --resume; everything else comes from the checkpoint. */
const allowedWithResume = new Set(["resume", "json", "download", "threads"]);

async function resume(path: string, given: FitArgs, terminal: Terminal, hooks: RunHooks): Promise<Ended> {
  for (const name of Object.keys(args))
    if (!allowedWithResume.has(name) && given[name] !== undefined)
      throw new UsageError(
        name === "data"
          ? "--resume takes no data: the images come from where the run had them."
          : `--${name} does not go with --resume: every option comes from the checkpoint.`,
      );
  const folder = await openRunFolder(path, { write: true });
  return { outcome: await resumeFit(imageOpener(terminal, given.download ?? false), folder, hooks), folder };
}

function readRequest(given: FitArgs): FitRequest {
  if (given.data === undefined)
    throw new UsageError(
      `What should be learnt? Give a data set (${datasetNames.join(", ")}) or a folder of images.`,
    );
  return {
    source: readSource(given.data, given),
    network: readNetwork(given),
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

function readNetwork({ budget, model, blocks, ...given }: FitArgs): NetworkChoice {
  const width = numberOption("--width", given.width, { least: 0, open: true });
  const depth = numberOption("--depth", given.depth, { least: 0, open: true });
  const sized = width === undefined ? {} : { width };
  if (model !== undefined && blocks !== undefined)
    throw new UsageError("Give --model or --blocks, not both.");
  if ((model ?? blocks) !== undefined) {
    if (depth !== undefined)
      throw new UsageError(
        "--depth goes with neither --model nor --blocks; it is for the family that --budget chooses from.",
      );
    return model !== undefined
      ? { kind: "model", name: model, ...sized }
      : { kind: "blocks", blocks: blocks!, ...sized };
  }
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

/** runs/<data>, or with the first free number behind it. */
function freeFolder(data: string): string {
  const base = `runs/${basename(resolve(data))}`;
  for (let n = 1; ; n++) {
    const path = n === 1 ? base : `${base}-${n}`;
    if (!existsSync(path)) return path;
  }
}

function imageOpener(terminal: Terminal, download: boolean): OpenImages {
  return (source, seed) => {
    terminal.title("Data");
    return openDataset(source.data, {
      ...source,
      seed,
      download,
      log: (line) => terminal.prose(line),
      onProgress: (progress) => terminal.progress(() => dataProgressLine(progress)),
    });
  };
}

function dataProgressLine({ task, what, done, total }: DataProgress): string {
  const verb = { download: "downloading", headers: "looking at", decode: "decoding" }[task];
  const amount = task === "download" ? formatBytes : formatInteger;
  const share = total ? `${"━".repeat(Math.round((20 * done) / total)).padEnd(20, "─")} ` : "";
  return `  ${verb} ${what} ${share}${amount(done)}${total ? ` of ${amount(total)}` : ""}`;
}

function conclude(outcome: FitOutcome, out: string, terminal: Terminal): number {
  if (outcome.stopped) {
    const { epoch, step, epochs } = outcome;
    const command = `sabok fit --resume ${shellWord(out)}`;
    terminal.document({ type: "stopped", out, epoch, step, epochs, resume: command });
    const when =
      step === 0
        ? `after epoch ${epoch} of ${epochs}`
        : `in epoch ${epoch + 1} of ${epochs} after step ${step}`;
    terminal.prose(`Stopped ${when}; the checkpoint is in ${out}/checkpoint. Go on by`);
    terminal.line(`\n  ${command}`);
    return interruptedStatus;
  }
  const { record, history, test, folding, backend, seconds, files } = outcome;
  const { count, accuracy, loss, perClass, confusion } = test;
  const classes = record.model.classes!.map((name, c) => ({ name, accuracy: perClass[c]! }));
  terminal.document({
    type: "result",
    out,
    network: record.network,
    options: record.options,
    backend,
    seconds,
    epochs: history.length,
    test: { count, accuracy, loss, classes, confusion },
    folding,
    files,
  });
  showResult(terminal, outcome, out);
  return 0;
}

function commandLine(): string {
  return ["sabok", ...process.argv.slice(2)].map(shellWord).join(" ");
}
