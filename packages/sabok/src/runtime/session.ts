// Runs a plan: one memory, one instance of the kernels, a list of steps.
import { SabokError, formatShape, sizeOf, tensor, type Tensor, type TensorData } from "../core/index.ts";
import { isState, type Graph, type Value } from "../graph/index.ts";
import { opTable } from "../ops/index.ts";
import {
  instantiateKernels,
  type Kernel,
  type KernelInstance,
  type SimdLevel,
} from "../backends/wasm/index.ts";
import { readValue, writeValue } from "./layout.ts";
import { planGraph, type Plan, type PlanStep } from "./plan.ts";
import { Pool, canUseThreads } from "./pool.ts";

/** Row-major numbers for an input or a state: a tensor, or its bare data. */
export type Feed = Tensor | TensorData;

export interface RunOptions {
  /** Called after the last step that computes a value, with the value's data in place: for looking into a run. */
  readonly watch?: (value: Value, read: () => Float32Array) => void;
  /**
   * Called with a step's place in `plan.steps` when the calling thread takes it up, for timing. With several threads that
   * is once for each share of a step it takes: never for a step that the others had done. At the end once more, with the
   * number of steps.
   */
  readonly onStep?: (step: number) => void;
}

/** A compiled graph with its memory. Create it once; each run allocates only the outputs it returns. */
export interface Session {
  readonly graph: Graph;
  readonly plan: Plan;
  /** What the numbers are computed with, for logs: "wasm, simd, 1 thread". */
  readonly backend: string;
  readonly simd: SimdLevel;
  /** Runs the graph once: every input by name in, every output by name out, states updated. */
  run(
    feeds: Readonly<Record<string, Feed>>,
    options?: RunOptions,
  ): Promise<Record<string, Tensor & { readonly data: Float32Array }>>;
  /** Sets the data of states (parameters and buffers) by name; those not named keep theirs. */
  setStates(states: ReadonlyMap<string, Tensor>): void;
  /** Copies of the states' data, by name, in the graph's order. */
  getStates(names?: Iterable<string>): Map<string, Tensor & { readonly data: Float32Array }>;
  /** Ends the worker threads; the session cannot run any more. */
  close(): void;
}

export interface SessionOptions {
  /**
   * Threads that share the work, the calling one included. The numbers are the same bits for any number. Default 1.
   * Where memory cannot be shared (a page that is not cross-origin isolated) it is 1 whatever is asked for.
   */
  readonly threads?: number;
}

interface BoundStep {
  readonly step: PlanStep;
  readonly kernel: Kernel | undefined;
  readonly record: number;
  readonly units: number;
}

/** Plans a graph and makes the memory for it. States begin at zero until they are set. */
export async function createSession(graph: Graph, { threads = 1 }: SessionOptions = {}): Promise<Session> {
  if (!Number.isInteger(threads) || threads < 1)
    throw new SabokError(`threads is ${threads}, expected a whole number of at least 1.`);
  const usable = threads > 1 && canUseThreads() ? threads : 1;
  const plan = planGraph(graph, usable);
  const pages = Math.ceil(plan.bytes / 65536);
  if (pages > 65536)
    throw new SabokError(
      `This graph needs ${(plan.bytes / 2 ** 30).toFixed(1)} GiB; WebAssembly can address 4 GiB. Use a smaller batch, input or network.`,
    );
  const memory = allocate(pages);
  const kernels = await instantiateKernels(memory, kernelNames(plan));
  return new WasmSession(graph, plan, memory, kernels, usable);
}

/** Every kernel that a plan calls. */
function kernelNames({ prologue, steps }: Plan): Set<string> {
  return new Set([...prologue, ...steps].flatMap(({ call }) => (call === "host" ? [] : [call.kernel])));
}

function allocate(pages: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (error) {
    throw new SabokError(
      `Could not reserve ${Math.ceil(pages / 16)} MiB of memory for the graph; use a smaller batch, input or network.`,
      {
        cause: error,
      },
    );
  }
}

class WasmSession implements Session {
  readonly graph: Graph;
  readonly plan: Plan;
  readonly backend: string;
  readonly simd: SimdLevel;
  private readonly floats: Float32Array;
  private readonly prologue: readonly BoundStep[];
  private readonly steps: readonly BoundStep[];
  private readonly lastStepOf = new Map<Value, number>();
  private readonly states: ReadonlyMap<string, Value>;
  /** The other threads; absent where there are none or a step runs on the host. */
  private readonly pool: Pool | undefined;
  private stale = true;

  constructor(
    graph: Graph,
    plan: Plan,
    memory: WebAssembly.Memory,
    kernels: KernelInstance,
    threads: number,
  ) {
    this.graph = graph;
    this.plan = plan;
    this.simd = kernels.level;
    this.backend = `wasm, ${kernels.level}, ${threads} thread${threads > 1 ? "s" : ""}`;
    this.floats = new Float32Array(memory.buffer);
    this.states = new Map(graph.values.filter(isState).map((value) => [value.name, value]));
    kernels.setScratch(plan.scratchAddresses[0]!);
    const writer = recordWriter(plan, memory, kernels);
    this.prologue = plan.prologue.map(writer);
    this.steps = plan.steps.map(writer);
    plan.steps.forEach((step, at) => this.lastStepOf.set(step.value, at));
    for (const value of graph.values)
      if (value.op === "constant") this.write(value, (value.attrs["tensor"] as Tensor).data);
    if (threads > 1 && this.steps.every((step) => step.kernel)) this.pool = this.startPool(memory, kernels);
  }

