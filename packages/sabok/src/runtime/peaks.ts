// What this machine can do at best with the library's own kernels: arithmetic in cache, and copying by working set.
import { GraphBuilder, type Graph } from "../graph/index.ts";
import { conv2d } from "../ops/index.ts";
import { createSession, type SessionOptions } from "./session.ts";
import { clockSteps } from "./clockSteps.ts";

export interface Peaks {
  /** Floating-point operations a second (two a multiply-accumulate) of a matrix product that stays in cache. */
  readonly flops: number;
  /** Bytes read and written a second by copies of growing working sets, the smallest in the first cache, the last in none. */
  readonly copies: readonly { readonly bytes: number; readonly bytesPerSecond: number }[];
  readonly threads: number;
}

/** The bytes a second of a copy that moves as many bytes, by interpolation over the logarithm of the size. */
export function bandwidthAt({ copies }: Peaks, bytes: number): number {
  const above = copies.findIndex((copy) => copy.bytes >= bytes);
  if (above === 0) return copies[0]!.bytesPerSecond;
  if (above < 0) return copies.at(-1)!.bytesPerSecond;
  const [low, high] = [copies[above - 1]!, copies[above]!];
  const share = Math.log(bytes / low.bytes) / Math.log(high.bytes / low.bytes);
  return low.bytesPerSecond ** (1 - share) * high.bytesPerSecond ** share;
}

const copySizes = [17, 20, 22, 24, 26].map((power) => 2 ** power);
/** The product's sizes; a thread has several images of it, so that waking the threads does not count. */
const product = { images: 4, pixels: 144, depth: 256, columns: 96 };

/** Measures both, the best of a few runs each; about a quarter of a second. */
export async function measurePeaks({ threads = 1 }: SessionOptions = {}): Promise<Peaks> {
  const { images, pixels, depth, columns } = product;
  const g = new GraphBuilder();
  const x = g.input("x", [images * threads, depth, pixels, 1]);
  const y = g.apply(conv2d, [x, g.parameter("w", [columns, depth, 1, 1], { kind: "constant", value: 0 })]);
  const seconds = await fastest(g.finish({ y }), { threads }, 200);
  const copies = [];
  for (const bytes of copySizes)
    copies.push({ bytes, bytesPerSecond: bytes / (await copySeconds(bytes, { threads })) });
  return { flops: (2 * images * threads * pixels * depth * columns) / seconds, copies, threads };
}

/** Seconds to read and write `bytes` in all: an update that copies an input into a state. */
async function copySeconds(bytes: number, options: SessionOptions): Promise<number> {
  const g = new GraphBuilder();
  const x = g.input("x", [bytes / 8]);
  g.update(g.buffer("y", [bytes / 8], { kind: "constant", value: 0 }), x);
  return fastest(g.finish({}), options, Math.max(4, Math.min(1000, 2 ** 27 / bytes)));
}

/** The shortest run of a graph. */
async function fastest(graph: Graph, options: SessionOptions, runs: number): Promise<number> {
  const session = await createSession(graph, options);
  const feeds = Object.fromEntries(
    Object.entries(graph.inputs).map(([name, { type }]) => [
      name,
      new Float32Array(type.shape.reduce((a, b) => a * b, 1)).fill(0.5),
    ]),
  );
  let best = Infinity;
  for (let i = 0; i < runs; i++) {
    const begins = await clockSteps(session, feeds);
    best = Math.min(best, begins.at(-1)! - begins[0]!);
  }
  session.close();
  return best / 1000;
}
