// The main job: from images to a folder with a trained, folded, explained network. `sabok fit` is this function.
import { NonFiniteError, SabokError } from "../core/index.ts";
import { layerTable, type LayerTable } from "../analysis/index.ts";
import { channelStatistics, type Dataset } from "../data/index.ts";
import { compileKernels } from "../backends/wasm/index.ts";
import type { Network } from "../nn/index.ts";
import type { ModelMetadata } from "../onnx/index.ts";
import {
  fit,
  type Checkpoint,
  type EpochMetrics,
  type FitHooks,
  type FitOptions,
  type Progress,
} from "../train/index.ts";
import { buildNetwork, checkNetworkChoice, type ChosenNetwork, type NetworkChoice } from "./buildNetwork.ts";
import {
  bytesOfRun,
  checkpointWriter,
  readCheckpoint,
  removeCheckpoint,
  type CheckpointWriter,
  type DataSource,
  type Provenance,
  type RunRecord,
} from "./checkpoint.ts";
import { defaults, trainingOptions, type TrainingChoices } from "./defaults.ts";
import { datasetFingerprint } from "./fingerprint.ts";
import { finishRun, type FinishedRun } from "./finishRun.ts";
import type { Mismatch } from "./matchWeights.ts";
import { runFiles, type RunStore } from "./runStore.ts";
import {
  startFrom,
  transferOptions,
  type Start,
  type TransferRecord,
  type TransferRequest,
} from "./startFrom.ts";

/** What a run is asked for. */
export interface FitRequest {
  readonly source: DataSource;
  /** May be left out where the first weights say it. */
  readonly network?: NetworkChoice;
  /** Where the first weights come from; default they are drawn by the seed. */
  readonly transfer?: TransferRequest;
  readonly training?: TrainingChoices;
  readonly provenance: Provenance;
}

/** Opens the images of a source; the splits are drawn by the seed. */
export type OpenImages = (source: DataSource, seed: number) => Promise<Dataset>;

/** What happens in a run, as it happens. */
export type FitEvent =
  | { readonly type: "data"; readonly dataset: Dataset }
  | { readonly type: "network"; readonly chosen: ChosenNetwork; readonly layers: LayerTable }
  /** The run begins with weights learnt elsewhere; every key that did not match is listed. */
  | {
      readonly type: "transfer";
      readonly transfer: TransferRecord;
      readonly mismatches: readonly Mismatch[];
    }
  | {
      readonly type: "training";
      readonly options: FitOptions;
      readonly backend: string;
      readonly resumed?: Checkpoint;
    }
  | { readonly type: "step"; readonly progress: Progress }
  | { readonly type: "epoch"; readonly metrics: EpochMetrics; readonly epochs: number }
  /** Training is over; the test and the files follow. */
  | { readonly type: "testing" }
  /** Something that should be known, as a sentence. */
  | { readonly type: "note"; readonly text: string };

export interface RunHooks {
  readonly onEvent?: (event: FitEvent) => void;
  /** Called before each step: to pause, to look into the run, to change the learning rate. */
  readonly beforeStep?: FitHooks["beforeStep"];
  /** Stops after the step at hand, with a checkpoint. */
  readonly signal?: AbortSignal;
  /** Ends training after the step at hand and finishes the run with what has been learnt: test, model and report. */
  readonly enough?: AbortSignal;
  /** Threads that share the work; the weights are the same bits for any number. Default 1. */
  readonly threads?: number;
}

/** How a run ended: stopped by its signal, with a checkpoint to go on from, or finished. */
export type FitOutcome =
  | { readonly stopped: true; readonly epoch: number; readonly step: number; readonly epochs: number }
  | ({ readonly stopped: false } & FinishedRun);

/**
 * Trains a network on images and writes everything into the store: checkpoints and metrics epoch by epoch, then the
 * model in three spellings and the report. Throws a SabokError before training where the request cannot be met or the
 * store has no room, and a NonFiniteError, the last good checkpoint kept, where the loss leaves the finite range.
 */
export async function fitImages(
  { source, network: choice, transfer: request, training: choices = {}, provenance }: FitRequest,
  open: OpenImages,
  store: RunStore,
  hooks: RunHooks = {},
): Promise<FitOutcome> {
  const begun = performance.now();
  if (choice) checkNetworkChoice(choice);
  const dataset = await open(source, choices.seed ?? defaults.seed);
  hooks.onEvent?.({ type: "data", dataset });
  const options = trainingOptions(choices, dataset, request && !request.freeze);
  const start = firstNetwork(choice, request, dataset, options.seed);
  const { network, chosen, transfer } = start;
  for (const text of start.notes) hooks.onEvent?.({ type: "note", text });
  if (transfer) hooks.onEvent?.({ type: "transfer", transfer, mismatches: start.mismatches });
  hooks.onEvent?.({ type: "network", chosen, layers: layerTable(network.graph) });
  await store.ensureRoom(bytesOfRun(network.graph, options));
  const record: RunRecord = {
    provenance,
    source,
    fingerprint: await datasetFingerprint(dataset),
    model: modelMetadata(dataset, chosen, transfer),
    network: chosen,
    ...(transfer && { transfer }),
    options,
    backend: await backendName(),
  };
  await removeCheckpoint(store);
  await store.remove(Object.values(runFiles));
  return train({ network, dataset, record, store, hooks, begun });
}

/**
 * Goes on with the run of a store, to the bits it would have reached without the stop. Throws a SabokError where the
 * store has no checkpoint, where it is damaged, and where the images are not those it was trained on.
 */
