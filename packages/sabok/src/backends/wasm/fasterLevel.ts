// Which of the two builds is faster here, where the engine knows both: a few milliseconds of the product of matrices in each.
// Fused multiply-add wins wherever it is real; some engines emulate it or run short of registers with its larger tile.
import type { SimdLevel } from "./module.ts";

/** Rows, depth and columns of the product, which stays in the first cache. */
const [rows, depth, columns] = [48, 64, 64] as const;
/** Milliseconds in all: V8 has replaced its first code by better code well before. */
const budget = 20;
/** The plain build must be this much faster, or noise would decide and change the last bits from run to run. */
const margin = 1.15;
/** Runs of each once both are compiled well: one alone may have been held up. */
const runsAfter = 50;
/** No engine's first code is so much slower than its best: where that is not out yet, less says nothing. */
const beyondCompilers = 10;

export async function fasterLevel(
  builds: Readonly<Record<SimdLevel, WebAssembly.Module>>,
): Promise<SimdLevel> {
  const [plain, fused] = await Promise.all([product(builds["simd"]), product(builds["relaxed-simd"])]);
  // The engine's first code: the shortest of a few runs after one that also compiled it.
  for (const run of [plain, fused]) run();
  const first = [plain, fused].map((run) => least([timed(run), timed(run), timed(run)]));
  const best = [Infinity, Infinity];
  const end = performance.now() + budget;
  // The engine's best code is out for both when both have become that much faster; a few runs of it are then enough.
  const settled = (): boolean => best.every((time, i) => 1.6 * time < first[i]!);
  let after = 0;
  while (after < runsAfter && performance.now() < end) {
    best[0] = Math.min(best[0]!, timed(plain));
    best[1] = Math.min(best[1]!, timed(fused));
    if (settled()) after++;
  }
  return best[1]! > (after === runsAfter ? margin : beyondCompilers) * best[0]! ? "simd" : "relaxed-simd";
}

const least = (times: readonly number[]): number => Math.min(...times);

function timed(run: () => void): number {
  const begin = performance.now();
  run();
  return performance.now() - begin;
}

/** The product as a call, over a memory of its own. */
async function product(module: WebAssembly.Module): Promise<() => void> {
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 4, shared: true });
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const [x, panels] = [65536, 65536 + 4 * rows * depth];
  const y = panels + 4 * depth * columns;
  const record = y + 4 * rows * columns;
  // The arguments of assembly/gemm.ts: no bias, no residual, no activation, all of it one unit.
  const args = [x, panels, y, 0, 0, rows, depth, columns, depth, columns, 0, 0, 0, 0, rows, columns / 8];
  new Int32Array(memory.buffer, record, args.length).set(args);
  const gemm = exports["gemm"] as (args: number, begin: number, end: number) => void;
  return () => gemm(record, 0, 1);
}
