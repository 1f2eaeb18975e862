// A session's plan run with a clock at every step, in a memory of its own: the session's states do not move.
import { tensor, type Tensor } from "../core/index.ts";
import type { Value } from "../graph/index.ts";
import { opTable } from "../ops/index.ts";
import { instantiateKernels, type Kernel, type KernelInstance } from "../backends/wasm/index.ts";
import { readValue, writeValue } from "./layout.ts";
import type { PlanStep } from "./plan.ts";
import { Pool } from "./pool.ts";
import type { Feed, Session } from "./session.ts";

export interface StepClock {
  /**
   * Runs the plan once on the session's number of threads. Gives the milliseconds at which this thread began each step,
   * the first of them the run's begin, and after them the end; NaN where other threads had done a step before this one came to it.
   */
  run(): Promise<Float64Array>;
  close(): void;
}

/** `feeds` must be what the session's own `run` accepts. */
export async function createStepClock(
  session: Session,
  feeds: Readonly<Record<string, Feed>>,
): Promise<StepClock> {
  const { graph, plan } = session;
  const pages = Math.ceil(plan.bytes / 65536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const kernels = await instantiateKernels(memory);
  kernels.setScratch(plan.scratchAddresses[0]!);
  const floats = new Float32Array(memory.buffer);
  const at = (value: Value): number => plan.addressOf(plan.storageOf(value)) / 4;
  const write = (value: Value, data: Tensor["data"]): void =>
    writeValue(floats, at(value), value.type.shape, data);
  const states = session.getStates();
  for (const value of graph.values)
    if (value.op === "constant") write(value, (value.attrs["tensor"] as Tensor).data);
    else if (states.has(value.name)) write(value, states.get(value.name)!.data);
  for (const [name, input] of Object.entries(graph.inputs)) {
    const feed = feeds[name]!;
    write(input, "shape" in feed ? feed.data : feed);
  }
  const onHost = ({ inputs, attrs, op }: Value): Tensor =>
    opTable[op]!.reference(
      inputs.map((input) =>
        tensor(
          input.type.shape,
          readValue(floats, at(input), input.type.shape, (size) => new Float64Array(size)),
        ),
      ),
      attrs,
    );
  const bind = recordWriter(session, memory, kernels, (value) => write(value, onHost(value).data));
  for (const { kernel, record, units } of plan.prologue.map(bind)) kernel(record, 0, units);

  const begins = new Float64Array(plan.steps.length + 1);
  const steps = plan.steps.map((step, i) => {
    const bound = bind(step);
    const { kernel } = bound;
    return {
      ...bound,
      kernel: (args: number, begin: number, end: number): void => {
        if (Number.isNaN(begins[i])) begins[i] = performance.now();
        kernel(args, begin, end);
      },
    };
  });
  const threads = plan.scratchAddresses.length;
  const pool =
    threads > 1 && plan.steps.every(({ call }) => call !== "host")
      ? new Pool({
          module: kernels.module,
          memory,
          scratches: plan.scratchAddresses.slice(1),
          names: plan.steps.map(({ call }) => (call === "host" ? "" : call.kernel)),
          kernels: steps.map((step) => step.kernel),
          records: Int32Array.from(steps, (step) => step.record),
          units: Int32Array.from(steps, (step) => step.units),
        })
      : undefined;
  return {
    async run() {
      begins.fill(NaN);
      begins[0] = performance.now();
      if (pool) await pool.run();
      else for (const { kernel, record, units } of steps) kernel(record, 0, units);
      begins[steps.length] = performance.now();
      return begins.slice();
    },
    close: () => pool?.close(),
  };
}

/** Writes the argument records one after the other, as the session does, and binds each step to its kernel. */
function recordWriter(
  { plan }: Session,
  memory: WebAssembly.Memory,
  kernels: KernelInstance,
  runOnHost: (value: Value) => void,
): (step: PlanStep) => { kernel: Kernel; record: number; units: number } {
  const view = new DataView(memory.buffer);
  let next = plan.recordsAddress;
  return ({ value, call }) => {
    if (call === "host") return { kernel: () => runOnHost(value), record: 0, units: 1 };
    const record = next;
    for (const arg of call.args) {
      if (arg.kind === "pointer") view.setUint32(next, plan.addressOf(arg.storage) + arg.offset, true);
      else if (arg.kind === "f32") view.setFloat32(next, arg.value, true);
      else view.setInt32(next, arg.value, true);
      next += 4;
    }
    next = Math.ceil(next / 16) * 16;
    return { kernel: kernels.kernel(call.kernel), record, units: call.units };
  };
}
