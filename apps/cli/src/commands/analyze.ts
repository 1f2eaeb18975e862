// sabok analyze: what a network sees, costs and hides.
import { initialize, type Network, type Tensor } from "sabok";
import {
  analysisDocument,
  analysisPage,
  analyze,
  applyFixes,
  effectiveField,
  jacobian,
  machinePeaks,
  signalProbe,
  statisticsShifts,
  streamOf,
  verifyReceptiveField,
  type Analysis,
  type JacobianComparison,
  type SignalRun,
} from "sabok/analysis";
import { writeFileWhole } from "sabok/node";
import { toOnnx, writeModelJson, writeSafetensors } from "sabok/onnx";
import { foldedNetwork } from "sabok/recipes";
import {
  showAnalysis,
  showFixed,
  showJacobian,
  showSignal,
  showVerification,
  type Fixed,
} from "../analyzeView.ts";
import { imageSizeOption, openAnalyzed, type AnalyzedNetwork } from "../analyzedNetwork.ts";
import { UsageError, defineCommand, numberOption } from "../command.ts";
import { formatBytes } from "../format.ts";
import { sampleImages, type SampleImages } from "../sampleImages.ts";
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
    "graph. The network itself runs only for --verify, --signal, --jacobian, --data and --html.",
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
    const input = imageSizeOption(given.input);
    for (const flag of ["html", "fix"] as const)
      if (given[flag]?.trim() === "") throw new UsageError(`--${flag} needs a file.`);
    if (given.against !== undefined && !given.signal) throw new UsageError("--against goes with --signal.");
    const opened = await openAnalyzed(given.model, given, input);
    const { network, trained } = opened;
    if (given.data !== undefined && !trained)
      throw new UsageError("--data goes with a trained network: a run's folder or an .onnx file.");
    const sample = given.data === undefined ? undefined : await sampleImages(given.data, opened, terminal);
    const shifts =
      sample && (await statisticsShifts(network.graph, network.weights, sample.images, sample.count));
    const analysis = analyze(network, {
      model: given.model,
      batch,
      trained,
      ...(given.at !== undefined && { at: given.at }),
      ...(object !== undefined && { object }),
      ...(shifts && { shifts }),
    });
    const page = given.html !== undefined;
    const verification = given.verify || page ? await verified(analysis, terminal) : undefined;
    const measurements = {
      effectiveStd: verification?.effectiveStd ?? (await effectiveField(analysis.fields, analysis.map)),
      peaks: await machinePeaks(),
    };
    const spectrum =
      given.jacobian === undefined ? undefined : await spectrumOf(given.jacobian, network, terminal);
    const signals = given.signal || page ? await signalsOf(given.model, opened, { sample, terminal }) : [];
    if (given.against !== undefined) {
      const other = await openAnalyzed(given.against, { classes: given.classes }, input);
      const [now] = (await signalsOf(given.against, other, { sample: undefined, terminal })).slice(-1);
      signals.push({ name: given.against, layers: now!.layers });
    }
    const fixed = given.fix === undefined ? undefined : await writeFixed(given.fix, opened);
    if (page)
      await writePage(
        given.html!,
        await analysisPage(analysis, {
          version: version(),
          ...measurements,
          ...(verification && { verification }),
          signals,
        }),
        terminal,
      );
    terminal.document({
      ...analysisDocument(analysis, measurements),
      ...(given.verify && { verification }),
      ...(given.signal && { signal: signals.map((run) => ({ ...run, stream: streamOf(run.layers) })) }),
      ...(spectrum && { jacobian: spectrum }),
      ...(fixed && { fixed }),
    });
    if (terminal.json) return 0;
    if (!page) showAnalysis(terminal, analysis, measurements);
    if (given.verify) showVerification(terminal, analysis, verification!);
    if (given.signal) showSignal(terminal, signals);
    if (spectrum) showJacobian(terminal, spectrum);
    if (fixed) showFixed(terminal, fixed);
    return 0;
  },
});

function verified(analysis: Analysis, terminal: Terminal) {
  terminal.progress(() => "  taking the gradient …");
  return verifyReceptiveField(analysis.fields, analysis.map).finally(() => terminal.clearProgress());
}

/** With images at hand the network is read on them, else on noise. */
async function signalsOf(
  model: string,
  { network: { graph, weights }, trained }: AnalyzedNetwork,
  { sample, terminal }: { readonly sample: SampleImages | undefined; readonly terminal: Terminal },
): Promise<SignalRun[]> {
  terminal.progress(() => "  running a training step …");
  const batch = sample ? Math.min(sample.count, 16) : 4;
  const images = sample?.images.subarray(0, (sample.images.length / sample.count) * batch);
  const classes = Object.values(graph.outputs)[0]!.type.shape.at(-1)!;
  const labels = sample && Math.max(...sample.labels) < classes ? sample.labels : undefined;
  const probe = await signalProbe(graph, { batch });
  const read = async (name: string, by: ReadonlyMap<string, Tensor>): Promise<SignalRun> => ({
    name,
    layers: await probe.measure(by, images, labels),
  });
  const runs = [await read(trained ? "at initialisation" : model, initialize(graph, 0))];
  if (trained) runs.push(await read("now", weights));
  probe.close();
  terminal.clearProgress();
  return runs;
}

async function spectrumOf(
  text: string,
  { graph, weights }: Network,
  terminal: Terminal,
): Promise<JacobianComparison> {
  const [from, to, ...rest] = text.split("..");
  if (to === undefined || to === "" || rest.length > 0)
    throw new UsageError(
      `--jacobian: got "${text}"; expected two layers such as features.1..features.3, or ..features.3 from the input.`,
    );
  terminal.progress(() => "  taking singular values …");
  return jacobian(graph, weights, from!, to).finally(() => terminal.clearProgress());
}

async function writeFixed(file: string, { network, metadata }: AnalyzedNetwork): Promise<Fixed> {
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
  return { done, files: files.map(([path, content]) => ({ path, bytes: content.length })) };
}

async function writePage(file: string, page: string, terminal: Terminal): Promise<void> {
  const bytes = new TextEncoder().encode(page);
  await writeFileWhole(file, bytes);
  terminal.line(`${file}  ${formatBytes(bytes.length)}`);
}
