// What sabok explain and sabok bench run: a compiled network, inference or a training step, and something to feed it.
import { stat } from "node:fs/promises";
import { compile, createSession, type Feed, type Network, type Session } from "sabok";
import { models, namedNetwork } from "sabok/models";
import { defaults } from "sabok/recipes";
import { initialStates, trainingGraph } from "sabok/train";
import { UsageError, numberOption } from "./command.ts";
import { openModel } from "./commands/predict.ts";
import type { Terminal } from "./terminal.ts";

/** The options that say what is to run: of both commands. */
export const workloadArgs = {
  batch: { type: "string", valueHint: "n", description: "Images a run; 1, or 32 with --train, if not given" },
  threads: { type: "string", valueHint: "n", description: "Threads that share the work; 1 if not given" },
  train: { type: "boolean", description: "A training step of sabok fit instead of inference" },
  size: {
    type: "string",
    valueHint: "pixels",
    description: "Side of the images, for a model by name; the published one if not given",
  },
} as const;

export interface WorkloadOptions {
  readonly batch: number;
  readonly threads: number;
  readonly train: boolean;
  readonly size?: number;
}

/** A compiled network and something to feed it. */
export interface Workload extends WorkloadOptions {
  readonly model: string;
  /** [channels, height, width]. */
  readonly input: readonly number[];
  readonly session: Session;
  readonly feeds: Readonly<Record<string, Feed>>;
}

export function readWorkload(given: {
  readonly batch?: string | undefined;
  readonly threads?: string | undefined;
  readonly train?: boolean | undefined;
  readonly size?: string | undefined;
}): WorkloadOptions {
  const train = given.train ?? false;
  const count = { least: 1, whole: true };
  const size = numberOption("--size", given.size, count);
  return {
    train,
    batch: numberOption("--batch", given.batch, count) ?? (train ? 32 : 1),
    threads: numberOption("--threads", given.threads, { ...count, most: 64 }) ?? 1,
    ...(size !== undefined && { size }),
  };
}

/** A model by name or blocks, a run's folder or an .onnx file, ready to run. Throws SabokError where there is none. */
export async function openWorkload(
  model: string,
  options: WorkloadOptions,
  terminal: Terminal,
): Promise<Workload> {
  const { batch, threads, train, size } = options;
  const network = await openNetwork(model, size, terminal);
  const [name, image] = Object.entries(network.graph.inputs)[0]!;
  const input = image.type.shape.slice(1);
  const pixels = Float32Array.from(
    { length: batch * input.reduce((a, b) => a * b, 1) },
    (_, i) => 1.5 * Math.sin(12.9898 * i),
  );
  if (!train) {
    const session = await compile(network, { batch, threads });
    return { ...options, model, input, session, feeds: { [name]: pixels } };
  }
  const session = await createTrainingSession(network, options);
  const [, classes] = Object.values(network.graph.outputs)[0]!.type.shape as [number, number];
  const target = Float32Array.from({ length: batch * classes }, (_, i) =>
    i % classes === Math.floor(i / classes) % classes ? 1 : 0,
  );
  const scalars = { rate: Float32Array.of(1e-3), averaging: Float32Array.of(1e-3) };
  return { ...options, model, input, session, feeds: { [name]: pixels, target, ...scalars } };
}

async function openNetwork(model: string, size: number | undefined, terminal: Terminal): Promise<Network> {
  const isNamed = models.some(({ name }) => name === model) || !(await stat(model).catch(() => undefined));
  if (isNamed) return namedNetwork(model, size === undefined ? {} : { input: [3, size, size] });
  if (size !== undefined)
    throw new UsageError("--size goes with a model's name; a trained network has a size of its own.");
  const { notes, ...network } = await openModel(model);
  for (const note of notes) terminal.warn(note);
  return network;
}

/** The step of `sabok fit` with nothing else said. */
async function createTrainingSession(
  { graph, weights }: Network,
  { batch, threads }: WorkloadOptions,
): Promise<Session> {
  const { learningRate: _, ...adamw } = defaults.adamw;
  const step = trainingGraph(graph, {
    batch,
    optimizer: { kind: "adamw", ...adamw },
    smoothing: defaults.smoothing,
    average: true,
  });
  const session = await createSession(step, { threads });
  session.setStates(initialStates(step, weights));
  return session;
}

/** What ran, as the JSON documents say it. */
export function describeWorkload({ model, input, batch, threads, train, session }: Workload): object {
  const { backend, plan } = session;
  return { model, input, batch, threads, train, backend, bytes: plan.bytes, arenaBytes: plan.arenaBytes };
}
