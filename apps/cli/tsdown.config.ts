// Builds the sabok command; the library and the terminal packages stay outside, imported by name.
import { defineConfig } from "tsdown";

export default defineConfig({
  entry: ["src/main.ts"],
  format: "esm",
  platform: "node",
  target: "node20.19",
  tsconfig: "../../tsconfig.json",
  fixedExtension: false,
  dts: false,
});
