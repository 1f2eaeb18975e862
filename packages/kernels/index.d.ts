// Written by hand, so that the type check needs no build; dist/index.js and dist/training.js are made by build.mjs.
import type { PackedKernels } from "./unpackKernels.mjs";

/** A module of kernels in both builds; `unpackKernels` makes WebAssembly of it. */
export const kernels: PackedKernels;
