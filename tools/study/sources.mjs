// The library's sources for the scripts of this folder: any module of packages/sabok/src, loaded through Vite.
import { fileURLToPath } from "node:url";
import { createServer } from "vite";
import { kernelsPlugin } from "../kernelsPlugin.mjs";

/**
 * Opens the sources; `close` when done.
 * @returns {Promise<{ load: (path: string) => Promise<any>, close: () => Promise<void> }>} `load` takes a path below packages/sabok/src
 */
export async function openSources() {
  const server = await createServer({
    root: fileURLToPath(new URL("../..", import.meta.url)),
    configFile: false,
    logLevel: "error",
    plugins: [kernelsPlugin()],
    resolve: { tsconfigPaths: true },
    server: { middlewareMode: true, watch: null, ws: false },
    optimizeDeps: { noDiscovery: true },
  });
  return {
    load: (path) => server.ssrLoadModule(`/packages/sabok/src/${path}`),
    close: () => server.close(),
  };
}
