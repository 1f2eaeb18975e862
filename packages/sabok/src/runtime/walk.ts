// The walk over a plan that every thread takes. Workers get these functions as source text, so they use nothing from
// outside their own bodies, and no inner functions, which some bundlers rewrite.

/** What one thread needs for a walk, as plain arrays over shared memory. */
export interface Walk {
  /** For each step: the kernel, the address of its arguments, the number of units, and how many are claimed at a time. */
  readonly kernels: readonly ((args: number, begin: number, end: number) => void)[];
  readonly records: Int32Array;
  readonly units: Int32Array;
  readonly chunks: Int32Array;
  /** [generation, sleeping workers, ready workers, unused, next unit of each step…, units done of each step…], shared. */
  readonly control: Int32Array;
  /** Whether this thread may sleep (a page's main thread may not). */
  readonly maySleep: boolean;
}

/**
 * Works on steps `from` … `to` − 1 together with the other threads: a step's units are claimed chunk by chunk with
 * compare-and-swap, and the next step begins when all units of this one are done. The word of a claim carries the
 * generation of the run, so a thread that slept through the end of a run claims nothing of the next one.
 * Returns `to` when done, the step it gave up at when nothing moved for `patience` milliseconds, or −1 when the run
 * has moved on without it.
 */
export function walkSteps(
  walk: Walk,
  generation: number,
  from: number,
  to: number,
  patience: number,
): number {
  const { kernels, records, units, chunks, control, maySleep } = walk;
  const count = kernels.length;
  const tag = (generation & 0xfff) << 20;
  for (let step = from; step < to; step++) {
    const total = units[step]!;
    const chunk = chunks[step]!;
    const next = 4 + step;
    const done = next + count;
    for (;;) {
      const claimed = Atomics.load(control, next);
      if ((claimed & ~0xfffff) !== tag) return -1;
      const begin = claimed & 0xfffff;
      if (begin >= total) break;
      const end = begin + chunk < total ? begin + chunk : total;
      if (Atomics.compareExchange(control, next, claimed, tag | end) !== claimed) continue;
      kernels[step]!(records[step]!, begin, end);
      if (Atomics.add(control, done, end - begin) + end - begin === total) Atomics.notify(control, done);
    }
    let spins = 0;
    let waited = 0;
    for (;;) {
      const finished = Atomics.load(control, done);
      if (finished === total) break;
      if (Atomics.load(control, 0) !== generation) return -1;
      if (++spins < 4000) continue;
      if (maySleep) Atomics.wait(control, done, finished, 1);
      waited += 1;
      if (waited > patience) return step;
    }
  }
  return to;
}

/** The words before the counters of the steps. */
export const controlHeader = 4;

/**
 * A worker's whole life: it receives one message with the compiled kernels and the plan, then sleeps until a run's
 * generation is announced, walks, and sleeps again.
 */
export function workerMain(walkFunction: typeof walkSteps): void {
  interface Port {
    postMessage(message: unknown): void;
    on?(event: "message", listener: (data: WorkerPlan) => void): void;
    onmessage?: ((event: { data: WorkerPlan }) => void) | null;
  }
  const scope = globalThis as unknown as Port & { require?: (name: string) => { parentPort: Port } };
  const isNode = typeof scope.postMessage !== "function";
  const port: Port = isNode ? scope.require!("node:worker_threads").parentPort : scope;
  const begin = function (data: WorkerPlan): void {
    const { modules, memory, scratch, names, records, units, chunks, control } = data;
    const found: WebAssembly.Exports = {};
    for (const module of modules) {
      const { exports } = new WebAssembly.Instance(module, { env: { memory } });
      (exports["setScratch"] as (address: number) => void)(scratch);
      Object.assign(found, exports);
    }
    const kernels = names.map((name) => found[name] as (args: number, begin: number, end: number) => void);
    const walk = { kernels, records, units, chunks, control, maySleep: true };
    Atomics.add(control, 2, 1);
    let generation = 0;
    for (;;) {
      Atomics.add(control, 1, 1);
      Atomics.wait(control, 0, generation);
      Atomics.sub(control, 1, 1);
      generation = Atomics.load(control, 0);
      // A negative generation closes the session.
      if (generation < 0) return;
      walkFunction(walk, generation, 0, kernels.length, Infinity);
    }
  };
  if (isNode) port.on!("message", begin);
  else port.onmessage = (event) => begin(event.data);
}

/** The message a worker begins with. */
export interface WorkerPlan {
  readonly modules: readonly WebAssembly.Module[];
  readonly memory: WebAssembly.Memory;
  readonly scratch: number;
  readonly names: readonly string[];
  readonly records: Int32Array;
  readonly units: Int32Array;
  readonly chunks: Int32Array;
  readonly control: Int32Array;
}
