// The least time a layer can take on this machine: the longer of its arithmetic at the machine's peak and its bytes at the
// machine's bandwidth (Williams et al., 2009). The peaks are measured once a process.
import { sizeOf } from "../core/index.ts";
import { isLeaf, shapeOf, type Graph, type Value } from "../graph/index.ts";
import { measurePeaks, type Peaks } from "../runtime/index.ts";
import { bandwidthAt } from "../runtime/peaks.ts";
import { batchOf, type Layer } from "./cost.ts";

/** The least seconds of a layer, and which of the two takes them. */
export interface RooflineTime {
  readonly seconds: number;
  readonly limit: "arithmetic" | "memory";
}

/** Bytes a layer moves for one image at least: its operands from outside and its result, in float32, weights among them. */
export function trafficOf(graph: Graph, { values }: Layer): number {
  const own = new Set(values);
  const operands = new Set(values.flatMap(({ inputs }) => inputs.filter((input) => !own.has(input))));
  const batch = batchOf(graph);
  const bytes = (value: Value): number =>
    (4 * sizeOf(shapeOf(value))) / (isLeaf(value) && value.op !== "input" ? 1 : batch);
  return [...operands, values.at(-1)!].reduce((sum, value) => sum + bytes(value), 0);
}

export function rooflineTime(macs: number, bytes: number, peaks: Peaks): RooflineTime {
  const [arithmetic, memory] = [(2 * macs) / peaks.flops, bytes / bandwidthAt(peaks, bytes)];
  return arithmetic > memory
    ? { seconds: arithmetic, limit: "arithmetic" }
    : { seconds: memory, limit: "memory" };
}

/** The least time of a whole network on a machine, and what that machine was measured to do. */
export interface PredictedTime {
  /** For one image, layer after layer. */
  readonly seconds: number;
  /** Of the seconds, those of layers that memory bounds. */
  readonly memoryShare: number;
  readonly macsPerByte: number;
  readonly threads: number;
  /** Two a multiply-accumulate, in cache. */
  readonly flopsPerSecond: number;
  /** Of the fastest copy, the one that stays in the first cache, and of the slowest, which stays in none. */
  readonly bytesPerSecond: { readonly most: number; readonly least: number };
}

/** The sum over layers of the longer of arithmetic and memory: a bound, reached by no real run. */
export function predictedTime(
  layers: readonly { readonly macs: number; readonly bytes: number }[],
  peaks: Peaks,
): PredictedTime {
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  const times = layers.map(({ macs, bytes }) => rooflineTime(macs, bytes, peaks));
  const seconds = sum(times.map((time) => time.seconds));
  const copies = peaks.copies.map(({ bytesPerSecond }) => bytesPerSecond);
  return {
    seconds,
    memoryShare:
      sum(times.map((time) => (time.limit === "memory" ? time.seconds : 0))) / Math.max(seconds, 1e-12),
    macsPerByte: sum(layers.map(({ macs }) => macs)) / Math.max(1, sum(layers.map(({ bytes }) => bytes))),
    threads: peaks.threads,
    flopsPerSecond: peaks.flops,
    bytesPerSecond: { most: Math.max(...copies), least: Math.min(...copies) },
  };
}

let measured: Promise<Peaks> | undefined;

/** The peaks of one thread of this machine; measured the first time they are asked for, in about a quarter of a second. */
export function machinePeaks(): Promise<Peaks> {
  return (measured ??= measurePeaks());
}
