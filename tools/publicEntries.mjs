// The subpaths of `sabok` and the source file behind each. package.json's exports are the one list; a subpath
// `./name` is src/name/index.ts, with the exceptions below. tsconfig.json's `paths` say the same to TypeScript.
import { readFileSync } from "node:fs";

/** @type {Record<string, string>} */
const exceptions = { ".": "src/index.ts", "./models": "src/nn/models/index.ts" };

const manifest = JSON.parse(readFileSync(new URL("../packages/sabok/package.json", import.meta.url), "utf8"));

/**
 * Output name (`index`, `models`, `train` …) to source path relative to packages/sabok.
 * @type {Record<string, string>}
 */
export const publicEntries = Object.fromEntries(
  Object.keys(manifest.exports)
    .filter((subpath) => !subpath.endsWith(".json"))
    .map((subpath) => {
      const name = subpath === "." ? "index" : subpath.slice("./".length);
      return [name, exceptions[subpath] ?? `src/${name}/index.ts`];
    }),
);
