// The threads of a session: workers that walk the same plan as the thread that calls `run`.
import { SabokError } from "../core/index.ts";
import { controlHeader, walkSteps, workerMain, type Walk, type WorkerPlan } from "./walk.ts";

/** A worker of Node or of a browser, as far as the pool needs it. */
interface AnyWorker {
  postMessage(message: WorkerPlan): void;
  terminate(): unknown;
}

type Spawn = (source: string, onFailure: (reason: string) => void) => AnyWorker;

/** Steps are claimed in about this many chunks a thread: small enough to even out, large enough to stay cheap. */
const chunksPerThread = 4;
/** A run that does not move for this long lets events in, to hear of a worker that died. Milliseconds. */
const patience = 500;
/** Every so many runs all workers are waited for, long before a claim's 12 generation bits come round. */
const generationsPerRendezvous = 1024;

/** Whether this environment can run more than one thread: shared memory that may be sent to workers. */
export function canUseThreads(): boolean {
  const scope = globalThis as { crossOriginIsolated?: boolean };
  return (
    typeof SharedArrayBuffer === "function" && scope.crossOriginIsolated !== false && spawner() !== undefined
  );
}

export interface PoolPlan extends Omit<WorkerPlan, "control" | "chunks" | "scratch"> {
  readonly kernels: Walk["kernels"];
  /** A private scratch address for each worker. */
  readonly scratches: readonly number[];
}

export class Pool {
  private readonly walk: Walk;
  private readonly workers: AnyWorker[];
  private generation = 0;
  private failure: string | undefined;

  constructor(plan: PoolPlan) {
    const { kernels, units, scratches, modules, memory, names, records } = plan;
    const threads = scratches.length + 1;
    const chunks = Int32Array.from(units, (count) =>
      Math.max(1, Math.ceil(count / (threads * chunksPerThread))),
    );
    const control = new Int32Array(new SharedArrayBuffer(4 * (controlHeader + 2 * kernels.length)));
    this.walk = { kernels, records, units, chunks, control, maySleep: maySleep() };
    const spawn = spawner()!;
    const source = `(${workerMain.toString()})(${walkSteps.toString()})`;
    this.workers = scratches.map((scratch) => {
      const worker = spawn(source, (reason) => (this.failure = reason));
      worker.postMessage({ modules, memory, scratch, names, records, units, chunks, control });
      return worker;
    });
  }

  /**
   * Runs every step once on all threads. A worker that starts late or is held up makes it slower, not wrong.
   * `onStep` is called with 0 at the begin, each time that this thread takes up units of a step, and at the end.
   */
  async run(onStep?: (step: number) => void): Promise<void> {
    const walk = onStep ? announcing(this.walk, onStep) : this.walk;
    const { control, kernels } = walk;
    if (++this.generation % generationsPerRendezvous === 0) await this.rendezvous();
    control.fill((this.generation & 0xfff) << 20, controlHeader, controlHeader + kernels.length);
    control.fill(0, controlHeader + kernels.length);
    onStep?.(0);
    Atomics.store(control, 0, this.generation);
    if (Atomics.load(control, 1) > 0) Atomics.notify(control, 0);
    for (let step = 0; step < kernels.length;) {
      step = walkSteps(walk, this.generation, step, kernels.length, patience);
      if (step < kernels.length) await this.listen();
    }
    onStep?.(kernels.length);
  }

  close(): void {
    Atomics.store(this.walk.control, 0, -1);
    Atomics.notify(this.walk.control, 0);
    for (const worker of this.workers) worker.terminate();
  }

  /** Waits until every worker that has started sleeps. */
  private async rendezvous(): Promise<void> {
    const { control } = this.walk;
    while (Atomics.load(control, 1) < Atomics.load(control, 2)) await this.listen();
  }

  private async listen(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (this.failure !== undefined)
      throw new SabokError(
        `A worker thread died (${this.failure}); the run is lost. Create the session again, with threads: 1 if it recurs.`,
      );
  }
}

/** The same walk that says which step it takes up. */
function announcing(walk: Walk, onStep: (step: number) => void): Walk {
  const kernels = walk.kernels.map((kernel, step) => (args: number, begin: number, end: number): void => {
    onStep(step);
    kernel(args, begin, end);
  });
  return { ...walk, kernels };
}

/** A page's main thread may not sleep; workers and Node may. */
function maySleep(): boolean {
  return typeof (globalThis as { document?: unknown }).document === "undefined";
}

interface NodeThreads {
  readonly Worker: new (
    source: string,
    options: { eval: true },
  ) => AnyWorker & {
    on(event: "error" | "exit", listener: (reason: unknown) => void): void;
    unref(): void;
  };
}

function spawner(): Spawn | undefined {
  const scope = globalThis as {
    process?: { getBuiltinModule?: (name: string) => NodeThreads | undefined };
    Worker?: new (url: string) => AnyWorker & { onerror: ((event: { message: string }) => void) | null };
  };
  // Node's workers without an import that a browser's bundler would stumble over.
  const node = scope.process?.getBuiltinModule?.("node:worker_threads");
  if (node)
    return (source, onFailure) => {
      const worker = new node.Worker(source, { eval: true });
      worker.on("error", (error) => onFailure(String(error)));
      worker.on("exit", (code) => code !== 0 && onFailure(`exit code ${String(code)}`));
      worker.unref();
      return worker;
    };
  const { Worker } = scope;
  if (!Worker) return undefined;
  return (source, onFailure) => {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const worker = new Worker(url);
    worker.onerror = (event) => onFailure(event.message);
    return worker;
  };
}
