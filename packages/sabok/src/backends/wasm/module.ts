// The compiled kernels: which of the two builds this engine runs, and instances over a memory. Those of inference come with
// the library; those that only training needs are a module of their own, imported when a plan asks for one of them.
import { kernels as inferenceKernels } from "@sabok/kernels";
import { unpackKernels, type PackedKernels } from "@sabok/kernels/unpackKernels.mjs";
import { SabokError } from "../../core/index.ts";
import { fasterLevel } from "./fasterLevel.ts";

export type SimdLevel = "simd" | "relaxed-simd";

/** A kernel: an argument record and the units to work on. */
export type Kernel = (args: number, begin: number, end: number) => void;

export interface KernelInstance {
  readonly level: SimdLevel;
  /** For other threads to instantiate over the same memory. */
  readonly modules: readonly WebAssembly.Module[];
  kernel(name: string): Kernel;
  setScratch(address: number): void;
}

interface CompiledModule {
  readonly module: WebAssembly.Module;
  readonly level: SimdLevel;
}

/** Each module with how to get its bytes; the kernels of training are loaded when a plan first asks for one of them. */
const load = {
  inference: async () => inferenceKernels,
  training: async () => (await import("@sabok/kernels/training")).kernels,
};
const compiled = new Map<keyof typeof load, Promise<CompiledModule>>();

/** Compiles a module once for this process, all of them at the level that is chosen with the kernels of inference. */
export function compileKernels(part: keyof typeof load = "inference"): Promise<CompiledModule> {
  const known = compiled.get(part);
  if (known) return known;
  const compiling = part === "inference" ? load[part]().then(compileBest) : compileLike(part);
  compiled.set(part, compiling);
  return compiling;
}

/** The level by validation and, where both builds are valid, by a short timing. */
async function compileBest(packed: PackedKernels): Promise<CompiledModule> {
  const { simd, relaxed } = await unpackKernels(packed);
  if (!WebAssembly.validate(simd))
    throw new SabokError(
      "This JavaScript engine has no WebAssembly SIMD with threads; sabok's wasm backend needs Node 20.19 or a browser of 2022 or newer.",
    );
  const plain = await WebAssembly.compile(simd);
  if (!WebAssembly.validate(relaxed)) return { module: plain, level: "simd" };
  const builds = { simd: plain, "relaxed-simd": await WebAssembly.compile(relaxed) };
  const level = await fasterLevel(builds);
  return { module: builds[level], level };
}

async function compileLike(part: keyof typeof load): Promise<CompiledModule> {
  const [{ level }, packed] = await Promise.all([compileKernels("inference"), load[part]()]);
  const { simd, relaxed } = await unpackKernels(packed);
  return { module: await WebAssembly.compile(level === "simd" ? simd : relaxed), level };
}

/** Instances of the kernels that work on the given memory; `names` are those that will be asked for. */
export async function instantiateKernels(
  memory: WebAssembly.Memory,
  names: Iterable<string>,
): Promise<KernelInstance> {
  const parts = [await compileKernels("inference")];
  const known = new Set(WebAssembly.Module.exports(parts[0]!.module).map(({ name }) => name));
  if ([...names].some((name) => !known.has(name))) parts.push(await compileKernels("training"));
  const modules = parts.map(({ module }) => module);
  const instances = await Promise.all(
    modules.map((module) => WebAssembly.instantiate(module, { env: { memory, abort: abortKernel } })),
  );
  return {
    level: parts[0]!.level,
    modules,
    kernel(name) {
      const found = instances.find(({ exports }) => name in exports)?.exports[name];
      if (typeof found !== "function") throw new Error(`sabok internal error: the kernels have no "${name}"`);
      return found as Kernel;
    },
    setScratch(address) {
      for (const { exports } of instances) (exports["setScratch"] as (address: number) => void)(address);
    },
  };
}

function abortKernel(): never {
  throw new Error("sabok internal error: a kernel aborted");
}
