// Builds the library: one entry a subpath, ES modules with declarations, the kernels carried inside.
import { defineConfig } from "tsdown";
import { leaveOutSamples } from "../../tools/leaveOutSamples.mjs";
import { publicEntries } from "../../tools/publicEntries.mjs";
import { rawImports } from "../../tools/rawImports.mjs";

export default defineConfig({
  entry: publicEntries,
  format: "esm",
  platform: "neutral",
  target: "es2023",
  tsconfig: "../../tsconfig.json",
  dts: true,
  sourcemap: true,
  fixedExtension: false,
  plugins: [rawImports(), leaveOutSamples()],
  // What every use of the engine loads is one file: Node takes half a millisecond for each.
  outputOptions: {
    advancedChunks: {
      groups: [{ name: "engine", test: /src\/(core|graph|ops|passes|autodiff|backends|runtime)\// }],
    },
  },
  deps: { neverBundle: [/^node:/], alwaysBundle: [/\?(raw|inline)$/] },
});
