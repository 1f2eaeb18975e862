// The command's own version.
import { readFileSync } from "node:fs";

/** As its package.json says: dist/ and src/ stand both right below it. */
export function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
