// Runs kernels the way the plan does, and checks what must hold for every one of them: any splitting of the units gives the
// same bits, and nothing outside the buffers is written. Canaries are NaN, so that reading one shows in a result.
import { expect } from "vitest";
import { kernels as inferenceKernels } from "@sabok/kernels";
import { kernels as trainingKernels } from "@sabok/kernels/training";
import { unpackKernels } from "../unpackKernels.mjs";

type Kernel = (args: number, begin: number, end: number) => void;

export interface Buffer {
  readonly pointer: number;
  readonly data: Float32Array;
}
export type Argument = Buffer | { readonly i32: number } | { readonly f32: number };
export type Step = readonly [kernel: string, units: number, args: readonly Argument[]];

export const i = (value: number): Argument => ({ i32: value });
export const f = (value: number): Argument => ({ f32: value });
export const none: Argument = { i32: 0 };

const canary = 0x7fc0dead;
const scratchBytes = 1 << 20;

const modules = await Promise.all(
  [inferenceKernels, trainingKernels].map(async (packed) => (await unpackKernels(packed)).simd),
);

export class Bench {
  readonly #memory = new WebAssembly.Memory({ initial: 512, maximum: 65536, shared: true });
  readonly #kernels: Record<string, Kernel> = {};
  readonly #guards: number[] = [];
  readonly #scratch: number;
  #top = 1 << 16;

  constructor() {
    this.#scratch = this.#top;
    this.#top += scratchBytes;
    for (const bytes of modules) {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
        env: { memory: this.#memory },
      });
      (exports["setScratch"] as (pointer: number) => void)(this.#scratch);
      Object.assign(this.#kernels, exports);
    }
  }

  /** Frees all buffers. */
  reset(): void {
    this.#top = (1 << 16) + scratchBytes;
    this.#guards.length = 0;
  }

  #guard(): void {
    new Uint32Array(this.#memory.buffer, this.#top, 16).fill(canary);
    this.#guards.push(this.#top);
    this.#top += 64;
  }

  /** A buffer of `count` f32 (NaN unless data are given), with canaries around it. */
  buffer(count: number, data?: ArrayLike<number>): Buffer {
    this.#guard();
    const pointer = this.#top;
    this.#top += count * 4;
    const view = new Float32Array(this.#memory.buffer, pointer, count);
    if (data) view.set(data);
    else view.fill(Number.NaN);
    // The canary follows at the next word; what is left up to 64 bytes is guarded too.
    const gap = (64 - (this.#top % 64)) % 64;
    new Uint32Array(this.#memory.buffer, this.#top, gap / 4).fill(canary);
    this.#guards.push(-this.#top);
    this.#top += gap;
    this.#guard();
    return { pointer, data: view };
  }

  /** Runs the steps under several splittings of their units; they must leave the same bits. */
  run(steps: readonly Step[]): void {
    const start = (1 << 16) + scratchBytes;
    const records = steps.map(([, , args]) => this.#record(args));
    const region = new Uint8Array(this.#memory.buffer, start, this.#top - start);
    const before = region.slice();
    let first: Uint8Array | undefined;
    for (const splitting of [whole, backwards, uneven]) {
      region.set(before);
      new Float32Array(this.#memory.buffer, this.#scratch, scratchBytes / 4).fill(Number.NaN);
      steps.forEach(([name, units], at) => {
        const kernel = this.#kernels[name];
        if (!kernel) throw new Error(`no kernel ${name}`);
        for (const [begin, end] of splitting(units)) kernel(records[at]!, begin, end);
      });
      if (first) expect(sameBytes(first, region), `${steps[0]![0]}: splitting changes bits`).toBe(true);
      else first = region.slice();
    }
    this.#checkGuards(steps[0]![0]);
  }

  /** Calls a kernel once, for measurements. */
  call(name: string, units: number, args: readonly Argument[]): () => void {
    const record = this.#record(args);
    const kernel = this.#kernels[name]!;
    return () => kernel(record, 0, units);
  }

  #record(args: readonly Argument[]): number {
    const record = this.#top;
    this.#top += Math.ceil((args.length * 4) / 64) * 64;
    const view = new DataView(this.#memory.buffer, record);
    args.forEach((argument, slot) => {
      if ("pointer" in argument) view.setUint32(slot * 4, argument.pointer, true);
      else if ("i32" in argument) view.setInt32(slot * 4, argument.i32, true);
      else view.setFloat32(slot * 4, argument.f32, true);
    });
    return record;
  }

  #checkGuards(name: string): void {
    for (const guard of this.#guards) {
      const at = Math.abs(guard);
      const words = guard < 0 ? ((64 - (at % 64)) % 64) / 4 : 16;
      for (const word of new Uint32Array(this.#memory.buffer, at, words))
        if (word !== canary) expect.fail(`${name} wrote outside its buffers`);
    }
  }
}

function whole(units: number): [number, number][] {
  return [[0, units]];
}

function backwards(units: number): [number, number][] {
  return Array.from({ length: units }, (_, k) => [units - 1 - k, units - k]);
}

function uneven(units: number): [number, number][] {
  const pieces: [number, number][] = [];
  for (let at = 0, size = 1; at < units; at += size, size = (size * 2 + 1) % 7) {
    size = Math.max(size, 1);
    pieces.push([at, Math.min(at + size, units)]);
  }
  return pieces.reverse();
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, at) => byte === b[at]);

/** Seeded numbers, roughly normal, rounded to f32. */
export function random(count: number, seed: number): Float32Array {
  let state = seed * 2654435761 + 12345;
  const next = (): number => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return (state >>> 0) / 4294967296;
  };
  return Float32Array.from({ length: count }, () => (next() + next() + next() + next() - 2) * 1.7);
}

/** Largest difference, relative to the size of the expected numbers. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  expect(actual.length).toBe(expected.length);
  for (let k = 0; k < actual.length; k++) {
    const a = actual[k]!;
    const b = expected[k]!;
    const same = Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));
    if (!same) expect.fail(`${what}[${k}]: got ${a}, expected ${b}`);
  }
}
