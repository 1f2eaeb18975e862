// Which of the two builds is faster here, where the engine knows both: a few milliseconds of the product of matrices in each.
// Fused multiply-add wins wherever it is real; some engines emulate it or run short of registers with its larger tile.
import type { SimdLevel } from "./module.ts";

/** Rows, depth and columns of the product, which stays in the first cache. */
const [rows, depth, columns] = [48, 64, 64] as const;
/** Milliseconds in all: V8 has replaced its first code by better code well before. */
const budget = 12;
/** The plain build must be this much faster, or noise would decide and change the last bits from run to run. */
const margin = 1.15;

export async function fasterLevel(
  builds: Readonly<Record<SimdLevel, WebAssembly.Module>>,
): Promise<SimdLevel> {
  const [plain, fused] = await Promise.all([product(builds["simd"]), product(builds["relaxed-simd"])]);
  const [first, best] = [
    [timed(plain), timed(fused)],
    [Infinity, Infinity],
  ];
  const end = performance.now() + budget;
  // Both are compiled well when both have become twice as fast as at first.
  for (
    let runs = 0;
    performance.now() < end && !(runs > 40 && best.every((b, i) => 2 * b < first[i]!));
    runs++
  ) {
    best[0] = Math.min(best[0]!, timed(plain));
    best[1] = Math.min(best[1]!, timed(fused));
  }
  return best[1]! > margin * best[0]! ? "simd" : "relaxed-simd";
}

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
