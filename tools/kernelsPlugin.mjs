// A Vite plugin: the first import of the kernels builds them when their sources changed.
import { fileURLToPath } from "node:url";
import { buildKernels } from "../packages/kernels/build.mjs";

const kernels = fileURLToPath(new URL("../packages/kernels", import.meta.url)).replaceAll("\\", "/");

/** @type {Record<string, string>} */
const outputs = { "@sabok/kernels": "dist/index.js", "@sabok/kernels/training": "dist/training.js" };

/** @returns {import("vite").Plugin} */
export function kernelsPlugin() {
  /** @type {Promise<boolean> | undefined} */
  let building;
  return {
    name: "sabok-kernels",
    enforce: "pre",
    async resolveId(specifier) {
      const output = outputs[specifier];
      if (!output) return null;
      building ??= buildKernels();
      await building;
      return `${kernels}/${output}`;
    },
  };
}
