// Where the files that come with sabok are.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** sabok's own assets/, above this module both in the sources and in dist/. */
export function assetsFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "assets", "fashion-mnist")) && folder !== dirname(folder))
    folder = dirname(folder);
  return join(folder, "assets");
}
