// What the rooms above may use of the core.
export * from "./errors.ts";
export * from "./linearAlgebra.ts";
export * from "./random.ts";
export * from "./tensor.ts";