  async run(
    feeds: Readonly<Record<string, Feed>>,
    options: RunOptions = {},
  ): Promise<Record<string, Tensor & { readonly data: Float32Array }>> {
    for (const [name, input] of Object.entries(this.graph.inputs))
      this.write(input, checkedFeed(feeds[name], input));
    if (this.stale) {
      for (const step of this.prologue) this.execute(step);
      this.stale = false;
    }
    if (this.pool && !options.watch) await this.pool.run(options.onStep);
    else this.executeAll(options);
    return Object.fromEntries(
      Object.entries(this.graph.outputs).map(([name, value]) => [
        name,
        { shape: value.type.shape, data: this.read(value) },
      ]),
    );
  }

  setStates(states: ReadonlyMap<string, Tensor>): void {
    for (const [name, data] of states) {
      const state = this.states.get(name);
      if (state) this.write(state, checkedFeed(data, state));
    }
    this.stale = true;
  }

  getStates(
    names: Iterable<string> = this.states.keys(),
  ): Map<string, Tensor & { readonly data: Float32Array }> {
    const found = new Map<string, Tensor & { readonly data: Float32Array }>();
    for (const name of names) {
      const state = this.states.get(name);
      if (!state) throw new SabokError(`The graph has no state named "${name}".`);
      found.set(name, { shape: state.type.shape, data: this.read(state) });
    }
    return found;
  }

  close(): void {
    this.pool?.close();
  }

  private startPool(memory: WebAssembly.Memory, { modules }: KernelInstance): Pool {
    return new Pool({
      modules,
      memory,
      scratches: this.plan.scratchAddresses.slice(1),
      names: this.plan.steps.map(({ call }) => (call === "host" ? "" : call.kernel)),
      kernels: this.steps.map((step) => step.kernel!),
      records: Int32Array.from(this.steps, (step) => step.record),
      units: Int32Array.from(this.steps, (step) => step.units),
    });
  }

  private executeAll({ watch, onStep }: RunOptions): void {
    for (const [at, step] of this.steps.entries()) {
      onStep?.(at);
      this.execute(step);
      const { value, also } = step.step;
      if (watch && this.lastStepOf.get(value) === at)
        for (const done of [value, ...also].filter((each) => this.plan.isStored(each)))
          watch(done, () => this.read(done));
    }
    onStep?.(this.steps.length);
  }

  private execute({ step, kernel, record, units }: BoundStep): void {
    if (kernel) kernel(record, 0, units);
    else this.executeOnHost(step.value);
  }

  private executeOnHost(value: Value): void {
    const operands = value.inputs.map((input) =>
      tensor(
        input.type.shape,
        this.readAs(input, (size) => new Float64Array(size)),
      ),
    );
    this.write(value, opTable[value.op]!.reference(operands, value.attrs).data);
  }

  private address(value: Value): number {
    return this.plan.addressOf(this.plan.storageOf(value)) / 4;
  }

  private write(value: Value, data: TensorData): void {
    writeValue(this.floats, this.address(value), value.type.shape, data);
  }

  private read(value: Value): Float32Array {
    return this.readAs(value, (size) => new Float32Array(size));
  }

  private readAs<Data extends Float32Array | Float64Array>(value: Value, make: (size: number) => Data): Data {
    return readValue(this.floats, this.address(value), value.type.shape, make);
  }
}

function checkedFeed(feed: Feed | undefined, value: Value): TensorData {
  const expected = formatShape(value.type.shape);
  if (!feed)
    throw new SabokError(`${value.op} "${value.name}" was not given; expected numbers of shape ${expected}.`);
  const data = "shape" in feed ? feed.data : feed;
  const matches =
    "shape" in feed ? formatShape(feed.shape) === expected : data.length === sizeOf(value.type.shape);
  if (!matches) {
    const got = "shape" in feed ? `shape ${formatShape(feed.shape)}` : `${data.length} numbers`;
    throw new SabokError(`${value.op} "${value.name}" was given ${got}, expected shape ${expected}.`);
  }
  return data;
}

/** Writes the argument records one after the other and binds each step to its kernel. */
function recordWriter(
  plan: Plan,
  memory: WebAssembly.Memory,
  kernels: KernelInstance,
): (step: PlanStep) => BoundStep {
  const view = new DataView(memory.buffer);
  let next = plan.recordsAddress;
  return (step) => {
    if (step.call === "host") return { step, kernel: undefined, record: 0, units: 0 };
    const record = next;
    for (const arg of step.call.args) {
      if (arg.kind === "pointer") view.setUint32(next, plan.addressOf(arg.storage) + arg.offset, true);
      else if (arg.kind === "f32") view.setFloat32(next, arg.value, true);
      else view.setInt32(next, arg.value, true);
      next += 4;
    }
    next = Math.ceil(next / 16) * 16;
    return { step, kernel: kernels.kernel(step.call.kernel), record, units: step.call.units };
  };
}
