// What the rooms above may use of the core.
export * from "./errors.ts";
export * from "./linearAlgebra.ts";
export * from "./random.ts";
export { rankOf, singularValues } from "./singularValues.ts";
export * from "./tensor.ts";
