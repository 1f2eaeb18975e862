// How long a layer must take on this machine: the longer of its arithmetic at the machine's peak and its traffic at the
// machine's bandwidth (Williams et al., 2009). Both are measured, once a process.
import { sizeOf } from "../core/index.ts";
import { GraphBuilder, isLeaf, shapeOf, type Graph, type Value } from "../graph/index.ts";
import { conv2d, relu } from "../ops/index.ts";
import { createSession } from "../runtime/index.ts";
import { batchOf, type Layer } from "./cost.ts";

export interface Machine {
  /** Multiply-accumulates a second of a pointwise convolution, the best of a few runs. */
  readonly macsPerSecond: number;
  /** Bytes read and written a second, over maps larger than the caches. */
  readonly bytesPerSecond: number;
  /** "wasm, relaxed-simd, 1 thread". */
  readonly backend: string;
}

/** Bytes a layer must move for one image: its operands from outside and its result, float32, weights among them. */
export function trafficOf(graph: Graph, { values }: Layer): number {
  const own = new Set(values);
  const result = values.at(-1)!;
  const operands = new Set(values.flatMap(({ inputs }) => inputs.filter((input) => !own.has(input))));
  const batch = batchOf(graph);
  const bytes = (value: Value): number => 4 * sizeOf(shapeOf(value));
  const perImage = (value: Value): number => (isLeaf(value) && value.op !== "input" ? bytes(value) : bytes(value) / batch);
  return [...operands].reduce((sum, operand) => sum + perImage(operand), 0) + perImage(result);
}

/** The least seconds a layer takes on a machine, and which of the two limits it. */
export function rooflineTime(macs: number, bytes: number, machine: Machine): { readonly seconds: number; readonly limit: "arithmetic" | "memory" } {
  const [arithmetic, memory] = [macs / machine.macsPerSecond, bytes / machine.bytesPerSecond];
  return arithmetic > memory ? { seconds: arithmetic, limit: "arithmetic" } : { seconds: memory, limit: "memory" };
}

let measured: Promise<Machine> | undefined;

/** Measures the machine the first time it is asked; some tens of milliseconds. */
export function measureMachine(): Promise<Machine> {
  return (measured ??= measure());
}

async function measure(): Promise<Machine> {
  const [channels, side] = [128, 28];
  const pointwise = await fastest((g, x) => g.apply(conv2d, [x, g.buffer("w", [channels, channels, 1, 1], { kind: "constant", value: 0 })]), [1, channels, side, side], 12);
  const elements = 1 << 21;
  const copy = await fastest((g, x) => g.apply(relu, [x]), [elements], 5);
  return {
    macsPerSecond: (channels * channels * side * side) / pointwise.seconds,
    bytesPerSecond: (8 * elements) / copy.seconds,
    backend: pointwise.backend,
  };
}

/** The seconds of one operator's step alone: feeding and reading stand outside the clock. */
async function fastest(build: (g: GraphBuilder, x: Value) => Value, shape: readonly number[], runs: number): Promise<{ seconds: number; backend: string }> {
  const g = new GraphBuilder();
  const x = g.buffer("x", shape, { kind: "constant", value: 0 });
  const gate = g.input("start", [1]);
  const started = g.apply(relu, [gate]);
  const y = build(g, x);
  const session = await createSession(g.finish({ started, y }));
  let [seconds, start] = [Infinity, 0];
  for (let run = 0; run < runs; run++)
    await session.run({ start: new Float32Array(1) }, {
      watch(value) {
        if (value === started) start = performance.now();
        else if (value === y) seconds = Math.min(seconds, (performance.now() - start) / 1000);
      },
    });
  return { seconds, backend: session.backend };
}
