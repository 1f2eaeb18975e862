// Two projects: unit tests beside their sources, and browser tests, which drive a real Chromium from Node.
import { defineConfig } from "vitest/config";
import { kernelsPlugin } from "./tools/kernelsPlugin.mjs";

const sources = ["packages/*/src", "packages/kernels/test", "apps/*/src", "tools"];

export default defineConfig({
  plugins: [kernelsPlugin()],
  resolve: { tsconfigPaths: true }, // `sabok` and its subpaths are the sources, never dist
  test: {
    css: { include: [/\?raw$/] }, // Vitest empties style sheets unless told otherwise, those imported as text too
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: sources.map((path) => `${path}/**/*.test.ts`),
          exclude: ["**/*.browser.test.ts", "**/node_modules/**"],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: sources.map((path) => `${path}/**/*.browser.test.ts`),
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
