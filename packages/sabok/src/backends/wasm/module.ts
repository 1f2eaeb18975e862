// The compiled kernels: which of the two builds this engine runs, and an instance over a memory.
import { kernelsRelaxed, kernelsSimd } from "@sabok/kernels";
import { SabokError } from "../../core/index.ts";

export type SimdLevel = "simd" | "relaxed-simd";

/** A kernel: an argument record and the units to work on. */
export type Kernel = (args: number, begin: number, end: number) => void;

export interface KernelInstance {
  readonly level: SimdLevel;
  /** For other threads to instantiate over the same memory. */
  readonly module: WebAssembly.Module;
  kernel(name: string): Kernel;
  setScratch(address: number): void;
}

let compiled: Promise<{ module: WebAssembly.Module; level: SimdLevel }> | undefined;

/** Compiles the kernels once for this process: with fused multiply-add where the engine knows it, else plain SIMD. */
export function compileKernels(): Promise<{ module: WebAssembly.Module; level: SimdLevel }> {
  return (compiled ??= compileBest());
}

async function compileBest(): Promise<{ module: WebAssembly.Module; level: SimdLevel }> {
  const relaxed = decodeBase64(kernelsRelaxed);
  if (WebAssembly.validate(relaxed))
    return { module: await WebAssembly.compile(relaxed), level: "relaxed-simd" };
  const simd = decodeBase64(kernelsSimd);
  if (!WebAssembly.validate(simd))
    throw new SabokError(
      "This JavaScript engine has no WebAssembly SIMD with threads; sabok's wasm backend needs Node 20.19 or a browser of 2022 or newer.",
    );
  return { module: await WebAssembly.compile(simd), level: "simd" };
}

/** An instance of the kernels that works on the given memory. */
export async function instantiateKernels(memory: WebAssembly.Memory): Promise<KernelInstance> {
  const { module, level } = await compileKernels();
  const { exports } = await WebAssembly.instantiate(module, { env: { memory, abort: abortKernel } });
  return {
    level,
    module,
    kernel(name) {
      const found = exports[name];
      if (typeof found !== "function") throw new Error(`sabok internal error: the kernels have no "${name}"`);
      return found as Kernel;
    },
    setScratch: exports["setScratch"] as (address: number) => void,
  };
}

function abortKernel(): never {
  throw new Error("sabok internal error: a kernel aborted");
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
