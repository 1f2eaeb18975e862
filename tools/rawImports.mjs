// A plugin for tsdown: `?raw` imports a file as text and `?inline` as a data URI, as Vite does by itself.
import { readFileSync } from "node:fs";
import { extname } from "node:path";

/** @type {Record<string, string>} */
const mediaTypes = { ".woff2": "font/woff2" };

/** @returns {import("rolldown").Plugin} */
export function rawImports() {
  return {
    name: "sabok-raw-imports",
    load: {
      filter: { id: /\?(raw|inline)$/ },
      handler(id) {
        const [path, kind] = id.split("?");
        const content = readFileSync(path);
        const text =
          kind === "raw"
            ? content.toString("utf8")
            : `data:${mediaTypes[extname(path)]};base64,${content.toString("base64")}`;
        return { code: `export default ${JSON.stringify(text)};`, moduleType: "js" };
      },
    },
  };
}
