// A bench for kernels: one memory, buffers between canaries, and steps run in any splitting of their units.
import { kernels as inferenceKernels } from "@sabok/kernels";
import { kernels as trainingKernels } from "@sabok/kernels/training";
import { unpackKernels } from "../unpackKernels.mjs";

type Kernel = (args: number, begin: number, end: number) => void;
export type Slot = number | { readonly f32: number };
export interface Buffer {
  readonly at: number;
  readonly floats: Float32Array;
}

/** Bytes after each buffer that a kernel may read but never write. They hold NaN. */
const CANARY = 64;

const [inference, training] = await Promise.all([inferenceKernels, trainingKernels].map(unpackKernels));

/** Both modules of each build that this engine validates (Node 20 has no relaxed SIMD). */
export const builds = (["simd", "relaxed"] as const)
  .map((level) => [level, [inference![level], training![level]]] as const)
  .filter(([, modules]) => modules.every((bytes) => WebAssembly.validate(bytes)));

export class Machine {
  private readonly memory = new WebAssembly.Memory({ initial: 1024, maximum: 65536, shared: true });
  private readonly exports: Record<string, Kernel> = {};
  private readonly instances: readonly WebAssembly.Instance[];
  private readonly canaries: number[] = [];
  private readonly random: () => number;
  private top = 1 << 16;

  constructor(modules: readonly Uint8Array<ArrayBuffer>[], random: () => number) {
    this.instances = modules.map(
      (bytes) => new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory: this.memory } }),
    );
    for (const { exports } of this.instances) Object.assign(this.exports, exports);
    this.random = random;
  }

  buffer(contents: number | Float32Array): Buffer {
    const length = typeof contents === "number" ? contents : contents.length;
    const at = this.top;
    const end = at + length * 4;
    this.top = (end + CANARY + 63) & ~63;
    const missing = this.top - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / 65536));
    new Uint8Array(this.memory.buffer, end, this.top - end).fill(0xff);
    this.canaries.push(end);
    const floats = new Float32Array(this.memory.buffer, at, length);
    if (typeof contents === "number") floats.fill(NaN);
    else floats.set(contents);
    return { at, floats };
  }

  /** Runs a step in ranges of random length and random order; scratch and its canary are made for it. */
  run(kernel: string, units: number, args: readonly Slot[], scratchBytes = 0): void {
    const record = this.buffer(args.length);
    const view = new DataView(this.memory.buffer, record.at);
    for (const [i, slot] of args.entries())
      if (typeof slot === "number") view.setInt32(i * 4, slot, true);
      else view.setFloat32(i * 4, slot.f32, true);
    const ranges: [number, number][] = [];
    for (let begin = 0; begin < units;) {
      const end = Math.min(units, begin + 1 + Math.floor(this.random() * 4));
      ranges.push([begin, end]);
      begin = end;
    }
    ranges.sort(() => this.random() - 0.5);
    const scratch = this.buffer(Math.ceil(scratchBytes / 4)).at;
    for (const { exports } of this.instances) (exports["setScratch"] as Kernel)(scratch, 0, 0);
    for (const [begin, end] of ranges) this.exports[kernel]!(record.at, begin, end);
  }

  /** The number of canaries that a kernel wrote into. */
  broken(): number {
    const bytes = new Uint8Array(this.memory.buffer);
    return this.canaries.filter((at) => bytes.subarray(at, at + CANARY).some((byte) => byte !== 0xff)).length;
  }

  reset(): void {
    this.top = 1 << 16;
    this.canaries.length = 0;
  }
}
