// The checkpoint of a run: checkpoint.json says everything and names the two other files with their hashes, so a file
// that is cut short or of another network is found out. It is written last, so an interrupted write leaves the old one.
import { SabokError, sizeOf, type Tensor } from "../core/index.ts";
import { isState, shapeOf, type Graph } from "../graph/index.ts";
import {
  readModelJson,
  readSafetensors,
  writeModelJson,
  writeSafetensors,
  type ModelMetadata,
} from "../onnx/index.ts";
import { averagedName, type Checkpoint, type FitOptions } from "../train/index.ts";
import type { ChosenNetwork } from "./buildNetwork.ts";
import { sha256 } from "./fingerprint.ts";
import { readText, type RunStore } from "./runStore.ts";
import type { TransferRecord } from "./startFrom.ts";

/** Where the images of a run come from: what is needed to open them again. */
export interface DataSource {
  /** A known name, or the absolute path of a folder. */
  readonly data: string;
  readonly dataDir?: string;
  readonly size?: number;
  readonly validation?: number;
  readonly skipBad?: boolean;
}

/** Where a run came from, for its report. */
export interface Provenance {
  /** The command line as it was typed. */
  readonly command: string;
  /** Sabok's version. */
  readonly version: string;
}

/** All that is fixed for the whole of a run. */
export interface RunRecord {
  readonly provenance: Provenance;
  readonly source: DataSource;
  /** See datasetFingerprint. */
  readonly fingerprint: string;
  readonly model: ModelMetadata;
  readonly network: ChosenNetwork;
  /** Where the first weights came from, unless they were drawn. */
  readonly transfer?: TransferRecord;
  readonly options: FitOptions;
  /** What computed the steps so far; another one rounds differently. */
  readonly backend: string;
}

/** A run as its folder holds it. */
export interface SavedRun {
  readonly record: RunRecord;
  /** The network's training graph. */
  readonly graph: Graph;
  readonly checkpoint: Checkpoint;
}

const folder = "checkpoint";
const indexFile = `${folder}/checkpoint.json`;
const networkFile = `${folder}/network.json`;
const format = "sabok checkpoint";
const version = 1;

interface Index {
  readonly format: typeof format;
  readonly version: typeof version;
  readonly network: { readonly sha256: string };
  readonly states: { readonly file: string; readonly bytes: number; readonly sha256: string };
  readonly epoch: number;
  readonly step: number;
  readonly running: Checkpoint["running"];
  readonly history: Checkpoint["history"];
  readonly record: RunRecord;
}

/** Writes the checkpoints of one run. */
export interface CheckpointWriter {
  save(checkpoint: Checkpoint): Promise<void>;
}

/** A writer for a run's checkpoints; the network itself is written by the first of them. */
export async function checkpointWriter(
  store: RunStore,
  record: RunRecord,
  graph: Graph,
): Promise<CheckpointWriter> {
  const network = new TextEncoder().encode(writeModelJson(graph));
  const networkHash = await sha256(network);
  let written = false;
  return {
    async save({ epoch, step, running, history, states }) {
      if (!written) await store.write(networkFile, network);
      written = true;
      const bytes = writeSafetensors(states, { network: networkHash });
      const file = `epoch-${epoch}-step-${step}.safetensors`;
      await store.write(`${folder}/${file}`, bytes);
      const index: Index = {
        format,
        version,
        network: { sha256: networkHash },
        states: { file, bytes: bytes.length, sha256: await sha256(bytes) },
        epoch,
        step,
        running,
        history,
        record,
      };
      await store.write(indexFile, `${JSON.stringify(index, undefined, 1)}\n`);
      const older = (await store.list(folder)).filter(
        (name) => name.endsWith(".safetensors") && name !== file,
      );
      await store.remove(older.map((name) => `${folder}/${name}`));
    },
  };
}

/** Removes a checkpoint. */
export async function removeCheckpoint(store: RunStore): Promise<void> {
  // The index first: without it the others are nothing.
  await store.remove([indexFile]);
  await store.remove((await store.list(folder)).map((name) => `${folder}/${name}`));
}

/**
 * The checkpoint of a run; undefined where there is none. Throws a SabokError that names the file where one is missing,
 * cut short, changed, of another network or of another version of the format.
 */
