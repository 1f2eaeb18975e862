// The page's side of the engine: `call` runs a job in the worker. A worker that dies rejects its calls and says so; the next
// call starts a new one.
import { batch, signal, type ReadonlySignal } from "@preact/signals";
import type { JobName, ProgressOf, RequestOf, ResultOf } from "./jobs.ts";
import { lockName, type FromWorker, type SentError, type ToWorker } from "./messages.ts";

/** An error that a job threw, or the engine's own end. */
export class EngineError extends Error {
  override readonly name: string;
  /** Whether the message tells the user what to do; otherwise it is a fault of ours. */
  readonly mendable: boolean;

  constructor({ name, message, stack, mendable }: SentError) {
    super(message);
    this.name = name;
    this.mendable = mendable;
    if (stack) this.stack = stack;
  }
}

/** The engine ended while a call was running: what it held (sessions, runs) is gone, the page's own state is not. */
export class EngineLostError extends EngineError {
  constructor(reason: string) {
    super({ name: "EngineLostError", message: reason, stack: undefined, mendable: true });
  }
}

export interface CallOptions<Progress> {
  /** Cancels the call: it rejects with the signal's reason, and the job is told. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (report: Progress) => void;
  /** Parts of the request that move to the worker instead of being copied. */
  readonly transfer?: readonly Transferable[];
}

interface Call {
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: unknown) => void;
  readonly onProgress: ((report: unknown) => void) | undefined;
}

const generations = signal(0);
/** Counts the engines that were lost: what holds something in the engine makes it anew when this changes. */
export const enginesLost: ReadonlySignal<number> = generations;

const reason = signal<string | undefined>(undefined);
/** Why the last engine was lost; undefined while none was, or when the reader has been told. */
export const engineLoss: ReadonlySignal<string | undefined> = reason;

/** The reader has read why the engine was lost. */
export function forgetEngineLoss(): void {
  reason.value = undefined;
}

const calls = new Map<number, Call>();
let worker: Worker | undefined;
let nextCall = 0;

/**
 * Runs a job in the worker. Rejects with an `EngineError` as the job threw it, an `EngineLostError` when the worker died, or
 * the signal's reason.
 */
export function call<Name extends JobName>(
  name: Name,
  request: RequestOf<Name>,
  { signal: abort, onProgress, transfer = [] }: CallOptions<ProgressOf<Name>> = {},
): Promise<ResultOf<Name>> {
  return new Promise((resolve, reject) => {
    if (abort?.aborted) return reject(abort.reason);
    const id = nextCall++;
    const engine = (worker ??= startWorker());
    const cancel = (): void => {
      calls.delete(id);
      post(engine, { kind: "cancel", id });
      reject(abort!.reason);
    };
    const settle =
      <Value>(settled: (value: Value) => void) =>
      (value: Value): void => {
        abort?.removeEventListener("abort", cancel);
        settled(value);
      };
    calls.set(id, {
      resolve: settle((result) => resolve(result as ResultOf<Name>)),
      reject: settle(reject),
      onProgress: onProgress && ((report) => onProgress(report as ProgressOf<Name>)),
    });
    abort?.addEventListener("abort", cancel, { once: true });
    try {
      post(engine, { kind: "call", id, name, request }, transfer);
    } catch (error) {
      calls.delete(id);
      reject(error);
    }
  });
}

/** Starts the worker before it is needed, and loads the code of jobs that will be called. */
export function warmEngine(...names: readonly JobName[]): void {
  worker ??= startWorker();
  for (const name of names) post(worker, { kind: "load", name });
}

function post(engine: Worker, message: ToWorker, transfer: readonly Transferable[] = []): void {
  engine.postMessage(message, [...transfer]);
}

function startWorker(): Worker {
  const key = crypto.randomUUID();
  const started = new Worker(new URL("./engineWorker.ts", import.meta.url), { type: "module", name: key });
  started.onmessage = ({ data }: MessageEvent<FromWorker>) => receive(started, key, data);
  started.onerror = (event) => {
    event.preventDefault();
    lose(started, event.message || "its code could not be loaded");
  };
  return started;
}

function receive(from: Worker, key: string, message: FromWorker): void {
  if (message.kind === "ready") {
    // Granted when the worker's own hold on the lock ends, which is when the worker ends.
    void navigator.locks?.request(lockName(key), () => lose(from, "it ended or ran out of memory"));
    return;
  }
  const { id } = message;
  const waiting = calls.get(id);
  if (!waiting) return;
  if (message.kind === "progress") return waiting.onProgress?.(message.report);
  calls.delete(id);
  if (message.kind === "result") waiting.resolve(message.result);
  else waiting.reject(new EngineError(message.error));
}

function lose(lost: Worker, why: string): void {
  if (worker !== lost) return;
  worker = undefined;
  lost.terminate();
  const waiting = [...calls.values()];
  calls.clear();
  batch(() => {
    reason.value = why;
    generations.value++;
  });
  for (const { reject } of waiting) reject(new EngineLostError(why));
}
