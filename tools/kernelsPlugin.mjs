// A Vite plugin: the first import of the kernels builds them when their sources changed.
import { fileURLToPath } from "node:url";
import { buildKernels } from "../packages/kernels/build.mjs";

const kernels = fileURLToPath(new URL("../packages/kernels", import.meta.url)).replaceAll("\\", "/");

/** @returns {import("vite").Plugin} */
export function kernelsPlugin() {
  /** @type {Promise<boolean> | undefined} */
  let building;
  return {
    name: "sabok-kernels",
    enforce: "pre",
    async resolveId(specifier, importer = "") {
      const local = specifier === "../dist/index.js" && importer.startsWith(kernels);
      if (specifier !== "@sabok/kernels" && !local) return null;
      building ??= buildKernels();
      await building;
      return `${kernels}/dist/index.js`;
    },
  };
}
