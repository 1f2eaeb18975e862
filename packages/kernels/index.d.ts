// Written by hand, so that the type check needs no build; dist/index.js is made by build.mjs.

/** Base64 of the WebAssembly module built with SIMD and threads. */
export const kernelsSimd: string;

/** Base64 of the same sources built with relaxed SIMD too (`ASC_FEATURE_RELAXED_SIMD` is true in them). */
export const kernelsRelaxed: string;
