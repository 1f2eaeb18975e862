// sabok analyze: what a network sees, costs and hides.
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { SabokError, initialize, type Network } from "sabok";
import {
  analysisDocument,
  analysisPage,
  analyze,
  applyFixes,
  jacobian,
  machinePeaks,
  signal,
  statisticsShifts,
  verifyReceptiveField,
  type Analysis,
  type JacobianComparison,
  type SignalRun,
  type StatisticsShift,
} from "sabok/analysis";
import { evaluationBatches } from "sabok/data";
import { models, namedNetwork } from "sabok/models";
import { openDataset, writeFileWhole } from "sabok/node";
import { toOnnx, writeModelJson, writeSafetensors, type ModelMetadata } from "sabok/onnx";
import { foldedNetwork } from "sabok/recipes";
import { showAnalysis, showJacobian, showSignal, showVerification } from "../analyzeView.ts";
import { UsageError, defineCommand, numberOption } from "../command.ts";
import { formatBytes } from "../format.ts";
import { openModelFile, readModelArgs } from "../modelFiles.ts";
import type { Terminal } from "../terminal.ts";
import { version } from "../version.ts";

const args = {
  model: {
    type: "positional",
    required: false,
    valueHint: "model",
    description: "A model's name (sabok models), blocks in timm's notation, a run's folder, or an .onnx file",
  },
  width: { type: "string", valueHint: "factor", description: "Scale a mobilenet's channels" },
  minimal: { type: "boolean", description: "MobileNetV3 without squeeze-and-excitation, hard-swish and 5x5" },
  input: { type: "string", valueHint: "CxHxW", description: "The image's size, such as 3x224x224" },
  classes: { type: "string", valueHint: "n", description: "Classes of a model by name; 1000 if not given" },
  at: {
    type: "string",
    valueHint: "layer",
    description: "The layer whose receptive field is wanted; the last map if not given",
  },
  batch: {
    type: "string",
    valueHint: "n",
    description: "Images of a training batch, for memory and batch norm; 32 if not given",
  },
  object: { type: "string", valueHint: "pixels", description: "How large the objects are, for the lint" },
  verify: {
    type: "boolean",
    description: "Check the receptive field against the gradient, and measure the effective one",
  },
  signal: { type: "boolean", description: "Run a training step and show each layer's variance and gradient" },
  against: {
    type: "string",
    valueHint: "model",
    description: "With --signal: another model's signal beside it",
  },
  jacobian: {
    type: "string",
    valueHint: "from..to",
    description: "Singular values between two layers, with and without skips",
  },
  data: {
    type: "string",
    valueHint: "data",
    description: "Images to check a trained network's batch norms on",
  },
  fix: {
    type: "string",
    valueHint: "file",
    description: "Mend what keeps the function; write the network there, .onnx or .safetensors",
  },
  html: {
    type: "string",
    valueHint: "file",
    description: "Write the page here: graph, tables, curves, lint",
  },
} as const;

export const analyzeCommand = defineCommand({
  name: "analyze",
  summary: "show what a network sees, what it costs and what is wrong with it",
  description:
    "Counts parameters, multiply-accumulates and memory layer by layer, follows the exact receptive field through every branch, and lints the " +
    "graph. Nothing is run but by --verify, --signal, --jacobian, --data and --html.",
  args,
  examples: [
    ["sabok analyze mobilenet_v3_large", "Cost, receptive field and lint"],
    ['sabok analyze "ir_r2_k3_s2_e6_c24" --input 3x96x96 --verify', "Blocks, checked against the gradient"],
    ["sabok analyze runs/first --signal --html analysis.html", "A trained network, its page"],
  ],
  async run(given, terminal) {
    if (given.model === undefined)
      throw new UsageError("Which model? Give a model's name, blocks, a run's folder or an .onnx file.");
    const batch = numberOption("--batch", given.batch, { least: 1, whole: true }) ?? 32;
    const object = numberOption("--object", given.object, { least: 1 });
    const input = inputOption(given.input);
    for (const flag of ["html", "fix"] as const)
      if (given[flag]?.trim() === "") throw new UsageError(`--${flag} needs a file.`);
    if (given.against !== undefined && !given.signal) throw new UsageError("--against goes with --signal.");
    const opened = await openNetwork(given.model, given, input);
    const { network, trained } = opened;
    const shifts = given.data === undefined ? undefined : await shiftsOn(given.data, opened, terminal);
    const analysis = analyze(network, {
      model: given.model,
      batch,
      trained,
      ...(given.at !== undefined && { at: given.at }),
      ...(opened.resize && { input: opened.resize }),
      ...(object !== undefined && { object }),
      ...(shifts && { shifts }),
    });
    const page = given.html !== undefined;
    const verification = given.verify || page ? await measured(analysis, terminal) : undefined;
    const spectrum = given.jacobian === undefined ? undefined : spectrumOf(given.jacobian, network);
    const signals =
      given.signal || page ? await signalsOf(given.model, opened, given.against, input, terminal) : [];
    const written = given.fix === undefined ? [] : await writeFixed(given.fix, opened);
    if (page)
      await writePage(
        given.html!,
        await analysisPage(analysis, { version: version(), ...(verification && { verification }), signals }),
        terminal,
      );
    terminal.document({
      ...analysisDocument(analysis, verification ?? {}),
      ...(given.verify && { verification }),
      ...(given.signal && { signal: signals }),
      ...(spectrum && { jacobian: spectrum }),
      ...(given.fix !== undefined && { fixed: written }),
    });
    if (terminal.json) return 0;
    if (!page) showAnalysis(terminal, analysis, await machinePeaks());
    if (given.verify) showVerification(terminal, analysis, verification!);
    if (given.signal) showSignal(terminal, signals);
    if (spectrum) showJacobian(terminal, spectrum);
    for (const line of written) terminal.line(`  ${line}`);
    return 0;
  },
});

