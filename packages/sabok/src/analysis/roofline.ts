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

let measured: Promise<Peaks> | undefined;

/** The peaks of one thread of this machine; measured the first time they are asked for, in about a quarter of a second. */
export function machinePeaks(): Promise<Peaks> {
  return (measured ??= measurePeaks());
}