export async function resumeFit(
  open: OpenImages,
  store: RunStore,
  hooks: RunHooks = {},
): Promise<FitOutcome> {
  const begun = performance.now();
  const saved = await readCheckpoint(store);
  if (!saved)
    throw new SabokError(
      `${store.name}: holds no checkpoint to resume from; start a run by sabok fit <data> --out ${store.name}.`,
    );
  const { record, graph, checkpoint } = saved;
  const dataset = await open(record.source, record.options.seed);
  hooks.onEvent?.({ type: "data", dataset });
  if ((await datasetFingerprint(dataset)) !== record.fingerprint)
    throw new SabokError(
      `${record.source.data}: the images, classes or splits are not those the run in ${store.name} was trained on, ` +
        "so it cannot go on to the same weights. Bring the images back, or start a new run.",
    );
  const network: Network = { graph, weights: new Map() };
  hooks.onEvent?.({ type: "network", chosen: record.network, layers: layerTable(graph) });
  await store.ensureRoom(bytesOfRun(graph, record.options));
  const backend = await backendName();
  if (backend !== record.backend)
    hooks.onEvent?.({
      type: "note",
      text: `The run began on "${record.backend}" and goes on on "${backend}": the weights may differ in the last bits.`,
    });
  return train({ network, dataset, record, store, hooks, begun, resume: checkpoint });
}

interface Training {
  readonly network: Network;
  readonly dataset: Dataset;
  readonly record: RunRecord;
  readonly store: RunStore;
  readonly hooks: RunHooks;
  /** When this part of the run began, by performance.now. */
  readonly begun: number;
  readonly resume?: Checkpoint;
}

async function train({
  network,
  dataset,
  record,
  store,
  hooks: { onEvent, beforeStep, signal, enough, threads = 1 },
  begun,
  resume,
}: Training): Promise<FitOutcome> {
  const { options, backend } = record;
  const writer = await checkpointWriter(store, record, network.graph);
  const withThreads = `${backend}, ${threads} ${threads === 1 ? "thread" : "threads"}`;
  onEvent?.({ type: "training", options, backend: withThreads, ...(resume && { resumed: resume }) });
  if (resume) await writeMetrics(store, resume.history);
  const stops = [signal, enough].filter((stop) => stop !== undefined);
  const result = await fit(
    network,
    dataset,
    { ...options, ...transferOptions(record.transfer, network.graph), threads },
    {
      onStep: (progress) => onEvent?.({ type: "step", progress }),
      async onEpoch(metrics, checkpoint) {
        await saveFinite(writer, checkpoint);
        await writeMetrics(store, checkpoint.history);
        if (metrics) onEvent?.({ type: "epoch", metrics, epochs: options.epochs });
      },
      signal: AbortSignal.any(stops),
      ...(beforeStep && { beforeStep }),
      ...(resume && { resume }),
    },
  );
  if (result.stopped) await saveFinite(writer, result.checkpoint);
  if (result.stopped && !enough?.aborted) {
    const { epoch, step } = result.checkpoint;
    return { stopped: true, epoch, step, epochs: options.epochs };
  }
  onEvent?.({ type: "testing" });
  const earlier = resume?.history.reduce((sum, { seconds }) => sum + seconds, 0) ?? 0;
  const elapsed = (): number => earlier + (performance.now() - begun) / 1000;
  return { stopped: false, ...(await finishRun(result, dataset, record, store, { elapsed, threads })) };
}

/** Writes a checkpoint, but never one that is already spoilt: the one before it stays. */
async function saveFinite(writer: CheckpointWriter, checkpoint: Checkpoint): Promise<void> {
  const spoilt = [...checkpoint.states].find(([, { data }]) =>
    (data as Float32Array).some((value) => !Number.isFinite(value)),
  );
  if (spoilt)
    throw new NonFiniteError(
      `"${spoilt[0]}" left the finite range before step ${checkpoint.step + 1} of epoch ${checkpoint.epoch + 1}. ` +
        "The last good checkpoint is kept. Try a lower learning rate or a longer warm-up.",
    );
  await writer.save(checkpoint);
}

/** All epochs so far, an object a line: written whole, so it never disagrees with the checkpoint after a resume. */
async function writeMetrics(store: RunStore, history: readonly EpochMetrics[]): Promise<void> {
  await store.write(runFiles.metrics, history.map((metrics) => `${JSON.stringify(metrics)}\n`).join(""));
}

/** The network at the start of a run: its weights drawn, or learnt elsewhere. */
function firstNetwork(
  choice: NetworkChoice | undefined,
  request: TransferRequest | undefined,
  dataset: Dataset,
  seed: number,
): Omit<Start, "transfer"> & { readonly transfer?: TransferRecord } {
  if (request) return startFrom(request, choice, dataset, seed);
  if (!choice)
    throw new SabokError("Which network? Choose one, or give the weights that training begins with.");
  return { ...buildNetwork(choice, dataset, seed), mismatches: [], notes: [] };
}

function modelMetadata(
  dataset: Dataset,
  { description }: ChosenNetwork,
  transfer: TransferRecord | undefined,
): ModelMetadata {
  const { name, classes, channels, height, width } = dataset;
  const { mean, std } = transfer?.statistics ?? channelStatistics(dataset.train);
  return {
    description: `${description}, trained on ${name}`,
    classes,
    mean,
    std,
    inputSize: [channels, height, width],
    ...(transfer && { properties: { from: transfer.from, fromSha256: transfer.sha256 } }),
  };
}

/** What decides the bits of the numbers; the threads do not. */
async function backendName(): Promise<string> {
  const { level } = await compileKernels();
  return `wasm, ${level}`;
}
