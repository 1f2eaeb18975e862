// What the rooms above may use of the graph.
export * from "./value.ts";
export * from "./operator.ts";
export * from "./graph.ts";
export * from "./builder.ts";
export * from "./rewrite.ts";
export * from "./print.ts";
export * from "./verify.ts";