export async function readCheckpoint(store: RunStore): Promise<SavedRun | undefined> {
  const text = await readText(store, indexFile);
  if (text === undefined) return undefined;
  const { network, states, record, ...progress } = parseIndex(text, `${store.name}/${indexFile}`);
  const where = `${store.name}/${networkFile}`;
  const description = await store.read(networkFile);
  if (!description)
    throw new SabokError(`${where} is missing, and without it the checkpoint cannot be read.`);
  if ((await sha256(description)) !== network.sha256)
    throw new SabokError(
      `${where} is of another network than ${indexFile}, or was changed: the files of two runs are mixed up.`,
    );
  const { graph } = readModelJson(new TextDecoder().decode(description));
  const tensors = await readStates(store, states, network.sha256);
  expectStates(graph, tensors, `${store.name}/${folder}/${states.file}`);
  return { record, graph, checkpoint: { ...progress, states: tensors } };
}

/** The weights a run would keep if it ended at a checkpoint: the averaged ones where there is an average. */
export function keptWeights(graph: Graph, states: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  return new Map(
    graph.values
      .filter(isState)
      .map(({ name }) => [name, states.get(averagedName(name)) ?? states.get(name)!]),
  );
}

/** The bytes that the files of a run take at most while it goes on, two checkpoints at a time. */
export function bytesOfRun(graph: Graph, options: FitOptions): number {
  const numbers = graph.values.filter(isState).reduce((sum, state) => sum + sizeOf(shapeOf(state)), 0);
  const copies = 1 + (options.optimizer.kind === "adamw" ? 2 : 1) + (options.averageDecay > 0 ? 1 : 0);
  const models = 2;
  const rest = 16 * 2 ** 20;
  return 4 * numbers * (2 * copies + 2 * models) + rest;
}

function parseIndex(text: string, where: string): Omit<Index, "format" | "version"> {
  let index: Partial<Index>;
  try {
    index = JSON.parse(text) as Partial<Index>;
  } catch (error) {
    throw new SabokError(`${where} is cut short or damaged: it is not JSON. Start the run anew.`, {
      cause: error,
    });
  }
  const { format: ownFormat, version: ownVersion, ...rest } = index;
  if (ownFormat !== format) throw new SabokError(`${where} is not a checkpoint of sabok.`);
  if (ownVersion !== version)
    throw new SabokError(
      `${where} has version ${ownVersion} of the format; this sabok reads version ${version}.`,
    );
  const complete = ["network", "states", "epoch", "step", "running", "history", "record"].every(
    (key) => key in rest,
  );
  if (!complete) throw new SabokError(`${where} is damaged: entries are missing. Start the run anew.`);
  return rest as Omit<Index, "format" | "version">;
}

async function readStates(
  store: RunStore,
  expected: Index["states"],
  network: string,
): Promise<Map<string, Tensor>> {
  const where = `${store.name}/${folder}/${expected.file}`;
  const bytes = await store.read(`${folder}/${expected.file}`);
  if (!bytes) throw new SabokError(`${where} is missing, and the weights are in it. Start the run anew.`);
  if ((await sha256(bytes)) === expected.sha256) return readSafetensors(bytes).tensors;
  const own = networkOf(bytes);
  if (own !== undefined && own !== network)
    throw new SabokError(
      `${where} is of another network than ${indexFile}: the files of two runs are mixed up.`,
    );
  if (bytes.length < expected.bytes)
    throw new SabokError(
      `${where} is cut short: it has ${bytes.length} of ${expected.bytes} bytes. Start the run anew.`,
    );
  throw new SabokError(
    `${where} is not the file the checkpoint was written with: it was changed or is of another run.`,
  );
}

/** The hash of the network that a states file says it is of; undefined where it does not read. */
function networkOf(bytes: Uint8Array): string | undefined {
  try {
    return readSafetensors(bytes).metadata["network"];
  } catch {
    return undefined;
  }
}

function expectStates(graph: Graph, states: ReadonlyMap<string, Tensor>, where: string): void {
  for (const state of graph.values.filter(isState)) {
    const found = states.get(state.name);
    if (!found || found.shape.join() !== shapeOf(state).join())
      throw new SabokError(
        `${where} is of another network: "${state.name}" ${found ? `has shape [${found.shape}]` : "is not in it"}, expected [${shapeOf(state)}].`,
      );
  }
}
