// How the Lab is built and served: `sabok` is its sources, and the server sends the headers that give the engine threads.
// `base` is relative, so that the built folder works under any path of any host.
import { defineConfig } from "vite";
import { isolationHeaders } from "../../tools/isolationHeaders.mjs";
import { kernelsPlugin } from "../../tools/kernelsPlugin.mjs";

export default defineConfig({
  base: "./",
  plugins: [kernelsPlugin()],
  resolve: { tsconfigPaths: true },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  worker: { format: "es", plugins: () => [kernelsPlugin()] },
  build: { target: "es2023", modulePreload: { polyfill: false }, chunkSizeWarningLimit: 700 },
  server: { headers: isolationHeaders },
  preview: { headers: isolationHeaders },
});
