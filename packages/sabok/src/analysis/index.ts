// What can be said about a network without running it.
export { countMacs, countParameters, layerTable, type LayerRow, type LayerTable } from "./cost.ts";
export * from "./design/index.ts";
