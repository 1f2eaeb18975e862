// sabok fit: from images to a trained network and its report.
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, resolve } from "node:path";
import {
  createRunFolder,
  lockRunFolder,
  openDataset,
  openRunFolder,
  readPretrained,
  type DataProgress,
  type RunFolder,
} from "sabok/node";
import {
  fitImages,
  resumeFit,
  type FitOutcome,
  type FitRequest,
  type OpenImages,
  type RunHooks,
  type TransferRequest,
} from "sabok/recipes";
import { UsageError, defineCommand, numberOption } from "../command.ts";
import { shellWord, showFitEvent, showResult } from "../fitView.ts";
import { formatBytes, formatInteger } from "../format.ts";
import { abortOnSignals, interruptedStatus } from "../interrupts.ts";
import type { Terminal } from "../terminal.ts";
import { fitArgs, readRequest, type FitArgs } from "./fitRequest.ts";

export const fitCommand = defineCommand({
  name: "fit",
  summary: "train a network on images and write it out",
  description:
    "Trains a classifier on images and writes model.onnx, model.safetensors, model.json, metrics.jsonl, checkpoint/ and report.html into a folder. " +
    "Ctrl-C saves a checkpoint; --resume goes on from it to the same bits. " +
    'With --json, stdout has one JSON object a line: {"type":"epoch",…} after each epoch, {"type":"result",…} at the end ' +
    '({"type":"stopped",…} after Ctrl-C, {"type":"error",…} after a problem).',
  args: fitArgs,
  examples: [
    ["sabok fit fashion-mnist --budget 3M --out runs/first", "The largest network of 3 million MACs"],
    [
      "sabok fit photos --budget 20M --size 96 --epochs 40",
      "Your own images: photos/cat/1.jpg, photos/dog/1.jpg …",
    ],
    ["sabok fit cifar10 --model mobilenet_v2 --width 0.5 --download", "A network by name"],
    [
      "sabok fit photos --from timm/mobilenetv2_100 --size 224 --freeze",
      "Transfer learning: a new last layer on ImageNet's features",
    ],
    ["sabok fit photos --model mobilenet_v2 --from weights.safetensors", "Train on all of published weights"],
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
  const asked = readRequest(given);
  const transfer = await readTransfer(given, terminal);
  const request: FitRequest = { ...asked, ...(transfer && { transfer }) };
  const out = given.out ?? freeFolder(asked.source.data);
  const folder = await createRunFolder(out, { replace: given.force ?? false });
  const lock = await lockRunFolder(folder.name);
  try {
    const outcome = await fitImages(request, imageOpener(terminal, given.download ?? false), folder, hooks);
    return { outcome, folder };
  } catch (error) {
    await lock.release();
    await folder.discard();
    throw error;
  } finally {
    await lock.release();
  }
}

/** What goes with --resume; everything else comes from the checkpoint. */
const allowedWithResume = new Set(["resume", "json", "download", "threads"]);

async function resume(path: string, given: FitArgs, terminal: Terminal, hooks: RunHooks): Promise<Ended> {
  for (const name of Object.keys(fitArgs))
    if (!allowedWithResume.has(name) && given[name] !== undefined)
      throw new UsageError(
        name === "data"
          ? "--resume takes no data: the images come from where the run had them."
          : `--${name} does not go with --resume: every option comes from the checkpoint.`,
      );
  await openRunFolder(path);
  const lock = await lockRunFolder(path);
  try {
    const folder = await openRunFolder(path, { write: true });
    return {
      outcome: await resumeFit(imageOpener(terminal, given.download ?? false), folder, hooks),
      folder,
    };
  } finally {
    await lock.release();
  }
}

/** The weights that --from names. */
async function readTransfer(
  { from, freeze = false }: FitArgs,
  terminal: Terminal,
): Promise<TransferRequest | undefined> {
  if (from === undefined) return undefined;
  const pretrained = await readPretrained(from, {
    log: (line) => terminal.prose(line),
    onProgress: (progress) => terminal.progress(() => dataProgressLine(progress)),
  });
  return { pretrained, freeze };
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
    ...(record.transfer && { transfer: record.transfer }),
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