interface Opened {
  readonly network: Network;
  /** Whether its weights are trained. */
  readonly trained: boolean;
  /** The size to bring it to, where it was not built for it. */
  readonly resize?: readonly [number, number, number];
  readonly metadata: ModelMetadata;
}

async function openNetwork(
  model: string,
  given: {
    readonly width?: string | undefined;
    readonly minimal?: boolean | undefined;
    readonly classes?: string | undefined;
    readonly input?: string | undefined;
  },
  input: readonly [number, number, number] | undefined,
): Promise<Opened> {
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
    return { network: { graph, weights }, trained: true, metadata, ...(input && { resize: input }) };
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

function inputOption(text: string | undefined): readonly [number, number, number] | undefined {
  if (text === undefined || text.includes("=")) return undefined;
  const match = /^(\d+)x(\d+)x(\d+)$/.exec(text.trim());
  const size = match?.slice(1).map(Number) as [number, number, number] | undefined;
  if (!size || size.some((n) => n < 1))
    throw new UsageError(`--input: got "${text}"; expected channels x height x width, such as 3x224x224.`);
  return size;
}

function measured(analysis: Analysis, terminal: Terminal) {
  terminal.progress(() => "  taking the gradient …");
  return verifyReceptiveField(analysis.fields, analysis.map).finally(() => terminal.clearProgress());
}

async function signalsOf(
  model: string,
  { network, trained }: Opened,
  against: string | undefined,
  input: readonly [number, number, number] | undefined,
  terminal: Terminal,
): Promise<SignalRun[]> {
  terminal.progress(() => "  running a training step …");
  const runs: SignalRun[] = [
    {
      name: trained ? "at initialisation" : model,
      layers: await signal(network.graph, initialize(network.graph, 0)),
    },
  ];
  if (trained) runs.push({ name: "now", layers: await signal(network.graph, network.weights) });
  if (against !== undefined) {
    const other = namedNetwork(against, input ? { input } : {});
    runs.push({ name: against, layers: await signal(other.graph, other.weights) });
  }
  terminal.clearProgress();
  return runs;
}

function spectrumOf(text: string, { graph, weights }: Network): JacobianComparison {
  const [from, to, ...rest] = text.split("..");
  if (to === undefined || to === "" || rest.length > 0)
    throw new UsageError(
      `--jacobian: got "${text}"; expected two layers such as features.1..features.3, or ..features.3 from the input.`,
    );
  return jacobian(graph, weights, from!, to);
}

const imagesChecked = 64;

async function shiftsOn(
  data: string,
  { network, trained, metadata }: Opened,
  terminal: Terminal,
): Promise<ReadonlyMap<string, StatisticsShift>> {
  if (!trained) throw new UsageError("--data goes with a trained network: a run's folder or an .onnx file.");
  const [channels, height, width] = Object.values(network.graph.inputs)[0]!.type.shape.slice(1) as [
    number,
    number,
    number,
  ];
  const set = await openDataset(data, { size: [height, width], seed: 0, log: (line) => terminal.warn(line) });
  if (set.channels !== channels || set.height !== height || set.width !== width)
    throw new SabokError(
      `${data} has images of ${set.channels}x${set.height}x${set.width}; the network takes ${channels}x${height}x${width}.`,
    );
  const split = [set.test, set.validation, set.train].find(({ indices }) => indices.length > 0)!;
  const chosen = { ...split, indices: split.indices.subarray(0, imagesChecked) };
  const half = Array.from({ length: channels }, () => 0.5);
  const { images, count } = evaluationBatches(chosen, {
    batch: chosen.indices.length,
    classes: set.classes.length,
    statistics: { mean: metadata.mean ?? half, std: metadata.std ?? half },
  }).load(0);
  return statisticsShifts(network.graph, network.weights, images, count);
}

async function writeFixed(file: string, { network, metadata }: Opened): Promise<string[]> {
  const format = (["onnx", "safetensors"] as const).find((ending) => file.endsWith(`.${ending}`));
  if (!format)
    throw new UsageError(`--fix: got "${file}"; expected a file that ends with .onnx or .safetensors.`);
  const { graph, weights, done } = applyFixes(network);
  const files: (readonly [path: string, content: Uint8Array])[] = [];
  if (format === "onnx") {
    const folded = foldedNetwork({ graph, weights });
    files.push([file, toOnnx(folded.graph, folded.weights, { metadata })]);
  } else {
    const stem = file.slice(0, -".safetensors".length);
    files.push([file, writeSafetensors(weights)]);
    files.push([`${stem}.json`, new TextEncoder().encode(writeModelJson(graph, metadata))]);
  }
  for (const [path, content] of files) await writeFileWhole(path, content);
  const what = done.length > 0 ? done : ["There was nothing to mend that keeps the function."];
  return [...what, ...files.map(([path, content]) => `${path}  ${formatBytes(content.length)}`)];
}

async function writePage(file: string, page: string, terminal: Terminal): Promise<void> {
  await mkdir(dirname(file), { recursive: true }).catch((error: Error) => {
    throw new SabokError(`${file}: its folder cannot be made (${error.message}).`);
  });
  const bytes = new TextEncoder().encode(page);
  await writeFileWhole(file, bytes);
  terminal.line(`${file}  ${formatBytes(bytes.length)}`);
}
