// Builds the library: one entry a subpath, ES modules with declarations, the kernels carried inside.
import { defineConfig } from "tsdown";
import { publicEntries } from "../../tools/publicEntries.mjs";

export default defineConfig({
  entry: publicEntries,
  format: "esm",
  platform: "neutral",
  target: "es2023",
  tsconfig: "../../tsconfig.json",
  dts: true,
  sourcemap: true,
  fixedExtension: false,
  deps: { neverBundle: [/^node:/] },
});
